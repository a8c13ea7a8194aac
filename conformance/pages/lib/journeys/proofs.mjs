// When a password alone is not the way: forgotten, known to others, not enough, tried too often.
import assert from 'node:assert/strict';
import { PASSWORD } from '../person.mjs';
import { codeOf, wrongCode } from '../totp.mjs';

const NEW_PASSWORD = 'another correct horse battery';
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const BACKUP_CODES = ['apple-pie-one', 'apple-pie-two'];

/** How somebody's sessions stand, oldest first. */
async function sessions(person) {
  const found = await person.instance.backend('GET', `/v1/sessions?user_id=${person.user.id}`);
  return found.sort((one, other) => one.created_at - other.created_at).map(({ status }) => status);
}

export const journeys = {
  async 'a forgotten password'(person) {
    await person.hasAccount();
    await person.instance.backend('POST', '/v1/sessions', { user_id: person.user.id });
    await person.open('/sign-in');
    await person.follow('Forgot your password?');
    await person.isAt('/sign-in/forgot-password');
    await person.looksAt('forgot-password');
    await person.fill('E-mail address', `nobody.${person.email}`);
    await person.press('Send me a code');
    await person.isToldAt('identifier', /no account/);
    await person.fill('E-mail address', person.email);
    await person.press('Send me a code');
    await person.isAt('/sign-in/code');
    const code = await person.instance.mailedCode(person.email);
    await person.giveCode(code === '000000' ? '111111' : '000000', 'Continue');
    await person.isToldAt('code', /That is not the code/);
    await person.looksAt('code-refused');
    await person.fill('Code', code);
    await person.press('Continue');
    await person.isAt('/sign-in/new-password');
    await person.looksAt('new-password');
    await person.fill('New password', 'short');
    await person.press('Save and sign in');
    await person.isToldAt('password', /8/);
    await person.looksAt('new-password-refused');
    assert.deepEqual(await sessions(person), ['active'], 'nothing has happened yet');
    assert.ok(await person.page.getByLabel('Sign out everywhere else').isChecked());
    await person.fill('New password', NEW_PASSWORD);
    await person.press('Save and sign in');
    await person.isAt('/user');
    const [before, now] = await sessions(person);
    assert.deepEqual([before === 'active', now], [false, 'active'], 'the others are signed out');
    await person.signsOut();
    await person.signsIn();
    await person.isToldAt('password', /That is not the password/);
    await person.signsIn(NEW_PASSWORD);
    await person.isAt('/user');
    assert.deepEqual(person.complaints(), []);
  },

  async 'a forgotten password, and signed in elsewhere all the same'(person) {
    await person.hasAccount();
    await person.instance.backend('POST', '/v1/sessions', { user_id: person.user.id });
    await person.open('/sign-in/forgot-password');
    await person.fill('E-mail address', person.email);
    await person.press('Send me a code');
    await person.giveMailedCode('Continue');
    await person.isAt('/sign-in/new-password');
    await person.page.getByLabel('Sign out everywhere else').uncheck();
    await person.fill('New password', NEW_PASSWORD);
    await person.press('Save and sign in');
    await person.isAt('/user');
    assert.deepEqual(await sessions(person), ['active', 'active']);
  },

  async 'a second step'(person) {
    await person.hasAccount({ totp_secret: SECRET, backup_codes: BACKUP_CODES });
    await person.open('/sign-in');
    await person.signsIn();
    await person.isAt('/sign-in/second-step');
    assert.equal(await person.focused(), 'code');
    await person.looksAt('second-step');
    await person.giveCode(wrongCode(SECRET), 'Continue');
    await person.isToldAt('code', /That is not the code/);
    await person.looksAt('second-step-refused');
    const code = codeOf(SECRET);
    await person.fill('Code', code);
    await person.press('Continue');
    await person.isAt('/user');
    await person.follow('Security');
    await person.reads('Authenticator app');
    await person.looksAt('security-second-step');
    await person.signsOut();

    await person.signsIn();
    await person.isAt('/sign-in/second-step');
    await person.giveCode(code, 'Continue');
    await person.isToldAt('code', /used before/);
    await person.follow('Use a backup code');
    await person.looksAt('backup-code');
    await person.fill('Backup code', 'apple-pie-three');
    await person.press('Continue');
    await person.isToldAt('code', /That is not the code/);
    await person.fill('Backup code', BACKUP_CODES[0]);
    await person.press('Continue');
    await person.isAt('/user');
    assert.deepEqual(person.complaints(), []);
  },

  'an account that is locked': {
    instance: 'club',
    async run(person) {
      await person.hasAccount();
      await person.open('/sign-in');
      for (let tries = 0; tries < 3; tries += 1) {
        await person.signsIn('not the password');
      }
      await person.isToldAt(undefined, /Try again in \d+ minutes/);
      await person.looksAt('sign-in-locked');
      await person.signsIn();
      await person.isToldAt(undefined, /too many failed tries/);
      await person.instance.backend('POST', `/v1/users/${person.user.id}/unlock`);
      await person.signsIn();
      await person.isAt('/user');
      assert.deepEqual(person.complaints(), []);
    },
  },

  async 'a password that others know'(person) {
    await person.hasAccount();
    await person.instance.backend('POST', `/v1/users/${person.user.id}/password/set_compromised`);
    await person.open('/sign-in');
    await person.signsIn();
    await person.isToldAt('password', /known to others/);
    await person.looksAt('sign-in-compromised');
    await person.press('Send me a code by e-mail');
    await person.isAt('/sign-in/code');
    await person.giveMailedCode('Continue');
    await person.isAt('/sign-in/new-password');
    await person.reads('known to others');
    await person.looksAt('new-password-compromised');
    await person.fill('New password', PASSWORD);
    await person.press('Save and sign in');
    await person.isToldAt('password', /./);
    await person.fill('New password', NEW_PASSWORD);
    await person.press('Save and sign in');
    await person.isAt('/user');
    assert.deepEqual(person.complaints(), []);
  },

  async 'a link that does not work any more'(person) {
    await person.hasAccount();
    const { token, id } = await person.instance.backend('POST', '/v1/sign_in_tokens', { user_id: person.user.id });
    await person.open(`/sign-in?__clerk_ticket=${token}`);
    await person.looksAt('ticket');
    await person.instance.backend('POST', `/v1/sign_in_tokens/${id}/revoke`);
    await person.press('Continue');
    await person.isToldAt(undefined, /does not work any more/);

    // A form whose page has lost its cookies is explained, and nothing is done.
    await person.context.clearCookies();
    await person.signsIn();
    await person.reads('Please try that again');
    await person.looksAt('explained');
    await person.follow('Go to sign-in');
    await person.signsIn();
    await person.isAt('/user');
  },
};
