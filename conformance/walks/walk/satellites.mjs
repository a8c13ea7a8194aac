// Satellites: an application on a domain of its own, on the unmodified @clerk/backend, learns who somebody is on the
// primary domain; in development and in production.
//
// No name here is known to a resolver. The browser is told which port of this machine each host is (`route`), and speaks
// to it as a proxy would that has taken the `https` away; its jar obeys the rules of cookies for the names that it sees.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { freePort, until } from '../../lib/processes.mjs';
import { Browser } from '../../seed-page/lib/browser.mjs';
import { Backend, Frontend, freshEmail, freshPassword } from '../../seed-page/lib/frontdesk.mjs';
import { send } from '../../seed-page/lib/http.mjs';
import { Checks, judge } from '../lib/checks.mjs';
import { packageVersion } from '../lib/packages.mjs';

const APPS = fileURLToPath(new URL('../apps/', import.meta.url));
const CLERK_JS = { __clerk_api_version: '2026-05-12', _clerk_js_version: '6.40.0' };

/** Walks both kinds; gives the same as the walk of an SDK, without operations. */
export async function walkSatellites(server, { filter, database }) {
  const checks = new Checks();
  addDevelopment(checks, await new Development(server).open());
  addProduction(checks, await new Production(server).open(database));
  const outcomes = [];
  for (const check of checks.list) {
    if (filter && !check.name.includes(filter)) continue;
    const error = await Promise.resolve().then(check.run).then(() => null, (thrown) => thrown.stack ?? String(thrown));
    outcomes.push(judge({ name: check.name, outcome: error ? 'failed' : 'passed', error }, []));
  }
  return { name: 'satellites', about: `@clerk/backend (satellites) ${packageVersion('@clerk/backend')}`, outcomes };
}

/** What both stages have: applications, and browsers that find them. */
class Stage {
  routes = {};
  #browsers = 1;

  constructor(server) {
    this.server = server;
  }

  /** Starts an application at this origin. */
  async app(name, origin, settings) {
    const port = await freePort();
    const program = this.server.start(name, process.execPath, [`${APPS}satellite.mjs`], {
      cwd: APPS,
      env: { PORT: String(port), SETTINGS: JSON.stringify({ ...this.keys, ...settings }) },
    });
    this.routes[new URL(origin).host] = port;
    await until(() => send(`http://127.0.0.1:${port}/`).then(() => true, () => false), program);
  }

  browser() {
    const routes = this.routes;
    // Every browser has an address of its own, or the rate limits would take them for one.
    const address = `203.0.113.${this.#browsers++}`;
    return new Browser({
      route(url) {
        const port = routes[url.host];
        if (port === undefined) return { url, headers: {} };
        const proxied = { host: url.host, 'x-forwarded-proto': url.protocol.slice(0, -1), 'x-forwarded-for': address };
        return { url: new URL(`http://127.0.0.1:${port}${url.pathname}${url.search}`), headers: proxied };
      },
    });
  }
}

/** Who the application says is asking, and the hosts and paths of the way there. */
async function visit(browser, address) {
  const answer = await browser.navigate(address);
  assert.equal(answer.status, 200, `${answer.url}: ${answer.text}\n${JSON.stringify(answer.hops, null, 1)}`);
  const way = answer.hops.map(({ url }) => new URL(url)).map(({ host, pathname }) => `${host}${pathname}`);
  return { ...answer.json(), way, arrived: new URL(answer.hops.at(-1).url) };
}

class Development extends Stage {
  async open() {
    const instance = await this.server.instance('walk-satellites');
    const [primary, satellite, eager] = [await freePort(), await freePort(), await freePort()];
    this.primary = `http://localhost:${primary}`;
    this.satellite = `http://satellite.test:${satellite}`;
    this.eager = `http://eager.test:${eager}`;
    this.base = `${this.server.url}/i/${instance.slug}`;
    this.keys = { secretKey: instance.secret_key, publishableKey: instance.publishable_key, apiUrl: this.server.url, proxyUrl: this.base };
    this.backend = new Backend(this.server.url, instance.secret_key);
    this.frontend = new Frontend(this.base, this.primary, CLERK_JS);
    for (const origin of [this.satellite, this.eager]) {
      await this.backend.ask('POST', '/v1/domains', { name: new URL(origin).host, is_satellite: true });
    }
    await this.app('primary', this.primary, { signInUrl: '/sign-in' });
    // One is sent to the pages of the server, the other one to the primary application.
    await this.app('satellite', this.satellite, { isSatellite: true, domain: new URL(this.satellite).host, signInUrl: `${this.base}/sign-in` });
    await this.app('eager', this.eager, { isSatellite: true, domain: new URL(this.eager).host, signInUrl: `${this.primary}/sign-in`, satelliteAutoSync: true });
    return this;
  }
}

function addDevelopment(checks, stage) {
  checks.add('development: a stranger is left alone', [], async () => {
    const { userId, way, reason } = await visit(stage.browser(), stage.satellite);
    assert.deepEqual([userId, way.length, reason], [null, 1, 'session-token-and-uat-missing']);
  });

  checks.add("development: the server's sign-in page answers", [], async () => {
    const browser = stage.browser();
    const someone = await stage.frontend.signUp(browser);
    const seen = await visit(browser, `${stage.satellite}/basket?item=1&__clerk_synced=false`);
    assert.equal(seen.userId, someone.userId, JSON.stringify(seen));
    assert.ok(seen.way.some((place) => place.endsWith('/sign-in')), seen.way.join('\n'));
    assert.deepEqual([seen.arrived.searchParams.get('item'), seen.arrived.searchParams.get('__clerk_synced')], ['1', 'true']);
    assert.equal(seen.arrived.searchParams.has('__clerk_db_jwt'), false);
    // From now on the satellite knows by itself.
    const again = await visit(browser, stage.satellite);
    assert.deepEqual([again.userId, again.way.length], [someone.userId, 1]);
  });

  checks.add('development: the primary application answers', [], async () => {
    const browser = stage.browser();
    const someone = await stage.frontend.signUp(browser);
    assert.equal((await visit(browser, stage.primary)).userId, someone.userId);
    const seen = await visit(browser, `${stage.eager}/`);
    assert.equal(seen.userId, someone.userId, JSON.stringify(seen));
    assert.ok(seen.way.includes(`${new URL(stage.primary).host}/sign-in`), seen.way.join('\n'));
  });

  checks.add('development: nobody is told so, once', [], async () => {
    const seen = await visit(stage.browser(), `${stage.satellite}/?__clerk_synced=false`);
    assert.deepEqual([seen.userId, seen.arrived.searchParams.get('__clerk_synced')], [null, 'true']);
  });

  checks.add('development: signing out is seen', [], async () => {
    const browser = stage.browser();
    const someone = await stage.frontend.signUp(browser);
    assert.equal((await visit(browser, `${stage.satellite}/?__clerk_synced=false`)).userId, someone.userId);
    await stage.frontend.signOut(browser);
    assert.equal((await visit(browser, `${stage.satellite}/?__clerk_synced=false`)).userId, null);
  });
}

class Production extends Stage {
  primary = 'https://shop.test';
  satellite = 'https://other.test';
  fapi = { primary: 'https://clerk.shop.test', satellite: 'https://clerk.other.test' };

  async open(database) {
    const { url, instance } = await this.server.serve(this.fapi.primary, { database });
    this.url = url;
    this.keys = { secretKey: instance.secret_key, publishableKey: instance.publishable_key, apiUrl: url };
    this.backend = new Backend(url, instance.secret_key);
    for (const host of ['clerk.shop.test', 'clerk.other.test']) this.routes[host] = Number(new URL(url).port);
    await this.backend.ask('POST', '/v1/domains', { name: 'other.test', is_satellite: true });
    await this.app('live primary', this.primary, { signInUrl: '/sign-in' });
    const satellite = { isSatellite: true, domain: 'other.test', signInUrl: `${this.primary}/sign-in` };
    await this.app('live satellite', this.satellite, { ...satellite, satelliteAutoSync: true });
    this.patient = 'https://patient.other.test';
    await this.app('patient satellite', this.patient, satellite);
    return this;
  }

  frontend(where, origin) {
    return new Frontend(this.fapi[where], origin, CLERK_JS);
  }

  /** The sessions of a browser, as this Frontend API sees them. */
  async sessions(browser, where) {
    return (await browser.get(`${this.fapi[where]}/v1/client?__clerk_api_version=2026-05-12`)).json().response?.sessions ?? [];
  }

  /** Somebody with a password, signed in on the primary domain. */
  async person(browser) {
    const [emailAddress, password] = [freshEmail(), freshPassword()];
    const user = await this.backend.ask('POST', '/v1/users', { email_address: [emailAddress], password });
    await this.frontend('primary', this.primary).signIn(browser, { emailAddress, password });
    return { userId: user.id, emailAddress, password };
  }
}

function addProduction(checks, stage) {
  const { fapi, primary, satellite } = stage;
  const detour = ['other.test/', 'clerk.other.test/v1/client/handshake', 'clerk.shop.test/v1/client/sync', 'clerk.other.test/v1/client/link', 'clerk.other.test/v1/client/handshake', 'other.test/'];

  checks.add('production: who is signed in on the primary domain is so on the satellite', [], async () => {
    const browser = stage.browser();
    const someone = await stage.person(browser);
    const seen = await visit(browser, satellite);
    assert.deepEqual([seen.userId, seen.way], [someone.userId, detour]);
    assert.equal(seen.arrived.search, '?__clerk_synced=true');
    const again = await visit(browser, `${satellite}/again`);
    assert.deepEqual([again.userId, again.way.length], [someone.userId, 1]);
    assert.equal((await visit(browser, primary)).userId, someone.userId);
    // Cookies of one domain stay there, and the token of the client where the application never sees it.
    const [atApp, atFapi, elsewhere] = await Promise.all([satellite, fapi.satellite, fapi.primary].map((url) => browser.cookies(url)));
    assert.ok(atApp.has('__session') && atApp.has('__client_uat') && !atApp.has('__client'));
    assert.notEqual(atFapi.get('__client'), elsewhere.get('__client'));
  });

  checks.add('production: nobody is told so', [], async () => {
    const browser = stage.browser();
    const seen = await visit(browser, satellite);
    assert.deepEqual([seen.userId, seen.way, seen.arrived.search], [null, detour, '?__clerk_synced=true']);
    assert.equal((await browser.cookies(satellite)).get('__client_uat'), '0');
    assert.equal((await visit(browser, `${satellite}/?__clerk_synced=true`)).way.length, 1);
  });

  checks.add('production: a satellite that does not ask by itself asks when a visitor comes back', [], async () => {
    const browser = stage.browser();
    assert.equal((await visit(browser, stage.patient)).way.length, 1);
    const someone = await stage.person(browser);
    assert.equal((await visit(browser, stage.patient)).userId, null);
    assert.equal((await visit(browser, `${stage.patient}/?__clerk_synced=false`)).userId, someone.userId);
  });

  checks.add('production: signing out on the primary domain is seen on the satellite', [], async () => {
    const browser = stage.browser();
    const someone = await stage.person(browser);
    assert.equal((await visit(browser, satellite)).userId, someone.userId);
    await stage.frontend('primary', primary).signOut(browser);
    assert.deepEqual(await stage.sessions(browser, 'satellite'), []);
    const seen = await visit(browser, `${satellite}/?__clerk_synced=false`);
    assert.equal(seen.userId, null, JSON.stringify(seen));
  });

  checks.add('production: signing out on the satellite is seen on the primary domain', [], async () => {
    const browser = stage.browser();
    const someone = await stage.person(browser);
    assert.equal((await visit(browser, satellite)).userId, someone.userId);
    await stage.frontend('satellite', satellite).signOut(browser);
    assert.equal((await visit(browser, satellite)).userId, null);
    assert.deepEqual(await stage.sessions(browser, 'primary'), []);
  });

  checks.add('production: whoever signs in anew is who the satellite sees', [], async () => {
    const browser = stage.browser();
    const first = await stage.person(browser);
    assert.equal((await visit(browser, satellite)).userId, first.userId);
    await stage.frontend('primary', primary).signOut(browser);
    const second = await stage.person(browser);
    assert.equal((await visit(browser, `${satellite}/?__clerk_synced=false`)).userId, second.userId);
  });

  checks.add('production: clerk-js sends a visitor round', [], async () => {
    const browser = stage.browser();
    const someone = await stage.person(browser);
    // The address that clerk-js builds in a page of the satellite.
    const begin = new URL('/v1/client/sync', fapi.satellite);
    begin.searchParams.append('redirect_url', `${satellite}/page?x=1`);
    const seen = await visit(browser, begin);
    assert.equal(seen.arrived.href, `${satellite}/page?x=1&__clerk_synced=true`);
    const [session] = await stage.sessions(browser, 'satellite');
    assert.equal(session.user.id, someone.userId);
    const token = await stage.frontend('satellite', satellite).mint(browser, session.id);
    assert.equal(token.status, 200, token.text);
  });

  checks.add("production: somebody else's link signs nobody in", [], async () => {
    const [eve, victim] = [stage.browser(), stage.browser()];
    await stage.person(eve);
    const begin = `${fapi.satellite}/v1/client/sync?redirect_url=${encodeURIComponent(`${satellite}/`)}`;
    const round = await eve.navigate(begin);
    const link = round.hops.find(({ url }) => url.includes('/v1/client/link?')).url;
    for (const browser of [victim, eve]) {
      const answer = await browser.navigate(link);
      assert.deepEqual([answer.status, answer.json().errors[0].code], [403, 'sync_token_invalid']);
    }
    assert.equal((await victim.cookies(fapi.satellite)).has('__client'), false);
    const foreign = await eve.navigate(`${fapi.satellite}/v1/client/sync?redirect_url=https%3A%2F%2F${randomBytes(4).toString('hex')}.example%2F`);
    assert.equal(foreign.status, 400);
  });
}
