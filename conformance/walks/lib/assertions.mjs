// What the walks say about resources, beyond node:assert.
import assert from 'node:assert/strict';

/** Every member of an SDK's resource has a value: what the server forgot would be undefined here. */
export function populated(resource, { type, except = [] } = {}) {
  if (type) assert.equal(resource.constructor.name.replace(/^_+|\d+$/g, ''), type);
  for (const [name, value] of Object.entries(resource)) {
    if (name.startsWith('_') || except.includes(name)) continue;
    assert.notEqual(value, undefined, `${type ?? 'resource'}.${name} is undefined`);
    if (/At$/.test(name) && value !== null) isInstant(value, name);
  }
}

/** A time in milliseconds since 1970, and one of this century: seconds or strings would not pass. */
export function isInstant(value, name = 'time') {
  assert.equal(typeof value, 'number', `${name} is a ${typeof value}`);
  assert.ok(value > Date.UTC(2020, 0, 1) && value < Date.UTC(2060, 0, 1), `${name} is ${value}`);
}

/** A time that was just now, by a generous clock. */
export function isRecent(value, name = 'time') {
  isInstant(value, name);
  assert.ok(Math.abs(Date.now() - value) < 120_000, `${name} is ${new Date(value).toISOString()}`);
}

/** An id of the kind that the prefix names. */
export function isId(value, prefix) {
  assert.match(value, new RegExp(`^${prefix}_[0-9A-Za-z]{27}$`));
}

/** A refusal as the SDK tells it: its own class of error, with status, trace and code; gives the first error. */
export async function refused(sdk, promise, status, code, parameter) {
  const error = await promise.then(
    (value) => assert.fail(`expected ${status} ${code}, got ${JSON.stringify(value)?.slice(0, 300)}`),
    (reason) => reason,
  );
  if (error instanceof assert.AssertionError) throw error;
  assert.ok(sdk.isApiError(error), `not an API error: ${error?.stack ?? error}`);
  assert.equal(error.clerkError, true);
  const first = error.errors[0];
  assert.deepEqual([error.status, first?.code], [status, code], JSON.stringify(error.errors));
  assert.match(error.clerkTraceId, /^\w{16,}$/, 'a trace id');
  assert.equal(typeof first.message, 'string');
  assert.equal(typeof first.longMessage, 'string');
  assert.ok(first.message.length > 0 && first.longMessage.length > 0);
  if (parameter) assert.equal(first.meta?.paramName, parameter);
  return first;
}
