// What every check may use: the SDK, the same instance asked by other ways, and people made on the fly.
import { randomBytes } from 'node:crypto';
import { Browser } from '../../seed-page/lib/browser.mjs';
import { Backend, Frontend, freshPassword } from '../../seed-page/lib/frontdesk.mjs';

/** What the scripts of a browser say about themselves. */
const CLERK_JS = { __clerk_api_version: '2026-05-12', _clerk_js_version: '6.29.3' };

export class World {
  constructor({ sdk, instance, serverUrl, relay }) {
    this.sdk = sdk;
    this.instance = instance;
    this.serverUrl = serverUrl;
    this.relay = relay;
    /** The instance asked beside the SDK, so that nothing is proven by the SDK alone. */
    this.backend = new Backend(serverUrl, instance.secret_key);
    this.frontend = new Frontend(`${serverUrl}/i/${instance.slug}`, 'http://localhost:3000', CLERK_JS);
  }

  get api() {
    return this.sdk.api;
  }

  browser() {
    return new Browser();
  }

  /** A word that nothing else on this server contains. */
  word() {
    return randomBytes(6).toString('hex');
  }

  email(word = this.word()) {
    return `${word}+clerk_test@example.com`;
  }

  password() {
    return freshPassword();
  }

  /** A person made by the SDK under test, with the password beside. */
  async person(members = {}) {
    const password = this.password();
    const emailAddress = members.emailAddress?.[0] ?? this.email();
    const user = await this.api.users.createUser({ emailAddress: [emailAddress], password, ...members });
    return { user, emailAddress, password };
  }

  /** A session of this user: made over the Backend API by whatever can, since the oldest SDK cannot. */
  async session(userId) {
    const { id } = await this.backend.createSession(userId);
    return this.api.sessions.getSession(id);
  }

  /** The status and first error code of a sign-in by password, in a new browser. */
  async signIn(emailAddress, password, browser = this.browser()) {
    const answer = await this.frontend.call(browser, 'POST', '/client/sign_ins', { identifier: emailAddress, password });
    const body = answer.json();
    return { status: body.response?.status ?? null, code: body.errors?.[0]?.code ?? null, sessionId: body.response?.created_session_id ?? null, body };
  }

  /** The status and first error code of a sign-in by ticket, in a new browser. */
  async redeem(ticket, browser = this.browser()) {
    const answer = await this.frontend.call(browser, 'POST', '/client/sign_ins', { strategy: 'ticket', ticket });
    const body = answer.json();
    return { status: body.response?.status ?? null, code: body.errors?.[0]?.code ?? null, userId: body.client?.sessions?.[0]?.user?.id ?? null };
  }
}
