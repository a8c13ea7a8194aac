// Applications on the framework SDKs: who they take a caller for, with tokens in the header and with cookies.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { freePort, until } from '../../lib/processes.mjs';
import { App, expectClientError, ok } from '../../seed-page/lib/app.mjs';
import { Browser } from '../../seed-page/lib/browser.mjs';
import { Backend, Frontend } from '../../seed-page/lib/frontdesk.mjs';
import { send } from '../../seed-page/lib/http.mjs';
import { Checks, judge } from '../lib/checks.mjs';
import { packageVersion } from '../lib/packages.mjs';

const APPS = fileURLToPath(new URL('../apps/', import.meta.url));
const CLERK_JS = { __clerk_api_version: '2026-08-20', _clerk_js_version: '6.40.0' };

/** Which package each app stands on. */
export const PACKAGES = { express: '@clerk/express', fastify: '@clerk/fastify', 'express-4': '@clerk/clerk-sdk-node' };

/** Starts one app and asks it everything; gives the same as the walk of an SDK, without operations. */
export async function walkApp(name, server, { filter }) {
  const port = String(await freePort());
  const url = `http://localhost:${port}`;
  // The 4.x line wants a proxy URL to be the issuer of tokens, so it gets none.
  const env = { PORT: port, ...server.settings, ...(name === 'express-4' && { CLERK_PROXY_URL: '' }) };
  const program = server.start(name, process.execPath, [`${APPS}${name}.mjs`], { cwd: APPS, env });
  await until(() => send(`${url}/api/state`).then(() => true, () => false), program);

  const checks = new Checks();
  const stage = new Stage(name, url, server);
  await stage.prepare();
  if (name === 'express-4') addLegacy(checks, stage);
  else addCurrent(checks, stage);

  const outcomes = [];
  for (const check of checks.list) {
    if (filter && !check.name.includes(filter)) continue;
    const error = await Promise.resolve().then(check.run).then(() => null, (thrown) => thrown.stack ?? String(thrown));
    outcomes.push(judge({ name: check.name, outcome: error ? 'failed' : 'passed', error }, []));
  }
  const complaint = await program.stop();
  if (complaint) outcomes.push({ name: 'the app stops', outcome: 'failed', error: complaint, exchanges: [] });
  if (outcomes.some(({ outcome }) => outcome === 'failed')) console.log(program.output.slice(-3000));
  return { name, about: `${PACKAGES[name]} ${packageVersion(PACKAGES[name])}`, outcomes };
}

/** The server and the app, as their callers see them. */
class Stage {
  constructor(name, url, { settings, url: serverUrl }) {
    this.name = name;
    this.url = url;
    this.serverUrl = serverUrl;
    this.backend = new Backend(serverUrl, settings.FRONTDESK_SECRET_KEY);
    this.frontend = new Frontend(serverUrl, url, CLERK_JS);
    const host = Buffer.from(settings.FRONTDESK_PUBLISHABLE_KEY.split('_')[2], 'base64').toString().slice(0, -1);
    this.app = new App({ kind: 'current', appUrl: url, serverUrl, issuer: `https://${host}` });
  }

  async prepare() {
    const template = { name: 'supabase', claims: { mail: '{{user.primary_email_address}}' } };
    const answer = await this.backend.call('POST', '/v1/jwt_templates', template);
    // Another app of this run may have made it.
    assert.ok([200, 422].includes(answer.status), answer.text);
  }

  /** A user with a session and a token. */
  async person() {
    const user = await this.backend.createUser(`${Math.random().toString(36).slice(2)}+clerk_test@example.com`);
    const session = await this.backend.createSession(user.id);
    const token = await this.backend.mint(session.id);
    return { userId: user.id, sessionId: session.id, emailAddress: user.email_addresses[0].email_address, token };
  }
}

function addCurrent(checks, stage) {
  const { app, backend, frontend, url } = stage;

  checks.add('header: nobody', [], async () => {
    await app.expectSignedOut(app.bearer());
    assert.equal(await app.whoVisits(new Browser()), 'signed out');
  });

  checks.add('header: a token is its user, on every route', [], async () => {
    const someone = await stage.person();
    assert.equal(await app.expectSignedIn(app.bearer(someone.token), someone), someone.token);
  });

  checks.add('header: tokens of every API version', [], async () => {
    const someone = await stage.person();
    for (const version of [null, '2024-10-01', '2025-11-10', '2026-05-12']) {
      await app.expectSignedIn(app.bearer(await backend.mint(someone.sessionId, { version })), someone);
    }
  });

  checks.add('header: what is no token of ours is nobody', [], async () => {
    const { token } = await stage.person();
    for (const bad of [`${token.slice(0, -6)}AAAAAA`, token.slice(0, -20), 'nonsense', `${token}.${token}`]) {
      const answer = await app.bearer(bad).get('/api/protected');
      assert.equal(answer.status, 401, bad.slice(-20));
    }
  });

  checks.add('template token: carries its claims', [], async () => {
    const someone = await stage.person();
    const { payload } = await app.verify(await app.templateToken(app.bearer(someone.token)));
    assert.deepEqual([payload.sub, payload.mail], [someone.userId, someone.emailAddress]);
  });

  checks.add('template token: none for a revoked session', [], async () => {
    const someone = await stage.person();
    await backend.ask('POST', `/v1/sessions/${someone.sessionId}/revoke`);
    expectClientError(await app.bearer(someone.token).get('/api/token/supabase'));
  });

  checks.add('clerkClient: changes what the next request reads', [], async () => {
    const someone = await stage.person();
    const caller = app.bearer(someone.token);
    const changed = await ok(caller.post('/api/user/metadata', { publicMetadata: { theme: 'dark' } }));
    assert.deepEqual(changed, { id: someone.userId, publicMetadata: { theme: 'dark' } });
    assert.deepEqual((await ok(caller.get('/api/user'))).publicMetadata, { theme: 'dark' });
    await backend.ask('DELETE', `/v1/users/${someone.userId}`);
    const gone = await caller.get('/api/user');
    assert.deepEqual([gone.status, gone.json().error], [404, 'resource_not_found']);
  });

  checks.add('cookies: somebody signs up, and the handshake tells the app', [], async () => {
    const browser = new Browser();
    const someone = await frontend.signUp(browser);
    const { hops, url: arrived } = await browser.navigate(`${url}/?keep=1`);
    const through = hops.filter((hop) => new URL(hop.url).pathname.endsWith('/v1/client/handshake'));
    assert.equal(through.length, 1, JSON.stringify(hops, null, 1));
    assert.equal(arrived, `${url}/?keep=1`);
    assert.equal(await app.whoVisits(browser), someone.userId);
    await app.expectSignedIn(app.page(browser), someone);
  });

  checks.add('cookies: a password signs in, and signing out is seen after the next handshake', [], async () => {
    const someone = await frontend.signUp(new Browser());
    const browser = new Browser();
    const sessionId = await frontend.signIn(browser, someone);
    assert.equal(await app.whoVisits(browser), someone.userId);
    await app.expectSignedIn(app.page(browser), { ...someone, sessionId });
    await frontend.signOut(browser);
    assert.equal(await app.whoArrivesFromElsewhere(browser), 'signed out');
    await app.expectSignedOut(app.page(browser));
  });

  checks.add('cookies: scripts never take the handshake', [], async () => {
    const browser = new Browser();
    await frontend.signUp(browser);
    assert.deepEqual(await ok(browser.get(`${url}/api/state`)), { userId: null, isSignedIn: false });
  });

  // @clerk/fastify has nothing of the kind.
  if (stage.name !== 'express') return;
  checks.add('requireAuth: sends strangers to sign in', [], async () => {
    const stranger = await send(`${url}/members`);
    assert.deepEqual([stranger.status, stranger.headers.location], [302, '/sign-in']);
    const someone = await stage.person();
    assert.deepEqual(await ok(app.bearer(someone.token).get('/members')), { userId: someone.userId });
  });
}

function addLegacy(checks, stage) {
  const { app, backend } = stage;
  const legacy = async () => {
    const someone = await stage.person();
    return { ...someone, token: await backend.mint(someone.sessionId, { version: null }) };
  };

  checks.add('header: nobody', [], async () => {
    assert.deepEqual(await ok(app.bearer().get('/api/state')), { userId: null, isSignedIn: false });
    assert.equal((await app.bearer().get('/api/protected')).status, 401);
  });

  checks.add('header: a token is its user, on every route', [], async () => {
    const someone = await legacy();
    const caller = app.bearer(someone.token);
    assert.deepEqual(await ok(caller.get('/api/state')), { userId: someone.userId, isSignedIn: true });
    assert.deepEqual(await ok(caller.get('/api/protected')), { userId: someone.userId });
    assert.deepEqual(await ok(caller.get('/api/user')), { id: someone.userId, emailAddress: someone.emailAddress });
  });

  checks.add('template token: carries its claims', [], async () => {
    const someone = await legacy();
    const { payload } = await app.verify(await app.templateToken(app.bearer(someone.token)));
    assert.deepEqual([payload.sub, payload.mail], [someone.userId, someone.emailAddress]);
  });

  checks.add('header: what is no token of ours is nobody', [], async () => {
    const { token } = await legacy();
    for (const bad of [`${token.slice(0, -6)}AAAAAA`, token.slice(0, -20), 'nonsense']) {
      assert.equal((await app.bearer(bad).get('/api/protected')).status, 401, bad.slice(-20));
    }
  });
}
