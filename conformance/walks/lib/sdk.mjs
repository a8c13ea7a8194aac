// The three official Node SDKs behind one face: the same calls, and what differs between their majors.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('../node_modules/', import.meta.url));

/** Names of `--only`, and the package of each. */
export const SDKS = { newest: '@clerk/backend', '1.x': 'clerk-backend-1', '0.x': 'clerk-backend-0' };

export class Sdk {
  /** Methods that the walk has called, as `users.getUser`. */
  called = new Set();

  constructor(name, { apiUrl, secretKey, publishableKey }) {
    const folder = join(MODULES, SDKS[name]);
    const required = createRequire(join(folder, 'package.json'));
    const { version } = required('./package.json');
    const module = createRequire(join(MODULES, 'x'))(SDKS[name]);
    this.name = name;
    this.package = `@clerk/backend ${version}`;
    this.major = Number(version.split('.')[0]);
    this.module = module;
    const options = { secretKey, apiUrl, publishableKey, telemetry: { disabled: true } };
    const create = module.createClerkClient ?? module.Clerk;
    /** As the package gives it. */
    this.client = create(options);
    /** The same, noting what is called. */
    this.api = noting(this.client, this.called);
    this.withSecret = (key) => create({ ...options, secretKey: key });
    this.isApiError = required('@clerk/shared/error').isClerkAPIResponseError;
    if (this.major >= 3) assert.equal(required('./dist/errors.js').isClerkAPIResponseError(new Error('x')), false);
  }

  /** Whether the client has these methods. */
  has(methods) {
    return methods.every((name) => {
      const [api, method] = name.split('.');
      return typeof this.client[api]?.[method] === 'function';
    });
  }

  /** Every method of the client that asks the Backend API. */
  methods() {
    const all = [];
    for (const [api, value] of Object.entries(this.client)) {
      if (!value || typeof value !== 'object' || typeof value.requireId !== 'function') continue;
      for (let type = value; type && type !== Object.prototype; type = Object.getPrototypeOf(type)) {
        for (const name of Object.getOwnPropertyNames(type)) {
          if (['constructor', 'request', 'requireId'].includes(name) || typeof value[name] !== 'function') continue;
          if (!name.startsWith('#')) all.push(`${api}.${name}`);
        }
      }
    }
    return [...new Set(all)].sort();
  }

  /** The rows of a list, whose shape depends on the major; `total` is null where the SDK gives none. */
  rows(list) {
    if (this.major === 0) {
      assert.ok(Array.isArray(list), `a 0.x list is an array, not ${JSON.stringify(list)?.slice(0, 200)}`);
      return { data: list, total: null };
    }
    assert.deepEqual(Object.keys(list).sort(), ['data', 'totalCount']);
    assert.ok(Array.isArray(list.data));
    assert.equal(typeof list.totalCount, 'number');
    return { data: list.data, total: list.totalCount };
  }

  /** The JWT of a minted token: 0.x gives the string, later majors a resource. */
  jwt(token) {
    if (this.major === 0) return token;
    assert.equal(token.constructor.name.replace(/^_+/, ''), 'Token');
    return token.jwt;
  }
}

function noting(client, called) {
  return new Proxy(client, {
    get(target, api) {
      const value = target[api];
      if (!value || typeof value !== 'object') return value;
      return new Proxy(value, {
        get(inner, method) {
          const found = inner[method];
          if (typeof found !== 'function') return found;
          return (...args) => {
            called.add(`${String(api)}.${String(method)}`);
            return found.apply(inner, args);
          };
        },
      });
    },
  });
}
