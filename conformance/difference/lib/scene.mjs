// One recorded request in the making: where it goes, who sends it, which options the application has.
import { createHash } from 'node:crypto';
import { KEY_HOST, NOW } from './tokens.mjs';

export const INSTANCES = ['development', 'production'];
export const DESTINATIONS = ['document', 'other'];
export const CARRIERS = ['cookie', 'header'];

const PREFIX = { development: 'test', production: 'live' };

/** Publishable key of an instance type; `host` is the Frontend API's. */
export function publishableKey(instance, host = KEY_HOST) {
  return `pk_${PREFIX[instance]}_${btoa(`${host}$`).replace(/=+$/, '')}`;
}

/** Secret key; the fake Backend API has something else to say to each `name` (`lib/backend.mjs`). */
export function secretKey(instance, name = 'main') {
  return `sk_${PREFIX[instance]}_${name}`;
}

/** What ends the suffixed cookie names of a publishable key. */
export function suffixOf(key) {
  return createHash('sha1').update(key).digest('base64url').slice(0, 8);
}

/** Ways of not being a page navigation. The first two could take a handshake all the same; the last two are no GET. */
const OTHERS = [
  { 'sec-fetch-dest': 'iframe' },
  { accept: 'text/html,application/xhtml+xml' },
  { 'sec-fetch-dest': 'empty', accept: '*/*' },
  { accept: 'application/json' },
  { 'sec-fetch-dest': 'empty', accept: 'text/html' },
  { method: 'POST', 'sec-fetch-dest': 'document' },
  { method: 'HEAD', 'sec-fetch-dest': 'document' },
];
const GETS = OTHERS.filter(({ method }) => !method);
const NO_GETS = OTHERS.filter(({ method }) => method);

export class Scene {
  method = 'GET';
  scheme = 'http';
  host = 'app.test';
  path = '/';
  now = NOW * 1000;
  headers = {};
  has = undefined;
  /** The rows of the fake Backend API's table that are about this request. */
  names = [];
  #query = [];
  #cookies = [];

  /** `unique` names this case where the fake Backend API has to know it; `table` takes that API's answers. */
  constructor(chance, instance, unique, table) {
    this.chance = chance;
    this.unique = unique;
    this.table = table;
    this.instance = instance;
    this.options = { publishable_key: publishableKey(instance), secret_key: secretKey(instance) };
  }

  get suffix() {
    return suffixOf(this.options.publishable_key ?? '');
  }

  /** A page navigation, or the `variant`th of the other kinds of request. */
  goTo(destination, variant, { methods = 'any' } = {}) {
    const others = { any: OTHERS, get: GETS, 'not get': NO_GETS }[methods];
    const chosen = destination === 'document' ? { 'sec-fetch-dest': 'document' } : others[variant % others.length];
    const { method = 'GET', ...headers } = chosen;
    this.method = method;
    Object.assign(this.headers, headers);
    return this;
  }

  /** Whether §4.1 lets this request be sent to a handshake. */
  get eligible() {
    if (this.method !== 'GET') return false;
    const destination = this.headers['sec-fetch-dest'];
    if (destination) return destination === 'document' || destination === 'iframe';
    return this.headers.accept?.startsWith('text/html') ?? false;
  }

  cookie(name, value) {
    this.#cookies.push([name, value]);
    return this;
  }

  suffixed(name, value) {
    return this.cookie(`${name}_${this.suffix}`, value);
  }

  /** A cookie that comes in two spellings, in one or both of them. */
  twin(name, value, form) {
    if (form !== 'suffixed') this.cookie(name, value);
    if (form !== 'plain') this.suffixed(name, value);
    return this;
  }

  query(name, value) {
    this.#query.push([name, value]);
    return this;
  }

  header(name, value) {
    this.headers[name] = value;
    return this;
  }

  option(name, value) {
    this.options[name] = value;
    return this;
  }

  /** Has the fake Backend API answer this to the question of this kind with this name. */
  told(kind, name, answer) {
    this.names.push(`${kind} ${name}`);
    this.table[`${kind} ${name}`] = answer;
    return this;
  }

  /** Drops what `matches` among the cookies, so that a mixture can tear things apart. */
  forgetCookies(matches) {
    this.#cookies = this.#cookies.filter(([name]) => !matches(name));
    return this;
  }

  changeCookies(change) {
    this.#cookies = change(this.#cookies);
    return this;
  }

  get cookies() {
    return this.#cookies;
  }

  /** The case as one line of the input of `frontdesk authenticate --jsonl`. */
  toCase(id) {
    const headers = { host: this.host, ...this.headers };
    if (this.#cookies.length) headers.cookie = this.#cookies.map(([name, value]) => `${name}=${value}`).join('; ').trim();
    const query = this.#query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
    const url = `${this.scheme}://${this.host}${this.path}${query ? `?${query}` : ''}`;
    const line = { id, method: this.method, url, headers: pruned(headers), options: pruned(this.options), now: this.now };
    return this.has ? { ...line, has: this.has } : line;
  }
}

function pruned(members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
