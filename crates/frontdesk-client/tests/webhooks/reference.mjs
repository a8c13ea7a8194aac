// What the pinned @clerk/backend makes of webhooks: writes reference.jsonl, one case a line.
//
//   npm ci --prefix conformance/seed-page/next
//   node crates/frontdesk-client/tests/webhooks/reference.mjs conformance/seed-page/next > \
//     crates/frontdesk-client/tests/webhooks/reference.jsonl
//
// Time stands still at NOW, so that the file is the same on every run.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const require = createRequire(resolve(process.argv[2], 'package.json'));
const { verifyWebhook } = require('@clerk/backend/webhooks');
const { Webhook } = createRequire(require.resolve('@clerk/backend'))('standardwebhooks');

const NOW = 1795417200;
Date.now = () => NOW * 1000;

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const other = 'whsec_' + Buffer.alloc(32, 7).toString('base64');
const id = 'msg_2nZ0Xq';
const user = JSON.stringify({
  object: 'event',
  type: 'user.created',
  timestamp: NOW * 1000,
  instance_id: 'ins_2nZ0',
  event_attributes: { http_request: { client_ip: '192.0.2.1', user_agent: 'Mozilla/5.0' } },
  data: { object: 'user', id: 'user_2nZ0', first_name: 'Zoë', email_addresses: [], created_at: NOW * 1000 },
});
const unknown = JSON.stringify({ object: 'event', type: 'brand.new', data: { a: [1, 2] } });
const sign = (key, at, body, message = id) => new Webhook(key).sign(message, new Date(at * 1000), body);
const genuine = { secret, id, timestamp: String(NOW), signature: sign(secret, NOW, user), body: user };
const at = seconds => ({ timestamp: String(NOW + seconds), signature: sign(secret, NOW + seconds, user) });

const cases = {
  'genuine': {},
  'genuine, unknown type': { body: unknown, signature: sign(secret, NOW, unknown) },
  'genuine, secret without prefix': { secret: secret.slice('whsec_'.length) },
  'genuine, other secret': { secret: other, signature: sign(other, NOW, user) },
  'genuine, 300 s old': at(-300),
  'genuine, 300 s ahead': at(300),
  '301 s old': at(-301),
  '301 s ahead': at(301),
  'second of two signatures': { signature: `${sign(other, NOW, user)} ${sign(secret, NOW, user)}` },
  'version unknown': { signature: sign(secret, NOW, user).replace('v1,', 'v2,') },
  'version unknown, then known': { signature: `v1a,AAAA ${sign(secret, NOW, user)}` },
  'spaces around': { id: ` ${id} `, timestamp: ` ${NOW} `, signature: ` ${sign(secret, NOW, user)} ` },
  'signed with another secret': { signature: sign(other, NOW, user) },
  'signed for another message': { signature: sign(secret, NOW, user, 'msg_other') },
  'signed for another time': { signature: sign(secret, NOW - 1, user) },
  'body changed': { body: user.replace('Zoë', 'Eve') },
  'body with a space more': { body: user + ' ' },
  'signature empty': { signature: 'v1,' },
  'signature truncated': { signature: sign(secret, NOW, user).slice(0, -4) },
  'signature without padding': { signature: sign(secret, NOW, user).replace(/=+$/, '') },
  'signature without version': { signature: sign(secret, NOW, user).slice(3) },
  'signatures separated by a comma': { signature: `${sign(other, NOW, user)},${sign(secret, NOW, user)}` },
  'time is a word': { timestamp: 'now' },
  'time has a fraction': { timestamp: `${NOW}.5` },
  'time has letters behind it': { timestamp: `${NOW}s` },
  'time has a sign': { timestamp: `+${NOW}` },
  'no id': { id: null },
  'no time': { timestamp: null },
  'no signature': { signature: null },
  'standard names instead of svix': { names: 'webhook' },
  'genuine, but no JSON': { body: 'hello', signature: sign(secret, NOW, 'hello') },
  'genuine, but empty': { body: '', signature: sign(secret, NOW, '') },
  'secret is no base64': { secret: 'whsec_!!!' },
  'secret is empty': { secret: 'whsec_' },
};

for (const [name, change] of Object.entries(cases)) {
  const { names = 'svix', ...given } = { ...genuine, ...change };
  const headers = Object.fromEntries(
    ['id', 'timestamp', 'signature'].filter(key => given[key] !== null).map(key => [`${names}-${key}`, given[key]]),
  );
  const request = new Request('https://shop.example.com/webhooks', { method: 'POST', headers, body: given.body });
  let answer;
  try {
    answer = { type: (await verifyWebhook(request, { signingSecret: given.secret })).type };
  } catch {
    answer = { refused: true };
  }
  console.log(JSON.stringify({ name, now: NOW, secret: given.secret, headers, body: given.body, answer }));
}
