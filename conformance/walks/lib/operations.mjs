// The operations of the Backend API, by method and path, and which of them an exchange meant.
import { readFileSync } from 'node:fs';

const CONTRACT = new URL('../../../crates/frontdesk-api/contract/operations.txt', import.meta.url);

const OPERATIONS = readFileSync(CONTRACT, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('backend '))
  .map((line) => {
    const [, method, path, id] = line.split(' ');
    return { method, path, id, segments: path.split('/') };
  })
  // Most words first, so that `/v1/users/count` is not taken for `/v1/users/{user_id}`.
  .sort((one, other) => variablesOf(one) - variablesOf(other));

/** `{ method, path, id }`; a path that the newest contract lacks stands for itself, with `{id}` for ids. */
export function operationOf(method, pathname) {
  const path = pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  const segments = path.split('/');
  // Machine authentication is asked without the version, but the contract has it with one.
  const found = find(method, segments) ?? find(method, ['', 'v1', ...segments.slice(1)]);
  if (found) return { method, path: found.path, id: found.id };
  const general = segments.map((word) => (/^[a-z]+_[0-9A-Za-z]{27}$|^none$/.test(word) ? '{id}' : word)).join('/');
  return { method, path: general, id: '-' };
}

function find(method, segments) {
  return OPERATIONS.find(
    (one) =>
      one.method === method &&
      one.segments.length === segments.length &&
      one.segments.every((word, index) => word.startsWith('{') || word === segments[index]),
  );
}

function variablesOf({ segments }) {
  return segments.filter((word) => word.startsWith('{')).length;
}
