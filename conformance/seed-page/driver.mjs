// The proof: one app of the seed page, on an unmodified SDK, driven through every caller.
//
// An app without pages (gRPC) is asked the same, but for what needs a browser.
// Five things are checked (auth state, 401, tokens and template tokens down to PostgreSQL row-level security,
// users and their metadata, the whole auth object) for these callers: nobody, a bearer, a browser that signed up
// or in, and those who must be nobody: forged, foreign, expired, revoked, banned, signed out.
// Run through run.mjs, which starts the server and the app; lib/setting.mjs tells what the driver itself takes.
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { decodeJwt, exportSPKI, importJWK, jwtVerify } from 'jose';
import { App, expectClientError, expectRefusal, ok } from './lib/app.mjs';
import { Browser } from './lib/browser.mjs';
import { forgeriesOf } from './lib/forgeries.mjs';
import { freshEmail } from './lib/frontdesk.mjs';
import { GrpcApp } from './lib/grpc.mjs';
import { send } from './lib/http.mjs';
import { Notes } from './lib/row-level-security.mjs';
import { readSetting } from './lib/setting.mjs';

const setting = readSetting();
const { kind, appUrl, serverUrl, backend, secondBackend, frontend } = setting;
const app = kind === 'grpc' ? new GrpcApp(setting) : new App(setting);
/** What needs a page to open is left out for apps that have none. */
const [describePages, testPages] = app.hasPages ? [describe, test] : [() => {}, () => {}];
/** Verifiers allow clocks to differ by five seconds; one more for rounding. */
const SKEW_SECONDS = 6;

const templateKey = randomBytes(32).toString('base64url');
const template = {
  name: 'supabase',
  claims: {
    aud: 'authenticated',
    role: 'authenticated',
    email: '{{user.primary_email_address}}',
    plan: "{{user.public_metadata.plan || 'free'}}",
    greeting: 'plan {{user.public_metadata.plan}}',
    app_metadata: '{{user.public_metadata}}',
  },
  lifetime: 60,
  custom_signing_key: true,
  signing_algorithm: 'HS256',
  signing_key: templateKey,
};

/** A user with a session, made over the Backend API. */
async function person() {
  const user = await backend.createUser(freshEmail());
  const session = await backend.createSession(user.id);
  return { userId: user.id, sessionId: session.id, emailAddress: user.email_addresses[0].email_address };
}

function mint(sessionId, seconds) {
  return backend.mint(sessionId, { version: setting.tokenVersion, seconds });
}

describe(`seed page, ${kind}`, () => {
  /** Made first, so that their time is over, or almost, when the last tests need that. */
  let shortLived;
  let waiting;

  before(async () => {
    await backend.ask('POST', '/v1/jwt_templates', template);
    const someone = await person();
    shortLived = await mint(someone.sessionId, 30);
    // Not awaited: if signing up is broken, only the test that needs this browser should fail of it.
    waiting = app.hasPages ? signedInBrowser() : Promise.resolve();
    waiting.catch(() => {});
  });

  describe('nobody', () => {
    test('is signed out everywhere', () => app.expectSignedOut(app.bearer()));

    test('with an empty or foreign Authorization header is signed out', async () => {
      for (const authorization of ['Bearer ', 'Basic dTpw', 'Bearer sk_test_nothing']) {
        const answer = await app.caller({ authorization }).get('/api/protected');
        assert.equal(answer.status, 401, authorization);
      }
    });

    testPages('opening the page is shown as signed out', async () => {
      assert.equal(await app.whoVisits(new Browser()), 'signed out');
    });
  });

  describe('bearer', () => {
    test('is the user of the token', async () => {
      const someone = await person();
      const token = await mint(someone.sessionId);
      assert.equal(await app.expectSignedIn(app.bearer(token), someone), token);
    });

    test('is the user of the token in the shape of the other API versions too', async () => {
      const someone = await person();
      for (const version of [null, '2024-10-01', '2025-11-10', '2026-05-12']) {
        const token = await backend.mint(someone.sessionId, { version });
        assert.equal(await app.expectSignedIn(app.bearer(token), someone), token, `version ${version}`);
      }
    });

    test('sessions of two users do not mix', async () => {
      const [one, other] = [await person(), await person()];
      const [first, second] = [await mint(one.sessionId), await mint(other.sessionId)];
      await Promise.all([
        app.expectSignedIn(app.bearer(first), one),
        app.expectSignedIn(app.bearer(second), other),
      ]);
    });
  });

  describe('template token', () => {
    test('verifies with its own key and with no other', async () => {
      const someone = await person();
      const token = await app.templateToken(app.bearer(await mint(someone.sessionId)));
      const key = new TextEncoder().encode(templateKey);
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        audience: 'authenticated',
        issuer: setting.issuer,
        subject: someone.userId,
      });
      assert.equal(payload.role, 'authenticated');
      assert.equal(payload.email, someone.emailAddress);
      assert.equal(payload.plan, 'free');
      assert.equal(payload.exp - payload.iat, template.lifetime);
      for (const name of ['sid', 'v', 'sts', 'fva', 'o']) assert.ok(!(name in payload), `no claim ${name}`);
      await assert.rejects(jwtVerify(token, new TextEncoder().encode(`${templateKey}x`)));
      await assert.rejects(app.verify(token), 'not a token of the instance key');
    });

    test('is no session token', async () => {
      const someone = await person();
      const token = await app.templateToken(app.bearer(await mint(someone.sessionId)));
      await app.expectSignedOut(app.bearer(token));
    });

    test('opens its own rows in PostgreSQL and no others', async () => {
      const notes = await Notes.create(setting.databaseUrl, templateKey);
      try {
        const people = [await person(), await person()];
        const tokens = [];
        for (const { sessionId } of people) {
          tokens.push(await app.templateToken(app.bearer(await mint(sessionId))));
        }
        const [ada, grace] = people.map(({ userId }) => userId);
        await notes.write(tokens[0], ada, 'of Ada');
        await notes.write(tokens[1], grace, 'of Grace');
        assert.deepEqual(await notes.read(tokens[0]), [{ owner: ada, body: 'of Ada' }]);
        assert.deepEqual(await notes.read(tokens[1]), [{ owner: grace, body: 'of Grace' }]);
        await assert.rejects(notes.write(tokens[0], grace, 'forged'), /row-level security/);
        assert.deepEqual(await notes.readAsNobody(), []);
        const [head, , signature] = tokens[0].split('.');
        const claims = Buffer.from(JSON.stringify({ ...decodeJwt(tokens[0]), sub: grace })).toString('base64url');
        await assert.rejects(notes.read(`${head}.${claims}.${signature}`), /signature/);
      } finally {
        await notes.drop();
      }
    });
  });

  describe('user and metadata', () => {
    test('an update is merged and shows in the next template token', async () => {
      const someone = await person();
      const caller = app.bearer(await mint(someone.sessionId));
      const claims = async () => decodeJwt(await app.templateToken(caller));
      const merge = (publicMetadata) => ok(caller.post('/api/user/metadata', { publicMetadata }));

      const first = await merge({ plan: 'gold', limits: { seats: 3 } });
      assert.deepEqual(first, { id: someone.userId, publicMetadata: { plan: 'gold', limits: { seats: 3 } } });
      const gold = await claims();
      assert.equal(gold.plan, 'gold');
      assert.equal(gold.greeting, 'plan gold');
      assert.deepEqual(gold.app_metadata, { plan: 'gold', limits: { seats: 3 } });

      await merge({ plan: null, limits: { rooms: 2 } });
      const free = await claims();
      assert.equal(free.plan, 'free');
      assert.deepEqual(free.app_metadata, { limits: { seats: 3, rooms: 2 } });
      const user = await ok(caller.get('/api/user'));
      assert.deepEqual(user.publicMetadata, { limits: { seats: 3, rooms: 2 } });
    });
  });

  describe('tokens that must not be believed', () => {
    test('forgeries', async (context) => {
      const someone = await person();
      const token = await mint(someone.sessionId);
      const { keys } = await ok(send(`${serverUrl}/.well-known/jwks.json`));
      const pem = await exportSPKI(await importJWK({ ...keys[0], alg: 'RS256' }, 'RS256', { extractable: true }));
      for (const [name, forgery] of Object.entries(await forgeriesOf(token, pem))) {
        await context.test(name, () => app.expectSignedOut(app.bearer(forgery)));
      }
      await app.expectSignedIn(app.bearer(token), someone);
    });

    test('a token of another instance of the same server', async () => {
      const user = await secondBackend.createUser(freshEmail());
      const session = await secondBackend.createSession(user.id);
      const token = await secondBackend.mint(session.id, { version: setting.tokenVersion });
      assert.notEqual(decodeJwt(token).iss, setting.issuer);
      await app.expectSignedOut(app.bearer(token));
      expectRefusal(await backend.call('POST', `/v1/sessions/${session.id}/tokens`));
      expectRefusal(await backend.call('GET', `/v1/users/${user.id}`));
    });
  });

  describePages('browser', () => {
    test('signs up, and the app knows the user after the handshake', async () => {
      const browser = new Browser();
      const someone = await frontend.signUp(browser);
      assert.equal(await app.whoVisits(browser), someone.userId);
      await app.expectSignedIn(app.page(browser), someone);
      await expectCookies(browser);
    });

    test('signs in with a password, and again in another browser', async () => {
      const someone = await frontend.signUp(new Browser());
      for (const browser of [new Browser(), new Browser()]) {
        const sessionId = await frontend.signIn(browser, someone);
        assert.equal(await app.whoVisits(browser), someone.userId);
        await app.expectSignedIn(app.page(browser), { ...someone, sessionId });
      }
    });

    test('with a wrong password is refused and stays signed out', async () => {
      const someone = await frontend.signUp(new Browser());
      const browser = new Browser();
      const answer = await frontend.call(browser, 'POST', '/client/sign_ins', {
        identifier: someone.emailAddress,
        password: 'not the password',
      });
      assert.equal(answer.status, 422);
      assert.equal(answer.json().errors[0].code, 'form_password_incorrect');
      assert.equal(await app.whoVisits(browser), 'signed out');
    });

    test('coming from another site is checked again and stays signed in', async () => {
      const { browser, someone } = await signedInBrowser();
      assert.equal(await app.whoArrivesFromElsewhere(browser), someone.userId);
      await app.expectSignedIn(app.page(browser), someone);
    });

    test('changes metadata with its cookies', async () => {
      const { browser, someone } = await signedInBrowser();
      const changed = await ok(app.page(browser).post('/api/user/metadata', { publicMetadata: { theme: 'dark' } }));
      assert.deepEqual(changed, { id: someone.userId, publicMetadata: { theme: 'dark' } });
    });

    test('a bad token in the header is not forgiven for good cookies', async () => {
      const { browser } = await signedInBrowser();
      const cookies = await browser.cookies(appUrl);
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const authorization = `Bearer ${cookies.get('__session').slice(0, -4)}`;
      const answer = await send(`${appUrl}/api/protected`, { headers: { cookie, authorization } });
      assert.equal(answer.status, 401);
    });

    test('the handshake takes nobody to a foreign site', async () => {
      const { browser } = await signedInBrowser();
      const url = new URL(`${frontend.base}/v1/client/handshake`);
      url.searchParams.set('redirect_url', 'https://thief.example/');
      url.searchParams.set('format', 'nonce');
      const answer = await browser.get(url.href);
      expectClientError(answer);
      assert.equal(answer.headers.location, undefined);
    });
  });

  if (app.isLegacy) {
    describe('4.x without script', () => {
      test('a browser with an unknown state gets the page that would load clerk-js', async () => {
        const browser = new Browser();
        const answer = await browser.navigate(`${appUrl}/`);
        assert.equal(answer.status, 401);
        assert.match(answer.headers['content-type'], /^text\/html/);
        assert.equal(answer.headers['x-clerk-auth-status'], 'interstitial');
        assert.match(answer.text, new RegExp(setting.publishableKey));
        // Here the jar's road ends: only a script could load clerk-js, read the client and write `__session`.
        assert.equal((await browser.cookies(appUrl)).has('__session'), false);
        assert.equal((await browser.get(`${appUrl}/api/state`)).status, 401);
      });

      test('the server serves that page too, for middlewares that fetch it', async () => {
        const url = new URL(`${serverUrl}/v1/public/interstitial`);
        url.searchParams.set('publishable_key', setting.publishableKey);
        const answer = await send(url);
        assert.equal(answer.status, 200);
        assert.match(answer.headers['content-type'], /^text\/html/);
        assert.match(answer.text, new RegExp(setting.publishableKey));
      });
    });
  } else {
    describePages('handshake', () => {
      test('goes through the Frontend API and comes back to a clean address', async () => {
        const browser = new Browser();
        await frontend.signUp(browser);
        const { hops, url } = await browser.navigate(`${appUrl}/?keep=1`);
        const through = hops.filter((hop) => new URL(hop.url).pathname.endsWith('/v1/client/handshake'));
        assert.equal(through.length, 1, JSON.stringify(hops, null, 1));
        assert.equal(through[0].status, 307);
        assert.equal(url, `${appUrl}/?keep=1`);
        const again = await browser.navigate(`${appUrl}/?keep=1`);
        assert.equal(again.hops.length, 1, 'no second handshake while the cookies are good');
      });

      test('does not happen for requests of scripts', async () => {
        const browser = new Browser();
        await frontend.signUp(browser);
        assert.deepEqual(await ok(browser.get(`${appUrl}/api/state`)), { userId: null, isSignedIn: false });
      });
    });
  }

  if (kind === 'grpc') {
    describe('gRPC', () => {
      test('the metadata tells why somebody is nobody, and a call is never redirected', async () => {
        const { userId, sessionId } = await person();
        const answer = await app.caller({ 'sec-fetch-dest': 'document', accept: 'text/html' }).get('/api/protected');
        assert.equal(answer.status, 401);
        assert.equal(answer.headers['x-clerk-auth-status'], 'signed-out');
        assert.ok(answer.headers['x-clerk-auth-reason']);
        assert.equal(answer.headers.location, undefined);
        const signedIn = await app.bearer(await mint(sessionId)).get('/api/protected');
        assert.deepEqual(signedIn.json(), { userId });
        assert.equal(signedIn.headers['x-clerk-auth-reason'], undefined);
      });
    });
  }

  describe('a session that ended', () => {
    test('revoked: refused at the very next mint', async () => {
      const someone = await person();
      const token = await mint(someone.sessionId);
      await app.expectSignedIn(app.bearer(token), someone);
      const revoked = await backend.ask('POST', `/v1/sessions/${someone.sessionId}/revoke`);
      assert.equal(revoked.status, 'revoked');
      expectRefusal(await backend.call('POST', `/v1/sessions/${someone.sessionId}/tokens`));
      expectRefusal(await backend.call('POST', `/v1/sessions/${someone.sessionId}/tokens/supabase`));
      const viaApp = await app.bearer(token).get('/api/token/supabase');
      expectClientError(viaApp);
    });

    testPages('revoked while a browser uses it: refused to its script and at the next handshake', async () => {
      const { browser, sessionId } = await signedInBrowser();
      assert.equal((await frontend.mint(browser, sessionId)).status, 200);
      await backend.ask('POST', `/v1/sessions/${sessionId}/revoke`);
      expectRefusal(await frontend.mint(browser, sessionId));
      assert.equal(await app.whoArrivesFromElsewhere(browser), 'signed out');
      await app.expectSignedOut(app.page(browser));
    });

    testPages('banned: no token, no sign-in, signed out at the next handshake; unbanned: welcome again', async () => {
      const { browser, someone, sessionId } = await signedInBrowser();
      const banned = await backend.ask('POST', `/v1/users/${someone.userId}/ban`);
      assert.equal(banned.banned, true);
      expectRefusal(await backend.call('POST', `/v1/sessions/${sessionId}/tokens`));
      expectRefusal(await frontend.mint(browser, sessionId));
      const credentials = { identifier: someone.emailAddress, password: someone.password };
      const signIn = await frontend.call(new Browser(), 'POST', '/client/sign_ins', credentials);
      expectRefusal(signIn);
      assert.equal(signIn.json().errors[0].code, 'user_banned');
      assert.equal(await app.whoArrivesFromElsewhere(browser), 'signed out');
      await app.expectSignedOut(app.page(browser));

      await backend.ask('POST', `/v1/users/${someone.userId}/unban`);
      const later = new Browser();
      await frontend.signIn(later, someone);
      assert.equal(await app.whoVisits(later), someone.userId);
    });

    testPages('signed out: no token, nobody after the next handshake', async () => {
      const { browser, sessionId } = await signedInBrowser();
      const { response } = await frontend.signOut(browser);
      assert.deepEqual(response.sessions, []);
      expectRefusal(await frontend.mint(browser, sessionId));
      assert.equal(await app.whoArrivesFromElsewhere(browser), 'signed out');
      await app.expectSignedOut(app.page(browser));
      assert.equal((await browser.cookies(appUrl)).get('__client_uat'), '0');
    });
  });

  describe('time', () => {
    test('an expired token is nobody', { timeout: 60_000 }, async () => {
      await expired(shortLived);
      await app.expectTooLate(app.bearer(shortLived));
    });

    testPages('an expired cookie is renewed', { timeout: 120_000 }, async () => {
      const { browser, someone, sessionId } = await waiting;
      const old = (await browser.cookies(appUrl)).get('__session');
      await expired(old);
      if (app.isLegacy) {
        await app.expectTooLate(app.page(browser));
        const answer = await browser.navigate(`${appUrl}/`);
        assert.equal(answer.status, 401);
        assert.equal(answer.headers['x-clerk-auth-status'], 'interstitial');
      } else {
        // The application's server has the session refreshed on the way, also for a page's script.
        const refreshed = await app.expectSignedIn(app.page(browser), { ...someone, sessionId });
        assert.ok(decodeJwt(refreshed).iat > decodeJwt(old).exp);
      }
      assert.equal(await app.whoVisits(browser), someone.userId);
      const renewed = await app.expectSignedIn(app.page(browser), { ...someone, sessionId });
      assert.ok(decodeJwt(renewed).iat > decodeJwt(old).exp);
    });
  });
});

/** A browser whose user signed in and opened the page once. */
async function signedInBrowser() {
  const browser = new Browser();
  const someone = await frontend.signUp(browser);
  assert.equal(await app.whoVisits(browser), someone.userId);
  return { browser, someone, sessionId: someone.sessionId };
}

/** Both spellings of each cookie, readable by scripts where scripts need them, times in order. */
async function expectCookies(browser) {
  const cookies = await browser.cookies(appUrl);
  for (const name of ['__session', '__client_uat', '__clerk_db_jwt']) {
    const twins = [...cookies].filter(([key]) => key.startsWith(`${name}_`));
    assert.equal(twins.length, 1, `one suffixed ${name}: ${[...cookies.keys()]}`);
    assert.equal(cookies.get(name), twins[0][1], `${name} and its twin say the same`);
  }
  const { iat } = decodeJwt(cookies.get('__session'));
  assert.ok(Number(cookies.get('__client_uat')) <= iat, '__client_uat is not newer than the token');
}

async function expired(token) {
  const milliseconds = (decodeJwt(token).exp + SKEW_SECONDS) * 1000 - Date.now();
  if (milliseconds > 0) await sleep(milliseconds);
}
