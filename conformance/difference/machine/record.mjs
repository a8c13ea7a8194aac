// Records what the unmodified SDK answers to tokens of programs, for the tests of our own:
//   node conformance/difference/machine/record.mjs > crates/frontdesk/tests/fixtures/machine.jsonl
// One line a token: how it is shown, what the Backend API says to it, and the different answers: the kinds that were
// accepted, the auth object as text, whether it gives the token itself, and what was asked.
import { createServer } from 'node:http';
import { createClerkClient } from '@clerk/backend';
import { NOW, PUBLIC_PEM, jwk } from '../lib/tokens.mjs';
import { tokens } from './tokens.mjs';

const ACCEPTS = [
  'session_token',
  'api_key',
  'm2m_token',
  'oauth_token',
  ['session_token'],
  ['api_key'],
  ['m2m_token'],
  ['oauth_token'],
  ['session_token', 'api_key'],
  ['api_key', 'm2m_token', 'oauth_token'],
  [],
  'any',
];

const NOT_FOUND = { status: 404, body: { errors: [{ code: 'resource_not_found', message: 'not found' }] } };
let answering;
let calls = [];

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url === '/v1/jwks') return send(response, { body: { keys: [jwk()] } });
    calls.push(`${request.method} ${request.url} ${request.headers.authorization} ${Buffer.concat(chunks)}`);
    send(response, answering ?? NOT_FOUND);
  });
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const apiUrl = `http://127.0.0.1:${server.address().port}`;

const print = console.log;
for (const name of ['debug', 'error', 'info', 'log', 'warn']) console[name] = () => {};
Date.now = () => NOW * 1000;
print(JSON.stringify({ now: NOW * 1000, jwks: { keys: [jwk()] }, jwt_key: PUBLIC_PEM }));
for (const { name, headers = {}, options = {}, backend, stricter } of tokens()) {
  answering = backend;
  const answers = new Map();
  for (const accepts of ACCEPTS) {
    const given = JSON.stringify(await answer(headers, options, accepts));
    answers.set(given, [...(answers.get(given) ?? []), accepts]);
  }
  const grouped = [...answers].map(([given, accepts]) => ({ accepts, ...JSON.parse(given) }));
  print(JSON.stringify({ name, headers, options, backend, stricter, answers: grouped }));
}
process.exit(0);

async function answer(headers, options, acceptsToken) {
  calls = [];
  const keys = {
    publishableKey: 'pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk',
    secretKey: 'sk_live_main',
    jwtKey: options.jwt_key ? PUBLIC_PEM : undefined,
    machineSecretKey: options.machine_secret_key,
    audience: options.audience,
    authorizedParties: options.authorized_parties,
  };
  try {
    const client = createClerkClient({ ...keys, apiUrl, telemetry: { disabled: true } });
    const request = new Request('http://app.test/orders', { headers: { host: 'app.test', ...headers } });
    const state = await client.authenticateRequest(request, { ...keys, acceptsToken });
    const auth = state.toAuth();
    const token = await auth.getToken();
    const itself = token !== null && headers.authorization?.endsWith(token);
    return { status: state.status, reason: state.reason, auth: JSON.stringify(auth), itself, calls };
  } catch (error) {
    return { error: error.message, calls };
  }
}

function send(response, { status = 200, body, text, drop }) {
  if (drop) return response.socket.destroy();
  response.statusCode = status;
  response.setHeader('content-type', text === undefined ? 'application/json' : 'text/html');
  response.end(text ?? JSON.stringify(body));
}
