// Somebody at a browser: fills in, presses, reads, and notices what is wrong with a page.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
export const PASSWORD = 'correct horse battery staple';
/** Where nobody may have to scroll sideways: a desktop at 200 % and at 400 %, which is the narrowest phone (WCAG 2.2, 1.4.10). */
const WIDTHS = [640, 320];

export class Person {
  static async arrive(options) {
    const { name: _, device: __, ...contextOptions } = options.setting;
    const context = await options.browser.newContext({ ...contextOptions, reducedMotion: 'reduce' });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    const person = new Person(options, context, page);
    page.on('console', (message) => message.type() === 'error' && person.#complaints.push(message.text()));
    page.on('pageerror', (error) => person.#complaints.push(String(error)));
    return person;
  }

  #complaints = [];
  #others = [];
  #options;

  constructor(options, context, page) {
    const { setting, instance, application, journal, folder } = options;
    Object.assign(this, { setting, instance, application, journal, folder, context, page });
    this.#options = options;
    this.hasScripts = setting.javaScriptEnabled;
    this.id = Math.random().toString(36).slice(2, 8);
    this.email = `ada.${this.id}@example.com`;
  }

  /** The same person at another browser. */
  async elsewhere() {
    const other = await Person.arrive(this.#options);
    Object.assign(other, { id: this.id, email: this.email, user: this.user });
    this.#others.push(other);
    return other;
  }

  async open(path) {
    await this.page.goto(this.instance.url + this.instance.base + path);
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

  async unfold(name) {
    await this.page.locator('summary', { hasText: name }).click();
  }

  /** Gives a code: with scripts it is sent as soon as it is whole. */
  async giveCode(code, button) {
    await this.page.getByLabel('Code', { exact: true }).fill(code);
    if (!this.hasScripts) await this.press(button);
  }

  async giveMailedCode(button, address = this.email) {
    await this.giveCode(await this.instance.mailedCode(address), button);
  }

  async isAt(path) {
    await this.page.waitForURL((url) => url.pathname === this.instance.base + path);
  }

  async reads(text) {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  async readsNot(text) {
    assert.equal(await this.page.getByText(text).count(), 0, `${text} is not to be read here`);
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

  /** Looks at the page: a picture, axe-core, nothing that moves, and no scrolling sideways, be it narrow or large. */
  async looksAt(name) {
    const { page, setting } = this;
    await page.screenshot({
      path: join(this.folder, `${name}-${setting.device}-${setting.colorScheme}.png`),
      fullPage: true,
      animations: 'disabled',
    });
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .filter((element) => {
          const { transitionDuration, animationName } = getComputedStyle(element);
          return /[1-9]/.test(transitionDuration) || animationName !== 'none';
        })
        .map(({ tagName, className }) => `${tagName}.${className}`),
    );
    assert.deepEqual(moving, [], `${name} moves for somebody who wants nothing to move`);
    await this.#fits(name);
    // axe-core is a script itself, and waits for what a page without scripts never does.
    if (!this.hasScripts) return;
    await page.evaluate(`${AXE}; undefined`);
    const result = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags, resultTypes: ['violations'] }), TAGS);
    const told = result.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
    assert.deepEqual(told, [], `${name} in ${setting.name}`);
    this.journal.looked();
  }

  /** Nothing is wider than the page, be it as wide as it is or narrower. */
  async #fits(name) {
    const { page, setting } = this;
    for (const width of [setting.viewport.width, ...WIDTHS]) {
      await page.setViewportSize({ width, height: setting.viewport.height });
      const wide = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        const isWide = (element) => element.getBoundingClientRect().right > clientWidth + 1;
        const named = ({ tagName, id, className }) => `${tagName} ${id} ${className}`;
        return scrollWidth > clientWidth ? [...document.querySelectorAll('body *')].filter(isWide).map(named) : undefined;
      });
      assert.equal(wide, undefined, `${name} scrolls sideways where it is ${width} pixels wide`);
    }
    await page.setViewportSize(setting.viewport);
  }

  /** The id of the element that has the focus. */
  focused() {
    return this.page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim());
  }

  /** Whether whatever has the focus can be told from what has not. */
  async showsFocus() {
    const looks = () =>
      this.page.evaluate(() => {
        const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(globalThis.looked ??= document.activeElement);
        return [outlineStyle === 'none' ? '' : outlineWidth, boxShadow, borderColor].join();
      });
    const focused = await looks();
    await this.page.evaluate(() => globalThis.looked.blur());
    const blurred = await looks();
    await this.page.evaluate(() => {
      globalThis.looked.focus();
      delete globalThis.looked;
    });
    return focused !== blurred;
  }

  /** Ends the visit. */
  async leave() {
    for (const other of this.#others) await other.leave();
    await this.context.close();
  }

  /** What the browser wrote to its console; an answer of 422 with a page in it is no fault. */
  complaints() {
    return this.#complaints.filter((text) => !/status of 4(22|03|29)/.test(text));
  }

  /** Has an account already, of which so much is known. */
  async hasAccount(more = {}) {
    const username = this.instance.wantsUsernames ? { username: `ada_${this.id}` } : {};
    this.user = await this.instance.backend('POST', '/v1/users', {
      email_address: [this.email],
      password: PASSWORD,
      legal_accepted_at: '2026-01-01T00:00:00Z',
      ...username,
      ...more,
    });
    this.email = this.user.email_addresses[0].email_address;
    return this.user;
  }

  /** Comes in by a link of the application, which is quick. */
  async comesIn(user = this.user) {
    const { token } = await this.instance.backend('POST', '/v1/sign_in_tokens', { user_id: user.id });
    await this.open(`/sign-in?__clerk_ticket=${token}`);
    await this.press('Continue');
    await this.isAt('/user');
  }

  async signsIn(password = PASSWORD, identifier = this.email) {
    const label = this.instance.wantsUsernames ? 'E-mail address or username' : 'E-mail address';
    await this.fill(label, identifier);
    await this.fill('Password', password);
    await this.press('Sign in');
  }

  async signsOut() {
    await this.open('/sign-out');
    await this.press('Sign out');
    await this.isAt('/sign-in');
  }
}
