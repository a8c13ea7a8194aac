// Answers cases with the unmodified SDK: `node lib/reference.mjs CASES ANSWERS`, the Backend API in CLERK_API_URL.
//
// Three things around the SDK are replaced, nothing inside it: the clock by the case's `now`, the console by silence,
// and the waiting between its retries by none.
import { readFileSync, writeFileSync } from 'node:fs';
import { createClerkClient } from '@clerk/backend';

const apiUrl = process.env.CLERK_API_URL;
const [casesFile, answersFile] = process.argv.slice(2);

const wait = globalThis.setTimeout;
globalThis.setTimeout = (work, delay, ...rest) => wait(work, delay < 5000 ? 0 : delay, ...rest);
for (const name of ['debug', 'error', 'info', 'log', 'warn']) console[name] = () => {};
let now = 0;
Date.now = () => now;

const answers = [];
for (const line of readFileSync(casesFile, 'utf8').split('\n')) {
  if (line) answers.push(JSON.stringify(await answer(JSON.parse(line))));
}
writeFileSync(answersFile, answers.map((text) => `${text}\n`).join(''));
process.exit(0);

async function answer({ id, method, url, headers, options, now: instant, has }) {
  now = instant;
  try {
    const request = new Request(url, { method, headers });
    const client = createClerkClient({ ...keysOf(options), apiUrl, telemetry: { disabled: true } });
    const state = await client.authenticateRequest(request, { ...keysOf(options), ...rulesOf(options) });
    return { id, ...told(state, has) };
  } catch (error) {
    return { id, error: error.message.split('\n')[0] };
  }
}

function told(state, has) {
  const auth = state.toAuth();
  const answer = {
    status: state.status,
    reason: state.reason,
    location: state.headers.get('location'),
    set_cookie: state.headers.getSetCookie(),
    user_id: auth?.userId ?? null,
    session_id: auth?.sessionId ?? null,
    org_id: auth?.orgId ?? null,
    auth: auth ? JSON.parse(JSON.stringify(auth)) : null,
  };
  return has ? { ...answer, has: has.map((params) => asked(auth, params)) } : answer;
}

function asked(auth, params) {
  try {
    return auth ? auth.has(params) : false;
  } catch {
    return 'throws';
  }
}

function keysOf(options) {
  return {
    publishableKey: options.publishable_key,
    secretKey: options.secret_key,
    machineSecretKey: options.machine_secret_key,
    jwtKey: options.jwt_key,
    isSatellite: options.is_satellite,
    domain: options.domain,
    proxyUrl: options.proxy_url,
    audience: options.audience,
  };
}

function rulesOf(options) {
  return {
    signInUrl: options.sign_in_url,
    satelliteAutoSync: options.satellite_auto_sync,
    authorizedParties: options.authorized_parties,
    organizationSyncOptions: options.organization_sync_options,
    acceptsToken: options.accepts_token,
  };
}
