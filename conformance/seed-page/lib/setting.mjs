// Where the driver finds the app, the server and the databases: command line first, environment second.
import { parseArgs, parseEnv } from 'node:util';
import { readFileSync } from 'node:fs';
import { Backend, Frontend } from './frontdesk.mjs';

const OPTIONS = {
  'app-kind': { type: 'string' }, // legacy, current, rust or grpc
  'app-url': { type: 'string' }, // base URL of the app, on localhost
  'server-env': { type: 'string' }, // the file that `frontdesk dev --env-file` wrote (Node keeps that name for itself)
  'frontend-url': { type: 'string' }, // where scripts of the app find the Frontend API; the server's URL if absent
  'doorway-url': { type: 'string' }, // legacy only, see doorway.mjs
  'second-secret-key': { type: 'string' }, // secret key of another instance of the same server
  'rls-database-url': { type: 'string' }, // a PostgreSQL in which a role and a schema may be made
};

/** What each line's clerk-js says about itself on every Frontend API call. */
const VERSIONS = {
  legacy: { _clerk_js_version: '4.73.8' },
  current: { __clerk_api_version: '2026-08-20', _clerk_js_version: '6.40.0' },
  rust: { __clerk_api_version: '2026-05-12', _clerk_js_version: '6.29.3' },
  grpc: { __clerk_api_version: '2026-05-12', _clerk_js_version: '6.29.3' },
};

export function readSetting() {
  const { values } = parseArgs({ options: OPTIONS });
  const file = values['server-env'] ? parseEnv(readFileSync(values['server-env'], 'utf8')) : {};
  const given = (name) => file[name] ?? process.env[name] ?? fail(`${name} is missing`);
  const option = (name) => values[name] ?? process.env[name.toUpperCase().replaceAll('-', '_')];
  const needed = (name) => option(name) ?? fail(`--${name} is missing`);

  const kind = needed('app-kind');
  if (!(kind in VERSIONS)) fail(`--app-kind is legacy, current, rust or grpc, not ${kind}`);
  const serverUrl = given('FRONTDESK_URL').replace(/\/$/, '');
  const appUrl = needed('app-url').replace(/\/$/, '');
  const publishableKey = given('FRONTDESK_PUBLISHABLE_KEY');
  const keyHost = Buffer.from(publishableKey.split('_')[2], 'base64').toString().slice(0, -1);
  return {
    kind,
    appUrl,
    serverUrl,
    publishableKey,
    issuer: `https://${keyHost}`,
    backend: new Backend(serverUrl, given('FRONTDESK_SECRET_KEY')),
    secondBackend: new Backend(serverUrl, needed('second-secret-key')),
    frontend: new Frontend(option('frontend-url') ?? serverUrl, new URL(appUrl).origin, VERSIONS[kind]),
    doorwayUrl: kind === 'legacy' ? needed('doorway-url') : null,
    databaseUrl: needed('rls-database-url'),
    /** The API version whose session tokens this app's SDK asks for: the 4.x line names none. */
    tokenVersion: kind === 'legacy' ? null : '2026-05-12',
  };
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
