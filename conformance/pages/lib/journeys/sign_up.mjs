// Signing up where the application wants more: a username, and that its terms are accepted.
import assert from 'node:assert/strict';
import { PASSWORD } from '../person.mjs';

export const journeys = {
  'signing up with a username, and accepting the terms': {
    instance: 'club',
    async run(person) {
      const somebody = await person.hasAccount();
      const address = `new.${person.email}`;
      await person.open('/sign-up');
      await person.reads('The Club of Unreasonably Long Names');
      await person.looksAt('club-sign-up');
      await person.fill('Username', somebody.username);
      await person.fill('E-mail address', address);
      await person.fill('Password', PASSWORD);
      const consent = person.page.getByRole('checkbox');
      assert.equal(await consent.isChecked(), false, 'nobody accepts by doing nothing');
      await person.page.getByRole('button', { name: 'Create account' }).click();
      assert.ok(await consent.evaluate((box) => box.validity.valueMissing && document.activeElement === box), 'the browser asks');
      const terms = person.page.getByRole('link', { name: 'terms of service' });
      assert.equal(await terms.getAttribute('href'), 'https://club.example/terms');
      await consent.check();
      await person.press('Create account');
      await person.isToldAt('username', /has this username/);
      await person.looksAt('club-sign-up-refused');
      assert.ok(await consent.isChecked(), 'nothing is lost');
      await person.fill('Username', 'a b');
      await person.fill('Password', PASSWORD);
      await person.press('Create account');
      await person.isToldAt('username', /./);
      await person.fill('Username', `new_${person.id}`);
      await person.fill('Password', PASSWORD);
      await person.press('Create account');
      await person.isAt('/sign-up/verify');
      await person.giveMailedCode('Verify', address);
      await person.isAt('/user');
      assert.equal(await person.page.getByLabel('Username').inputValue(), `new_${person.id}`);
      const [made] = await person.instance.backend('GET', `/v1/users?username=new_${person.id}`);
      assert.ok(made.legal_accepted_at, 'that the terms were accepted is kept');

      await person.signsOut();
      await person.looksAt('club-sign-in');
      await person.signsIn(PASSWORD, `new_${person.id}`);
      await person.isAt('/user');
      await person.reads(address);
      assert.deepEqual(person.complaints(), []);
    },
  },

  async 'changing one\'s mind about the address'(person) {
    await person.open('/sign-up');
    await person.fill('E-mail address', `wrong.${person.email}`);
    await person.fill('Password', PASSWORD);
    await person.press('Create account');
    await person.isAt('/sign-up/verify');
    await person.press('send a new code');
    await person.isToldAt(undefined, /Try again in \d+ seconds/);
    await person.follow('Use another address');
    await person.fill('E-mail address', person.email);
    await person.fill('Password', PASSWORD);
    await person.press('Create account');
    await person.isAt('/sign-up/verify');
    await person.reads(person.email);
    await person.giveMailedCode('Verify');
    await person.isAt('/user');
    assert.deepEqual(person.complaints(), []);
  },
};
