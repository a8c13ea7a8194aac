// The Backend API that both sides ask, played from a table: the nonce, the token or the secret key names the answer.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { jwk } from './tokens.mjs';

const NOT_FOUND = { status: 404, body: { errors: [{ code: 'resource_not_found', message: 'not found' }] } };
const KEY_INVALID = { status: 401, body: { errors: [{ code: 'clerk_key_invalid', message: 'The key is invalid.' }] } };

/** What each secret key is told when it asks for the JWKS: the part of the key after `sk_test_` or `sk_live_`. */
const KEY_SETS = {
  main: { status: 200, body: { keys: [jwk()] } },
  many: { status: 200, body: { keys: [jwk('foreign', { kid: 'key_0' }), jwk(), jwk('instance', { kid: 'key_512', alg: 'RS512' })] } },
  foreign: { status: 200, body: { keys: [jwk('foreign')] } },
  empty: { status: 200, body: { keys: [] } },
  revoked: KEY_INVALID,
  failing: { status: 500, body: { errors: [{ code: 'internal_clerk_error', message: 'oops' }] } },
  garbled: { status: 502, text: '<html>Bad gateway</html>' },
  gone: { drop: true },
};

/** An empty table; the generator adds what its cases will ask for. */
export function emptyTable() {
  const table = {};
  for (const [name, answer] of Object.entries(KEY_SETS)) {
    for (const prefix of ['sk_test_', 'sk_live_']) table[`jwks ${prefix}${name}`] = answer;
  }
  return table;
}

/** Starts the API; `address` for the two sides, `calls` has what they asked for, by the table's names. */
export async function startBackend(table, { log } = {}) {
  const calls = new Map();
  const server = createServer({ maxHeaderSize: 1 << 20 }, (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString()));
  });
  server.keepAliveTimeout = 60_000;

  function answer(request, response, body) {
    const bearer = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const { name, asked } = question(request, bearer, body);
    if (log) appendFileSync(log, `${JSON.stringify({ name, asked })}\n`);
    if (name && !name.startsWith('jwks ')) calls.set(name, asked);
    send(response, bearer ? (table[name] ?? NOT_FOUND) : KEY_INVALID);
  }

  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    calls,
    close: () => new Promise((done) => (server.close(done), server.closeAllConnections())),
  };
}

/** The name of the table's row, and what was asked beyond it. */
function question(request, bearer, body) {
  const url = new URL(request.url, 'http://backend.test');
  const asked = { method: request.method, path: url.pathname + url.search, key: bearer, body: parsed(body) };
  const route = `${request.method} ${url.pathname}`;
  if (route === 'GET /v1/jwks') return { name: `jwks ${bearer}`, asked };
  if (route === 'GET /v1/clients/handshake_payload') return { name: `handshake ${url.searchParams.get('nonce')}`, asked };
  if (/^POST \/v1\/sessions\/[^/]+\/refresh$/.test(route)) return { name: `refresh ${asked.body?.refresh_token}`, asked };
  if (route === 'POST /api_keys/verify') return { name: `api_key ${asked.body?.secret}`, asked };
  if (route === 'POST /m2m_tokens/verify') return { name: `m2m_token ${asked.body?.token}`, asked };
  if (route === 'POST /oauth_applications/access_tokens/verify') return { name: `oauth_token ${asked.body?.access_token}`, asked };
  return { name: null, asked };
}

function send(response, { status = 200, body, text, drop }) {
  if (drop) {
    response.socket.destroy();
    return;
  }
  response.statusCode = status;
  response.setHeader('content-type', text === undefined ? 'application/json' : 'text/html');
  response.end(text ?? JSON.stringify(body));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
