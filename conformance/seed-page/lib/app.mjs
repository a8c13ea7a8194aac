// The app under test: its callers, and what it must answer them.
//
// One class for all three apps. Where the 4.x line behaves differently, the difference stands here and says why.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as authObject from './auth-object.mjs';
import { send } from './http.mjs';

export class App {
  #issuer;
  #doorwayUrl;
  #keySet;

  constructor({ kind, appUrl, serverUrl, issuer, doorwayUrl }) {
    this.kind = kind;
    this.url = appUrl;
    this.#issuer = issuer;
    this.#doorwayUrl = doorwayUrl;
    this.#keySet = createRemoteJWKSet(new URL(`${serverUrl}/.well-known/jwks.json`));
  }

  get isLegacy() {
    return this.kind === 'legacy';
  }

  get hasPages() {
    return true;
  }

  /** A caller with a token in the Authorization header, or without any. */
  bearer(token) {
    return this.caller(token ? { authorization: `Bearer ${token}` } : {});
  }

  /** A program that sends these headers. */
  caller(headers) {
    return {
      get: (path) => send(this.url + path, { headers }),
      post: (path, value) =>
        send(this.url + path, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(value),
        }),
    };
  }

  /** A caller with the cookies of a browser. */
  page(browser) {
    return {
      get: (path) => browser.get(this.url + path),
      post: (path, value) => browser.postJson(this.url + path, value),
    };
  }

  /** Opens the app's page and gives whom it shows: a user id or `signed out`. */
  async whoVisits(browser, options) {
    // On the 4.x line the way leads through the doorway, because a jar runs no script.
    const handshaken = await browser.navigate(`${this.#doorwayUrl ?? this.url}/`, options);
    const answer = this.isLegacy ? await browser.navigate(`${this.url}/`) : handshaken;
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    return /user_[0-9A-Za-z]+|signed out/.exec(answer.text)?.[0];
  }

  /** The same for someone who follows a link of another site, which makes the SDK ask the server again. */
  async whoArrivesFromElsewhere(browser) {
    // The SDK does not ask again while it counts the redirects of the last handshake, in a cookie that lives two
    // seconds. (The jar renews the age of a cookie whenever it is read, so this must wait, not look.)
    await sleep(2_100);
    const before = (await browser.cookies(this.url)).get('__session');
    const who = await this.whoVisits(browser, { referer: 'https://search.example/' });
    assert.notEqual((await browser.cookies(this.url)).get('__session'), before, 'the server was asked');
    return who;
  }

  /** Every route answers as to this user; gives the session token that the app sees. */
  async expectSignedIn(caller, { userId, sessionId, emailAddress }) {
    assert.deepEqual(await ok(caller.get('/api/state')), { userId, isSignedIn: true });
    assert.deepEqual(await ok(caller.get('/api/protected')), { userId });

    const { token } = await ok(caller.get('/api/token'));
    const { payload, protectedHeader } = await jwtVerify(token, this.#keySet, {
      algorithms: ['RS256'],
      issuer: this.#issuer,
      subject: userId,
    });
    assert.equal(payload.sid, sessionId);
    assert.equal(protectedHeader.typ, 'JWT');

    const auth = await ok(caller.get('/api/auth'));
    assert.deepEqual(authObject.normalise(this.kind, auth), authObject.signedIn(this.kind, token));

    const user = await ok(caller.get('/api/user'));
    assert.deepEqual([user.id, user.emailAddress], [userId, emailAddress]);
    return token;
  }

  /** Every route answers as to nobody, and the token is verified with no key of ours. */
  async expectSignedOut(caller) {
    assert.deepEqual(await ok(caller.get('/api/state')), { userId: null, isSignedIn: false });
    await expectUnauthorized(caller.get('/api/protected'));
    await expectUnauthorized(caller.get('/api/user'));
    await expectUnauthorized(caller.post('/api/user/metadata', { publicMetadata: { stolen: true } }));
    assert.deepEqual(await ok(caller.get('/api/token')), { token: null });
    assert.deepEqual(await ok(caller.get('/api/token/supabase')), { token: null });
    const auth = await ok(caller.get('/api/auth'));
    assert.deepEqual(authObject.normalise(this.kind, auth), authObject.signedOut(this.kind));
  }

  /** Nobody, because the time of the token or cookie is over. */
  async expectTooLate(caller) {
    if (!this.isLegacy) return this.expectSignedOut(caller);
    // The 4.x middleware itself answers 401, before any route, to a token whose time is over.
    for (const path of ['/api/state', '/api/protected', '/api/user', '/api/token', '/api/auth']) {
      const answer = await caller.get(path);
      assert.equal(answer.status, 401, path);
      assert.doesNotMatch(answer.text, /user_|eyJ/);
    }
  }

  /** The template token that the app gets for a caller. */
  async templateToken(caller) {
    const { token } = await ok(caller.get('/api/token/supabase'));
    return token;
  }

  /** jose's own verdict on a token by the instance's key. */
  verify(token) {
    return jwtVerify(token, this.#keySet);
  }
}

/** The JSON of an answer that must be a 200. */
export async function ok(promise) {
  const answer = await promise;
  assert.equal(answer.status, 200, `${answer.url} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  return answer.json();
}

/** A refusal of the server: a client error that carries a code and no token. */
export function expectRefusal(answer) {
  expectClientError(answer);
  assert.equal(typeof answer.json().errors[0].code, 'string');
}

/** A client error of whomever, without a token in it. */
export function expectClientError(answer) {
  assert.ok(answer.status >= 400 && answer.status < 500, `${answer.url} answered ${answer.status}: ${answer.text}`);
  assert.doesNotMatch(answer.text, /eyJ/);
}

async function expectUnauthorized(promise) {
  const answer = await promise;
  assert.equal(answer.status, 401, `${answer.url} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  assert.deepEqual(answer.json(), { error: 'unauthorized' });
}
