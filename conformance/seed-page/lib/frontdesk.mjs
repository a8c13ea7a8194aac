// The Frontdesk server as the tests drive it: the Backend API with a secret key, the Frontend API with a browser.
import assert from 'node:assert/strict';
import { send } from './http.mjs';

/** The code that test mode accepts for addresses with the subaddress +clerk_test. */
export const TEST_CODE = '424242';
const NEWEST_VERSION = '2026-05-12';

export class Backend {
  constructor(url, secretKey) {
    this.url = url;
    this.secretKey = secretKey;
  }

  /** One Backend API call; `version: null` names no API version, as the 4.x line does. */
  call(method, path, body, { version = NEWEST_VERSION } = {}) {
    return send(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.secretKey}`,
        ...(version && { 'clerk-api-version': version }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** The same, expecting success; gives the JSON. */
  async ask(method, path, body, options) {
    const answer = await this.call(method, path, body, options);
    assert.equal(answer.status, 200, `${method} ${path} answered ${answer.status}: ${answer.text}`);
    return answer.json();
  }

  createUser(emailAddress) {
    return this.ask('POST', '/v1/users', { email_address: [emailAddress], password: freshPassword() });
  }

  createSession(userId) {
    return this.ask('POST', '/v1/sessions', { user_id: userId });
  }

  /** A session token, by default with the usual lifetime. */
  async mint(sessionId, { version, seconds } = {}) {
    const body = seconds === undefined ? undefined : { expires_in_seconds: seconds };
    const { jwt } = await this.ask('POST', `/v1/sessions/${sessionId}/tokens`, body, { version });
    return jwt;
  }
}

export class Frontend {
  /** `base` is where clerk-js would send Frontend API calls, `origin` the app's; `version` what that clerk-js names. */
  constructor(base, origin, version) {
    this.base = base;
    this.origin = origin;
    this.version = version;
  }

  /** One form-encoded call; methods other than POST travel as `_method`, as clerk-js does it. */
  call(browser, method, path, fields = {}) {
    const url = new URL(`${this.base}/v1${path}`);
    for (const [name, value] of Object.entries(this.version)) url.searchParams.set(name, value);
    if (method !== 'POST') url.searchParams.set('_method', method);
    return browser.postForm(url, fields, this.origin);
  }

  /** The same, expecting success; gives the `response` of the envelope and checks the piggy-backed client. */
  async ask(browser, method, path, fields) {
    const answer = await this.call(browser, method, path, fields);
    assert.equal(answer.status, 200, `${method} ${path} answered ${answer.status}: ${answer.text}`);
    const { response, client } = answer.json();
    return { response, client, answer };
  }

  /** Signs a new person up with e-mail, password and code; gives ids and credentials. */
  async signUp(browser) {
    const emailAddress = freshEmail();
    const password = freshPassword();
    const created = await this.ask(browser, 'POST', '/client/sign_ups', { email_address: emailAddress, password });
    assert.equal(created.response.status, 'missing_requirements');
    assert.deepEqual(created.response.unverified_fields, ['email_address']);
    const path = `/client/sign_ups/${created.response.id}`;

    const prepared = await this.ask(browser, 'POST', `${path}/prepare_verification`, { strategy: 'email_code' });
    assert.equal(prepared.response.verifications.email_address.next_action, 'needs_attempt');

    const wrong = await this.call(browser, 'POST', `${path}/attempt_verification`, {
      strategy: 'email_code',
      code: '000000',
    });
    assert.equal(wrong.status, 422);
    assert.equal(wrong.json().errors[0].code, 'form_code_incorrect');

    const done = await this.ask(browser, 'POST', `${path}/attempt_verification`, {
      strategy: 'email_code',
      code: TEST_CODE,
    });
    assert.equal(done.response.status, 'complete');
    const sessionId = done.response.created_session_id;
    assert.ok(done.client.sessions.some(({ id }) => id === sessionId), 'the client carries the new session');
    return { userId: done.response.created_user_id, sessionId, emailAddress, password };
  }

  /** Signs a known person in with a password; gives the new session's id. */
  async signIn(browser, { emailAddress, password }) {
    const { response, client } = await this.ask(browser, 'POST', '/client/sign_ins', {
      identifier: emailAddress,
      password,
    });
    assert.equal(response.status, 'complete');
    assert.ok(client.sessions.some(({ id }) => id === response.created_session_id));
    return response.created_session_id;
  }

  /** Signs the browser out of all its sessions. */
  signOut(browser) {
    return this.ask(browser, 'DELETE', '/client/sessions');
  }

  /** What clerk-js asks every minute: a new token for a session of this browser. */
  mint(browser, sessionId) {
    return this.call(browser, 'POST', `/client/sessions/${sessionId}/tokens`, { organization_id: '' });
  }
}

/** An address of test mode that nobody used before. */
export function freshEmail() {
  return `seed.${Math.random().toString(36).slice(2)}+clerk_test@example.com`;
}

export function freshPassword() {
  return `Correct horse ${Math.random().toString(36).slice(2)}!`;
}
