// Somebody at a browser: fills in, presses, reads, and notices what is wrong with a page.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
export const PASSWORD = 'correct horse battery staple';

export class Person {
  static async arrive(options) {
    const { browser, setting } = options;
    const { name: _, device: __, ...contextOptions } = setting;
    const context = await browser.newContext({ ...contextOptions, reducedMotion: 'reduce' });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    const person = new Person(options, context, page);
    page.on('console', (message) => message.type() === 'error' && person.#complaints.push(message.text()));
    page.on('pageerror', (error) => person.#complaints.push(String(error)));
    return person;
  }

  #complaints = [];

  constructor({ setting, server, application, journal, folder }, context, page) {
    Object.assign(this, { setting, server, application, journal, folder, context, page });
    this.hasScripts = setting.javaScriptEnabled;
    const id = Math.random().toString(36).slice(2, 8);
    this.email = `ada.${id}@example.com`;
  }

  async open(path) {
    await this.page.goto(new URL(path, this.server.url).href);
  }

  async fill(label, text) {
    await this.page.getByLabel(label, { exact: true }).fill(text);
  }

  async press(name) {
    await Promise.all([
      this.page.waitForLoadState('load'),
      this.page.getByRole('button', { name, exact: true }).click(),
    ]);
    await this.page.waitForLoadState('load');
  }

  async follow(name) {
    await this.page.getByRole('link', { name, exact: true }).click();
    await this.page.waitForLoadState('load');
  }

  /** Gives a code: with scripts it is sent as soon as it is whole. */
  async giveCode(code, button) {
    await this.page.getByLabel('Code', { exact: true }).fill(code);
    if (!this.hasScripts) await this.press(button);
  }

  async isAt(path) {
    await this.page.waitForURL((url) => url.pathname === path);
  }

  async reads(text) {
    await this.page.getByText(text).first().waitFor();
  }

  /** What was wrong is told in one place that has the focus, and beside the field. */
  async isToldAt(field, text) {
    const summary = this.page.getByRole('alert');
    await summary.getByText(text).waitFor();
    const focused = await this.page.evaluate(() => document.activeElement?.id);
    assert.equal(focused, 'problems', 'the summary has the focus');
    if (!field) return;
    await summary.getByRole('link').first().click();
    const { active, invalid, description } = await this.page.evaluate(() => {
      const input = document.activeElement;
      const ids = (input.getAttribute('aria-describedby') ?? '').split(' ');
      return {
        active: input.id,
        invalid: input.getAttribute('aria-invalid'),
        description: ids.map((id) => document.getElementById(id)?.textContent).join(' '),
      };
    });
    assert.deepEqual({ active, invalid }, { active: field, invalid: 'true' }, 'the link leads to the field');
    assert.match(description, text instanceof RegExp ? text : new RegExp(text));
  }

  /** Looks at the page: axe-core, sideways scrolling, and a picture. */
  async looksAt(name) {
    const { page, setting } = this;
    await page.screenshot({
      path: join(this.folder, `${name}-${setting.device}-${setting.colorScheme}.png`),
      fullPage: true,
      animations: 'disabled',
    });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${name} scrolls sideways by ${overflow} pixels`);
    // axe-core is a script itself, and waits for what a page without scripts never does.
    if (!this.hasScripts) return;
    await page.evaluate(`${AXE}; undefined`);
    const result = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags, resultTypes: ['violations'] }), TAGS);
    const told = result.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
    assert.deepEqual(told, [], `${name} in ${setting.name}`);
    this.journal.looked();
  }

  /** The id of the element that has the focus. */
  focused() {
    return this.page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim());
  }

  /** Ends the visit. The browser must not have complained about anything but refused forms. */
  async leave() {
    await this.context.close();
  }

  /** What the browser wrote to its console; an answer of 422 with a page in it is no fault. */
  complaints() {
    return this.#complaints.filter((text) => !/status of 4(22|03|29)/.test(text));
  }

  async signsUp() {
    await this.open('/sign-up');
    await this.fill('E-mail address', this.email);
    await this.fill('Password', PASSWORD);
    await this.press('Create account');
    await this.isAt('/sign-up/verify');
    await this.giveCode(await this.server.mailedCode(this.email), 'Verify');
    await this.isAt('/user');
  }

  async signsIn(path = '/sign-in') {
    await this.open(path);
    await this.fill('E-mail address', this.email);
    await this.fill('Password', PASSWORD);
    await this.press('Sign in');
  }

  async signsOut() {
    await this.open('/sign-out');
    await this.press('Sign out');
    await this.isAt('/sign-in');
  }
}
