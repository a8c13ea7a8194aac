// What people come for, from the first page to the last.
import assert from 'node:assert/strict';
import { PASSWORD } from './person.mjs';

/** A picture of one pixel, as a file. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export const journeys = {
  async 'signing up'(person) {
    await person.open('/sign-up');
    await person.looksAt('sign-up');
    await person.page.getByLabel('First name').fill('Ada');
    await person.page.getByLabel('Last name').fill('Byron');
    await person.fill('E-mail address', person.email);
    await person.fill('Password', 'short');
    await person.press('Create account');
    await person.isToldAt('password', /8/);
    await person.looksAt('sign-up-refused');
    assert.equal(await person.page.getByLabel('First name').inputValue(), 'Ada', 'nothing is lost');
    await person.fill('Password', PASSWORD);
    await person.press('Create account');
    await person.isAt('/sign-up/verify');
    assert.equal(await person.focused(), 'code');
    await person.looksAt('sign-up-verify');
    const code = await person.server.mailedCode(person.email);
    await person.giveCode(code === '000000' ? '111111' : '000000', 'Verify');
    await person.isToldAt('code', /That is not the code/);
    await person.page.getByLabel('Code', { exact: true }).fill(code);
    await person.press('Verify');
    await person.isAt('/user');
    await person.reads('Ada Byron');
    await person.looksAt('user');
    assert.deepEqual(person.complaints(), []);
  },

  async 'signing in and out'(person) {
    await person.signsUp();
    await person.signsOut();
    await person.looksAt('sign-in');
    assert.equal(await person.focused(), 'identifier');
    await person.fill('E-mail address', person.email);
    await person.fill('Password', 'not the password');
    await person.press('Sign in');
    await person.isToldAt('password', /That is not the password/);
    await person.looksAt('sign-in-refused');
    await person.fill('Password', PASSWORD);
    await person.press('Sign in');
    await person.isAt('/user');
    await person.open('/sign-out');
    await person.looksAt('sign-out');
    await person.press('Sign out');

    await person.isAt('/sign-in');
    await person.fill('E-mail address', person.email);
    await person.press('Send me a code by e-mail');
    await person.isAt('/sign-in/code');
    await person.looksAt('sign-in-code');
    await person.giveCode(await person.server.mailedCode(person.email), 'Continue');
    await person.isAt('/user');
    assert.deepEqual(person.complaints(), []);
  },

  async 'looking after the account'(person) {
    await person.signsUp();
    await person.page.getByLabel('First name').fill('Grace');
    await person.press('Save');
    await person.reads('Your name was saved.');

    await person.page.getByText('Change picture').click();
    await person.page.getByLabel('Picture', { exact: true }).setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: PIXEL });
    await person.press('Upload');
    await person.reads('Your picture was changed.');

    const second = person.email.replace('ada.', 'second.');
    await person.page.getByText('Add an address').click();
    await person.fill('Another address', second);
    await person.press('Add');
    await person.isAt('/user/email/verify');
    await person.giveCode(await person.server.mailedCode(second), 'Verify');
    await person.reads('The address is verified.');
    await person.looksAt('user-two-addresses');
    await person.press(`Make primary: ${second}`);
    await person.reads('Mails will go to this address from now on.');
    await person.press(`Remove ${person.email}`);
    await person.reads('The address was removed.');
    person.email = second;

    await person.follow('Security');
    await person.isAt('/user/security');
    await person.page.getByText('Change password').click();
    await person.looksAt('security');
    await person.fill('Password so far', 'not the password');
    await person.fill('New password', 'another correct horse battery');
    await person.press('Save password');
    await person.isToldAt('current_password', /That is not the password/);
    await person.fill('Password so far', PASSWORD);
    await person.fill('New password', 'another correct horse battery');
    await person.press('Save password');
    await person.reads('Your password was saved.');
    assert.deepEqual(person.complaints(), []);
  },

  async 'an application sends people here and knows them afterwards'(person) {
    await person.signsUp();
    await person.signsOut();
    await person.page.goto(`${person.application.url}/`);
    await person.reads('nobody');
    await person.page.goto(`${person.application.url}/protected?a=b`);
    await person.isAt('/sign-in');
    await person.fill('E-mail address', person.email);
    await person.fill('Password', PASSWORD);
    await person.press('Sign in');
    await person.page.waitForURL(`${person.application.url}/protected?a=b`);
    await person.reads(/^user_/);
    await person.page.reload();
    await person.reads(/^user_/);

    const back = encodeURIComponent(`${person.application.url}/`);
    await person.open(`/sign-out?redirect_url=${back}`);
    await person.press('Sign out');
    await person.page.waitForURL(`${person.application.url}/`);
    await person.reads('nobody');
  },

  async 'by keyboard alone'(person) {
    await person.signsUp();
    await person.signsOut();
    const { keyboard } = person.page;
    // Whoever types before the page is there types into nothing.
    await person.page.locator('input:focus').waitFor();
    await keyboard.type(person.email);
    await keyboard.press('Tab');
    await keyboard.type(PASSWORD);
    await keyboard.press('Enter');
    await person.isAt('/user');
    await keyboard.press('Tab');
    assert.equal(await person.focused(), 'Skip to the content');
    await keyboard.press('Enter');
    await person.page.waitForURL(/#main$/);
  },
};
