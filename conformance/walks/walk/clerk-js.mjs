// The official browser SDK, without a browser: its build for native applications runs in Node as it is. It keeps the
// client's token itself and sends it as a header, so what is walked is the Frontend API, not the browser's cookies.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Backend, TEST_CODE, freshEmail, freshPassword } from '../../seed-page/lib/frontdesk.mjs';
import { isId } from '../lib/assertions.mjs';
import { Checks, runCheck } from '../lib/checks.mjs';
import { Expected, statesOf } from '../lib/expected.mjs';
import { packageVersion } from '../lib/packages.mjs';
import { Relay } from '../lib/relay.mjs';

const FOLDER = fileURLToPath(new URL('../node_modules/@clerk/clerk-js/', import.meta.url));
const { Clerk, isClerkAPIResponseError } = createRequire(join(FOLDER, 'x'))('./dist/clerk.native.js');

/** Walks clerk-js; gives the same as the walk of a Backend SDK. */
export async function walkClerkJs(server, { filter }) {
  const instance = await server.instance('walk-clerk-js', { attributes: { username: 'optional' } });
  const relay = new Relay();
  await relay.open(server.url, 'frontend');
  try {
    const checks = new Checks();
    addChecks(checks, new Stage(server, instance, relay));
    const outcomes = [];
    for (const check of checks.list) {
      if (filter && !check.name.includes(filter)) continue;
      outcomes.push(await runCheck(check, relay));
    }
    const about = `@clerk/clerk-js ${packageVersion('@clerk/clerk-js')}`;
    return { name: 'clerk-js', about, outcomes, states: statesOf(outcomes, []), expected: new Expected('clerk-js') };
  } finally {
    relay.close();
  }
}

class Stage {
  constructor(server, instance, relay) {
    this.instance = instance;
    this.url = `${relay.url}/i/${instance.slug}`;
    this.backend = new Backend(server.url, instance.secret_key);
  }

  /** A device on which nobody has signed in, with clerk-js loaded. */
  async device() {
    const clerk = new Clerk(this.instance.publishable_key, { proxyUrl: this.url });
    let token = '';
    clerk.__internal_onBeforeRequest(async (request) => {
      request.credentials = 'omit';
      request.url.searchParams.append('_is_native', '1');
      request.headers.set('authorization', token);
    });
    clerk.__internal_onAfterResponse(async (_, response) => {
      token = response.headers.get('authorization') ?? token;
    });
    await clerk.load({ standardBrowser: false, telemetry: false });
    assert.equal(clerk.status, 'ready');
    return clerk;
  }

  /** A device on which somebody new has signed up; gives what is needed to sign in again. */
  async member(clerk) {
    clerk ??= await this.device();
    const [emailAddress, password] = [freshEmail(), freshPassword()];
    const signUp = await clerk.client.signUp.create({ emailAddress, password });
    await signUp.prepareEmailAddressVerification({ strategy: 'email_code' });
    const done = await signUp.attemptEmailAddressVerification({ code: TEST_CODE });
    assert.equal(done.status, 'complete');
    await clerk.setActive({ session: done.createdSessionId });
    return { clerk, emailAddress, password, userId: done.createdUserId, sessionId: done.createdSessionId };
  }

  /** Signs in by password on a new device. */
  async signIn({ emailAddress, password }) {
    const clerk = await this.device();
    const done = await clerk.client.signIn.create({ identifier: emailAddress, password });
    assert.equal(done.status, 'complete');
    await clerk.setActive({ session: done.createdSessionId });
    return clerk;
  }
}

/** The call must be refused with the SDK's own error; gives the first one. */
async function refused(promise, status, code, parameter) {
  const error = await promise.then((value) => assert.fail(`expected ${code}, got ${value?.status}`), (reason) => reason);
  assert.ok(isClerkAPIResponseError(error), String(error?.stack ?? error));
  assert.deepEqual([error.status, error.errors[0].code], [status, code], JSON.stringify(error.errors));
  if (parameter) assert.equal(error.errors[0].meta.paramName, parameter);
  return error.errors[0];
}

/** A time that clerk-js has made a Date of. */
function isDate(value) {
  assert.ok(value instanceof Date && Math.abs(Date.now() - value) < 120_000, String(value));
}

function addChecks(checks, stage) {
  const { backend } = stage;

  checks.add('environment: loads, and says what is needed', [], async () => {
    const clerk = await stage.device();
    assert.deepEqual([clerk.isSignedIn, clerk.user, clerk.session], [false, null, null]);
    const environment = clerk.__internal_environment ?? clerk.__unstable__environment;
    assert.equal(environment.authConfig.singleSessionMode, true);
    assert.equal(environment.userSettings.attributes.email_address.enabled, true);
    assert.equal(typeof environment.displayConfig.applicationName, 'string');
  });

  checks.add('sign-up: by address and code', [], async () => {
    const clerk = await stage.device();
    const [emailAddress, password] = [freshEmail(), freshPassword()];
    const signUp = await clerk.client.signUp.create({ emailAddress, password, firstName: 'Ada', unsafeMetadata: { from: 'walk' } });
    isId(signUp.id, 'sua');
    assert.deepEqual([signUp.status, signUp.emailAddress, signUp.unverifiedFields], ['missing_requirements', emailAddress, ['email_address']]);
    await signUp.prepareEmailAddressVerification({ strategy: 'email_code' });
    await refused(signUp.attemptEmailAddressVerification({ code: '000000' }), 422, 'form_code_incorrect', 'code');
    const done = await signUp.attemptEmailAddressVerification({ code: TEST_CODE });
    assert.equal(done.status, 'complete');
    await clerk.setActive({ session: done.createdSessionId });
    const { user, session } = clerk;
    assert.deepEqual([user.id, session.id, session.status], [done.createdUserId, done.createdSessionId, 'active']);
    assert.deepEqual([user.firstName, user.unsafeMetadata], ['Ada', { from: 'walk' }]);
    assert.deepEqual([user.primaryEmailAddress.emailAddress, user.primaryEmailAddress.verification.status], [emailAddress, 'verified']);
    assert.deepEqual([user.passwordEnabled, user.hasVerifiedEmailAddress], [true, true]);
    isDate(user.createdAt);
    assert.equal((await backend.ask('GET', `/v1/users/${user.id}`)).email_addresses[0].email_address, emailAddress);
  });

  checks.add('sign-up: refusals name the parameter', [], async () => {
    const { emailAddress } = await stage.member();
    const { client } = await stage.device();
    const password = freshPassword();
    await refused(client.signUp.create({ emailAddress, password }), 422, 'form_identifier_exists', 'email_address');
    await refused(client.signUp.create({ emailAddress: 'no address', password }), 422, 'form_param_format_invalid', 'email_address');
    await refused(client.signUp.create({ emailAddress: freshEmail(), password: 'short' }), 422, 'form_password_length_too_short', 'password');
  });

  checks.add('sign-up: filled in step by step', [], async () => {
    const clerk = await stage.device();
    const signUp = await clerk.client.signUp.create({ emailAddress: freshEmail() });
    assert.equal(signUp.status, 'missing_requirements');
    assert.ok(signUp.missingFields.includes('password'));
    const updated = await signUp.update({ password: freshPassword() });
    assert.equal(updated.missingFields.includes('password'), false);
    await updated.prepareEmailAddressVerification({ strategy: 'email_code' });
    assert.equal((await updated.attemptEmailAddressVerification({ code: TEST_CODE })).status, 'complete');
  });

  checks.add('sign-in: by password', [], async () => {
    const member = await stage.member();
    const clerk = await stage.signIn(member);
    assert.equal(clerk.user.id, member.userId);
    isDate(clerk.user.lastSignInAt);
    const { client } = await stage.device();
    await refused(client.signIn.create({ identifier: member.emailAddress, password: 'not this one' }), 422, 'form_password_incorrect', 'password');
    await refused(client.signIn.create({ identifier: freshEmail(), password: 'not this one' }), 422, 'form_identifier_not_found', 'identifier');
  });

  checks.add('sign-in: by code', [], async () => {
    const member = await stage.member();
    const clerk = await stage.device();
    const signIn = await clerk.client.signIn.create({ identifier: member.emailAddress });
    assert.equal(signIn.status, 'needs_first_factor');
    const factor = signIn.supportedFirstFactors.find(({ strategy }) => strategy === 'email_code');
    assert.ok(factor.emailAddressId, JSON.stringify(signIn.supportedFirstFactors));
    await signIn.prepareFirstFactor({ strategy: 'email_code', emailAddressId: factor.emailAddressId });
    await refused(signIn.attemptFirstFactor({ strategy: 'email_code', code: '000000' }), 422, 'form_code_incorrect', 'code');
    const done = await signIn.attemptFirstFactor({ strategy: 'email_code', code: TEST_CODE });
    assert.equal(done.status, 'complete');
    await clerk.setActive({ session: done.createdSessionId });
    assert.equal(clerk.user.id, member.userId);
  });

  checks.add('sign-in: by ticket', [], async () => {
    const { userId } = await stage.member();
    const { token } = await backend.ask('POST', '/v1/sign_in_tokens', { user_id: userId });
    const clerk = await stage.device();
    const done = await clerk.client.signIn.create({ strategy: 'ticket', ticket: token });
    assert.equal(done.status, 'complete');
    await clerk.setActive({ session: done.createdSessionId });
    assert.equal(clerk.user.id, userId);
  });

  checks.add('sign-in: a forgotten password is replaced', [], async () => {
    const member = await stage.member();
    const clerk = await stage.device();
    const signIn = await clerk.client.signIn.create({ identifier: member.emailAddress });
    const factor = signIn.supportedFirstFactors.find(({ strategy }) => strategy === 'reset_password_email_code');
    assert.ok(factor, JSON.stringify(signIn.supportedFirstFactors));
    await signIn.prepareFirstFactor({ strategy: 'reset_password_email_code', emailAddressId: factor.emailAddressId });
    const proven = await signIn.attemptFirstFactor({ strategy: 'reset_password_email_code', code: TEST_CODE });
    assert.equal(proven.status, 'needs_new_password');
    const password = freshPassword();
    const done = await proven.resetPassword({ password, signOutOfOtherSessions: true });
    assert.equal(done.status, 'complete');
    await clerk.setActive({ session: done.createdSessionId });
    assert.equal(clerk.user.id, member.userId);
    await stage.signIn({ ...member, password });
    await refused((await stage.device()).client.signIn.create({ identifier: member.emailAddress, password: member.password }), 422, 'form_password_incorrect');
  });

  checks.add('sign-in: by username', [], async () => {
    const password = freshPassword();
    const username = `walker${Math.random().toString(36).slice(2)}`;
    const user = await backend.ask('POST', '/v1/users', { username, password, email_address: [freshEmail()] });
    const clerk = await stage.device();
    const done = await clerk.client.signIn.create({ identifier: username, password });
    assert.equal(done.status, 'complete');
    await clerk.setActive({ session: done.createdSessionId });
    assert.deepEqual([clerk.user.id, clerk.user.username], [user.id, username]);
  });

  checks.add('user: names and metadata are changed', [], async () => {
    const { clerk, userId } = await stage.member();
    const changed = await clerk.user.update({ firstName: 'Grace', lastName: 'Hopper', unsafeMetadata: { theme: 'dark' } });
    assert.deepEqual([changed.fullName, changed.unsafeMetadata], ['Grace Hopper', { theme: 'dark' }]);
    const read = await backend.ask('GET', `/v1/users/${userId}`);
    assert.deepEqual([read.first_name, read.last_name, read.unsafe_metadata], ['Grace', 'Hopper', { theme: 'dark' }]);
    await backend.ask('PATCH', `/v1/users/${userId}/metadata`, { public_metadata: { plan: 'pro' } });
    await clerk.user.reload();
    assert.deepEqual(clerk.user.publicMetadata, { plan: 'pro' });
  });

  checks.add('user: the password is changed', [], async () => {
    const member = await stage.member();
    const newPassword = freshPassword();
    await refused(member.clerk.user.updatePassword({ currentPassword: 'not this one', newPassword }), 422, 'form_password_validation_failed', 'current_password');
    await member.clerk.user.updatePassword({ currentPassword: member.password, newPassword });
    await stage.signIn({ ...member, password: newPassword });
  });

  checks.add('user: an address is added, proven, made primary, and the old one removed', [], async () => {
    const { clerk, password } = await stage.member();
    const email = freshEmail();
    const added = await clerk.user.createEmailAddress({ email });
    assert.equal(added.emailAddress, email);
    assert.notEqual(added.verification.status, 'verified');
    await added.prepareVerification({ strategy: 'email_code' });
    await refused(added.attemptVerification({ code: '000000' }), 422, 'form_code_incorrect', 'code');
    const proven = await added.attemptVerification({ code: TEST_CODE });
    assert.equal(proven.verification.status, 'verified');
    const old = clerk.user.primaryEmailAddress;
    await clerk.user.update({ primaryEmailAddressId: added.id });
    assert.equal(clerk.user.primaryEmailAddress.emailAddress, email);
    await old.destroy();
    await clerk.user.reload();
    assert.deepEqual(clerk.user.emailAddresses.map((one) => one.emailAddress), [email]);
    await stage.signIn({ emailAddress: email, password });
  });

  checks.add('user: a picture is set and taken away', [], async () => {
    const { clerk } = await stage.member();
    const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAADklEQVR4nGNoAAMGCAUAKg4GARWeQtcAAAAASUVORK5CYII=', 'base64');
    await clerk.user.setProfileImage({ file: new Blob([picture], { type: 'image/png' }) });
    await clerk.user.reload();
    assert.equal(clerk.user.hasImage, true);
    assert.equal((await fetch(clerk.user.imageUrl)).status, 200);
    await clerk.user.setProfileImage({ file: null });
    await clerk.user.reload();
    assert.equal(clerk.user.hasImage, false);
  });

  checks.add('user: deletes the account', [], async () => {
    const { clerk, userId } = await stage.member();
    await clerk.user.delete();
    assert.equal((await backend.call('GET', `/v1/users/${userId}`)).status, 404);
  });

  checks.add('tokens: of the session and of a template', [], async () => {
    const { clerk, userId, sessionId } = await stage.member();
    const claims = claimsOf(await clerk.session.getToken({ skipCache: true }));
    assert.deepEqual([claims.sub, claims.sid, claims.v], [userId, sessionId, 2]);
    const name = `walk-${Math.random().toString(36).slice(2)}`;
    await backend.ask('POST', '/v1/jwt_templates', { name, claims: { mail: '{{user.primary_email_address}}' } });
    const template = claimsOf(await clerk.session.getToken({ template: name, skipCache: true }));
    assert.deepEqual([template.sub, template.mail], [userId, clerk.user.primaryEmailAddress.emailAddress]);
  });

  checks.add('sessions: listed with where they are, and revoked', [], async () => {
    const member = await stage.member();
    // Resources of clerk-js ask through the Clerk that was made last, so from here on that is this second device.
    const other = await stage.signIn(member);
    const otherId = other.session.id;
    const sessions = await other.user.getSessions();
    assert.deepEqual(sessions.map(({ id }) => id).sort(), [member.sessionId, otherId].sort());
    for (const session of sessions) {
      assert.equal(session.status, 'active');
      isDate(session.lastActiveAt);
      if (session.latestActivity !== null) assert.equal(typeof session.latestActivity.id, 'string');
    }
    await sessions.find(({ id }) => id === member.sessionId).revoke();
    assert.equal((await backend.ask('GET', `/v1/sessions/${member.sessionId}`)).status, 'revoked');
    assert.equal((await backend.ask('GET', `/v1/sessions/${otherId}`)).status, 'active');
  });

  checks.add('sessions: one device is one person, unless the instance says otherwise', [], async () => {
    const { clerk, userId } = await stage.member();
    const second = clerk.client.signUp.create({ emailAddress: freshEmail(), password: freshPassword() });
    await refused(second, 400, 'session_exists');
    assert.equal(clerk.user.id, userId);
  });

  checks.add('sessions: ended', [], async () => {
    const { clerk, sessionId } = await stage.member();
    await clerk.session.end();
    assert.equal((await backend.ask('GET', `/v1/sessions/${sessionId}`)).status, 'ended');
    assert.equal((await stage.device()).isSignedIn, false);
  });

  checks.add('sessions: one that the application revoked is over', [], async () => {
    const { clerk, sessionId } = await stage.member();
    await backend.ask('POST', `/v1/sessions/${sessionId}/revoke`);
    assert.equal(await clerk.session.getToken({ skipCache: true }).catch(() => null), null);
  });
}

function claimsOf(jwt) {
  return JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
}
