// The whole walk of one Node SDK.
import { domainsWalk } from './domains.mjs';
import { emailAddressesWalk } from './email-addresses.mjs';
import { instanceWalk } from './instance.mjs';
import { sessionsWalk } from './sessions.mjs';
import { ticketsWalk } from './tickets.mjs';
import { usersWalk } from './users.mjs';
import { Checks, runCheck } from '../lib/checks.mjs';
import { Expected, statesOf } from '../lib/expected.mjs';
import { Relay } from '../lib/relay.mjs';
import { Sdk } from '../lib/sdk.mjs';
import { World } from '../lib/world.mjs';

const WALKS = [usersWalk, emailAddressesWalk, sessionsWalk, ticketsWalk, instanceWalk, domainsWalk];

/** Walks one SDK; gives `{ about, outcomes, states, expected }`. */
export async function walk(name, server, { filter }) {
  const instance = await server.instance(`walk-${name.replace(/\W/g, '-')}`);
  const relay = new Relay();
  await relay.open(server.url);
  try {
    const sdk = new Sdk(name, { apiUrl: relay.url, secretKey: instance.secret_key, publishableKey: instance.publishable_key });
    const world = new World({ sdk, instance, serverUrl: server.url, relay });
    const checks = new Checks();
    for (const add of WALKS) add(checks, world);
    const expected = new Expected(name);
    const outcomes = [];
    for (const check of checks.list) {
      if (!sdk.has(check.needs) || (filter && !check.name.includes(filter))) continue;
      outcomes.push(await runCheck(check, relay));
    }
    const probes = filter ? [] : await probe(sdk, relay, outcomes);
    return { name, about: sdk.package, outcomes, states: statesOf(outcomes, probes), expected };
  } finally {
    relay.close();
  }
}

/** Calls every method that no check called, with arguments that mean nothing, to see that the server lacks it. */
async function probe(sdk, relay, outcomes) {
  const mark = relay.exchanges.length;
  for (const method of sdk.methods()) {
    if (sdk.called.has(method)) continue;
    const before = relay.exchanges.length;
    const [api, name] = method.split('.');
    for (const given of attempts()) {
      await Promise.resolve()
        .then(() => sdk.client[api][name](...given))
        .catch(() => {});
      if (relay.exchanges.length > before) break;
    }
    if (relay.exchanges.length === before) outcomes.push({ name: `${method} is asked at all`, outcome: 'failed', error: 'no request was made', exchanges: [] });
  }
  return relay.since(mark);
}

/** Arguments to try one after the other, until the SDK finds them good enough to send. */
function attempts() {
  const date = { extendTo: new Date(0) };
  const mail = { to: { address: 'a@example.com' }, from: { address: 'b@example.com' }, subject: 'c', text: 'd' };
  const token = { m2mTokenId: 'none' };
  return [['none', 'none'], [token], ['none', anything()], [anything()], ['none', date], ['none', [anything()]], [[anything()]], [[mail]]];
}

/** An object that answers `none` whatever member is read. */
function anything() {
  return new Proxy({}, { get: (_, name) => (typeof name === 'string' && name !== 'then' && name !== 'toJSON' ? 'none' : undefined) });
}
