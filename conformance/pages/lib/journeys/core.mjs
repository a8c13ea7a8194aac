// What everybody does: sign up, sign in, come from an application, and all of it without a mouse.
import assert from 'node:assert/strict';
import { PASSWORD } from '../person.mjs';

export const journeys = {
  'signing up': {
    everywhere: true,
    async run(person) {
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
      const code = await person.instance.mailedCode(person.email);
      await person.giveCode(code === '000000' ? '111111' : '000000', 'Verify');
      await person.isToldAt('code', /That is not the code/);
      await person.fill('Code', code);
      await person.press('Verify');
      await person.isAt('/user');
      await person.reads('Ada Byron');
      assert.deepEqual(person.complaints(), []);
    },
  },

  'signing in and out': {
    everywhere: true,
    async run(person) {
      await person.hasAccount();
      await person.open('/sign-in');
      await person.looksAt('sign-in');
      assert.equal(await person.focused(), 'identifier');
      await person.signsIn('not the password');
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
      await person.giveMailedCode('Continue');
      await person.isAt('/user');
      assert.deepEqual(person.complaints(), []);
    },
  },

  'an application sends people here and knows them afterwards': {
    async run(person) {
      await person.hasAccount();
      await person.page.goto(`${person.application.url}/`);
      await person.reads('nobody');
      await person.page.goto(`${person.application.url}/protected?a=b`);
      await person.isAt('/sign-in');
      await person.signsIn();
      await person.page.waitForURL(`${person.application.url}/protected?a=b`);
      await person.reads(person.user.id);
      await person.page.reload();
      await person.reads(person.user.id);

      const back = encodeURIComponent(`${person.application.url}/`);
      await person.open(`/sign-out?redirect_url=${back}`);
      await person.press('Sign out');
      await person.page.waitForURL(`${person.application.url}/`);
      await person.reads('nobody');
    },
  },

  'by keyboard alone': {
    everywhere: true,
    async run(person) {
      await person.hasAccount();
      await person.open('/sign-in');
      const { keyboard } = person.page;
      // Whoever types before the page is there types into nothing.
      await person.page.locator('input:focus').waitFor();
      assert.ok(await person.showsFocus(), 'the first field shows that it has the focus');
      await keyboard.type(person.email);
      await keyboard.press('Tab');
      assert.ok(await person.showsFocus(), 'and so does the next');
      await keyboard.type('not the password');
      await keyboard.press('Enter');
      // What was wrong has the focus; from there the keys lead to the field.
      await person.page.locator('#problems:focus').waitFor();
      await keyboard.press('Tab');
      assert.ok(await person.showsFocus(), 'and the way to the field');
      await keyboard.press('Enter');
      await person.page.locator('#password:focus').waitFor();
      await keyboard.type(PASSWORD);
      const passed = [];
      while (!passed.includes('Sign in')) {
        assert.ok(passed.length < 5, `the button is not to be reached: ${passed}`);
        await keyboard.press('Tab');
        passed.push(await person.focused());
        assert.ok(await person.showsFocus(), `${passed.at(-1)} shows that it has the focus`);
      }
      await keyboard.press('Enter');
      await person.isAt('/user');
      await keyboard.press('Tab');
      assert.equal(await person.focused(), 'Skip to the content');
      await keyboard.press('Enter');
      await person.page.waitForURL(/#main$/);
    },
  },
};
