// One's own account: who one is, where one is signed in, and the end of it.
import assert from 'node:assert/strict';
import { PASSWORD } from '../person.mjs';

/** A picture of one pixel, as a file. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const NEW_PASSWORD = 'another correct horse battery';

async function gives(person, file) {
  await person.unfold('Change picture');
  await person.page.getByLabel('Picture', { exact: true }).setInputFiles(file);
  await person.press('Upload');
}

export const journeys = {
  'looking after the account': {
    everywhere: true,
    async run(person) {
      await person.hasAccount({ first_name: 'Ada', last_name: 'Byron' });
      await person.comesIn();
      await person.looksAt('user');
      await person.page.getByLabel('First name').fill('Grace');
      await person.press('Save');
      await person.reads('Your name was saved.');
      await person.reads('Grace Byron');

      await gives(person, { name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
      await person.isToldAt('file', /picture|image/i);
      await person.page.getByLabel('Picture', { exact: true }).setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: PIXEL });
      await person.press('Upload');
      await person.reads('Your picture was changed.');
      await person.unfold('Change picture');
      await person.press('Remove picture');
      await person.reads('Your picture was removed.');
      await person.unfold('Change picture');
      assert.equal(await person.page.getByRole('button', { name: 'Remove picture' }).count(), 0);

      await person.unfold('Add an address');
      await person.fill('Another address', 'somebody');
      await person.page.getByLabel('Another address').evaluate((input) => (input.type = 'text'));
      await person.press('Add');
      await person.isToldAt('email_address', /not an e-mail address/);
      const second = person.email.replace('ada.', 'second.');
      await person.fill('Another address', second);
      await person.press('Add');
      await person.isAt('/user/email/verify');
      await person.follow('Back to your profile');
      await person.reads('Not verified');
      await person.press(`Verify ${second}`);
      // The code was sent a moment ago, and is good.
      await person.isToldAt(undefined, /Try again in/);
      await person.giveMailedCode('Verify', second);
      await person.reads('The address is verified.');
      await person.looksAt('user-two-addresses');
      await person.press(`Make primary: ${second}`);
      await person.reads('Mails will go to this address from now on.');
      await person.press(`Remove ${person.email}`);
      await person.reads('The address was removed.');
      await person.readsNot(person.email);
      assert.deepEqual(person.complaints(), []);
    },
  },

  'changing the password': {
    async run(person) {
      await person.hasAccount();
      await person.instance.backend('POST', '/v1/sessions', { user_id: person.user.id });
      await person.comesIn();
      await person.follow('Security');
      await person.isAt('/user/security');
      await person.unfold('Change password');
      await person.looksAt('security');
      await person.fill('Password so far', 'not the password');
      await person.fill('New password', NEW_PASSWORD);
      await person.press('Save password');
      await person.isToldAt('current_password', /That is not the password/);
      await person.looksAt('security-refused');
      await person.fill('Password so far', PASSWORD);
      await person.fill('New password', 'short');
      await person.press('Save password');
      await person.isToldAt('new_password', /8/);
      await person.fill('Password so far', PASSWORD);
      await person.fill('New password', NEW_PASSWORD);
      await person.press('Save password');
      await person.reads('Your password was saved.');
      assert.equal(await person.page.getByRole('button', { name: /^Sign out / }).count(), 0, 'signed out everywhere else');
      assert.deepEqual(person.complaints(), []);
    },
  },

  async 'signing out elsewhere'(person) {
    await person.hasAccount();
    const other = await person.elsewhere();
    await other.comesIn();
    await person.comesIn();
    await person.open('/user/security');
    await person.looksAt('security-places');
    await person.page.getByRole('button', { name: /^Sign out Chrome/ }).click();
    await person.reads('That place is signed out.');
    assert.equal(await person.page.getByRole('button', { name: /^Sign out Chrome/ }).count(), 0);
    await other.page.reload();
    await other.isAt('/sign-in');
    await person.page.reload();
    await person.isAt('/user/security');
    assert.deepEqual(person.complaints(), []);
  },

  async 'deleting the account'(person) {
    await person.hasAccount();
    await person.comesIn();
    await person.open('/user/security');
    await person.unfold('Delete account');
    await person.looksAt('security-delete');
    const sure = person.page.getByLabel('I am sure. Delete my account.');
    await person.page.getByRole('button', { name: 'Delete account' }).click();
    assert.ok(await sure.evaluate((box) => box.validity.valueMissing && document.activeElement === box), 'the browser asks');
    await sure.check();
    await person.press('Delete account');
    await person.isAt('/sign-in');
    await person.signsIn();
    await person.isToldAt('identifier', /no account/);
    assert.deepEqual(await person.instance.backend('GET', `/v1/users?email_address=${person.email}`), []);
    assert.deepEqual(person.complaints(), []);
  },

  'several accounts on one browser': {
    instance: 'club',
    async run(person) {
      const grace = await person.hasAccount({ username: `grace_${person.id}`, email_address: [`grace.${person.id}@example.com`] });
      await person.comesIn(grace);
      person.email = `ada.${person.id}@example.com`;
      const ada = await person.hasAccount({ first_name: 'Ada', last_name: 'Byron' });
      await person.follow('Switch account');
      await person.isAt('/accounts');
      await person.follow('Add an account');
      await person.reads('Add an account');
      await person.looksAt('add-account');
      await person.signsIn();
      await person.isAt('/user');
      await person.reads('Ada Byron');
      await person.open('/accounts');
      await person.looksAt('accounts');
      await person.page.getByRole('button', { name: `grace.${person.id}@example.com` }).first().click();
      await person.isAt('/user');
      assert.equal(await person.page.getByLabel('Username').inputValue(), grace.username);
      // Whoever is here already is not asked twice.
      await person.open('/sign-in');
      await person.signsIn(PASSWORD, ada.username);
      await person.isAt('/user');
      await person.reads('Ada Byron');

      await person.open('/accounts');
      await person.press(`Sign out of grace.${person.id}@example.com`);
      await person.isAt('/accounts');
      await person.readsNot(`grace.${person.id}@example.com`);
      await person.comesIn(grace);
      await person.open('/accounts');
      await person.follow('Sign out of all');
      await person.isAt('/sign-out');
      await person.looksAt('sign-out-all');
      await person.press('Sign out of all accounts');
      await person.isAt('/sign-in');
      await person.open('/user');
      await person.isAt('/sign-in');
      assert.deepEqual(person.complaints(), []);
    },
  },

  'names and addresses as long as they may be': {
    instance: 'club',
    async run(person) {
      const local = `wilhelmina.theodora.${person.id}.`.padEnd(60, 'x');
      const long = `${local}@a-department-with-a-long-name.an-organisation-with-a-longer-one.example.com`;
      await person.hasAccount({
        email_address: [long],
        username: `w${person.id}`.padEnd(60, '_x'),
        first_name: 'Wilhelmina-Theodora-Alexandrina',
        last_name: 'Wolfeschlegelsteinhausenbergerdorff'.repeat(2),
      });
      await person.comesIn();
      await person.looksAt('long-user');
      await person.open('/accounts');
      await person.looksAt('long-accounts');
      await person.open('/sign-out');
      await person.looksAt('long-sign-out');
      await person.press('Sign out');
      await person.fill('E-mail address or username', long);
      await person.press('Send me a code by e-mail');
      await person.isAt('/sign-in/code');
      await person.looksAt('long-code');
    },
  },
};
