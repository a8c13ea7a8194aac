// A browser without script: a cookie jar that obeys the cookie rules, and navigation that follows redirects.
//
// Only servers write cookies here. Nothing in this folder sets, changes or removes a cookie value; the tests may
// read the jar. As in a browser, cookies of `localhost` do not know ports, so the Frontend API and the app share them.
import { CookieJar } from 'tough-cookie';
import { send } from './http.mjs';

const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const MOST_REDIRECTS = 10;

export class Browser {
  #jar = new CookieJar(undefined, { allowSecureOnLocal: false });
  #route;

  /** `route` says where an address is on this machine, and what a proxy before it would add; by default it is there. */
  constructor({ route = (url) => ({ url, headers: {} }) } = {}) {
    this.#route = route;
  }

  /** Opens a page as the address bar does (or a link, with a referer) and follows redirects; gives the last answer. */
  async navigate(address, { referer } = {}) {
    const hops = [];
    let url = new URL(address);
    for (;;) {
      const answer = await this.#exchange(url, {
        headers: {
          accept: 'text/html,application/xhtml+xml',
          'sec-fetch-dest': 'document',
          'sec-fetch-mode': 'navigate',
          ...(referer && { referer }),
        },
      });
      hops.push({ url: url.href, status: answer.status });
      if (answer.status < 300 || answer.status >= 400) return { ...answer, hops };
      if (hops.length > MOST_REDIRECTS) throw new Error(`redirects without end: ${JSON.stringify(hops, null, 1)}`);
      url = new URL(answer.headers.location, url);
    }
  }

  /** What a page's script asks its own server: no navigation, cookies included. */
  get(url) {
    return this.#exchange(new URL(url), { headers: { accept: '*/*', 'sec-fetch-dest': 'empty' } });
  }

  /** A JSON request of a page's script to its own server. */
  postJson(url, value) {
    return this.#exchange(new URL(url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-dest': 'empty' },
      body: JSON.stringify(value),
    });
  }

  /** A form request of a page's script to the Frontend API, with the origin of the page. */
  postForm(url, fields, origin) {
    return this.#exchange(new URL(url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin, 'sec-fetch-dest': 'empty' },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** The cookies that would go to this address, by name; for reading only. */
  async cookies(url) {
    const cookies = await this.#jar.getCookies(url);
    return new Map(cookies.map(({ key, value }) => [key, value]));
  }

  async #exchange(url, { method, headers, body }) {
    const cookie = await this.#jar.getCookieString(url.href);
    const route = this.#route(url);
    const answer = await send(route.url, {
      method,
      headers: { 'user-agent': USER_AGENT, ...headers, ...route.headers, ...(cookie && { cookie }) },
      body,
    });
    for (const line of answer.setCookies) await this.#jar.setCookie(line, url.href);
    return answer;
  }
}
