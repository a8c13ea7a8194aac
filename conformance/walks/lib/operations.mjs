// The operations of the contract, by method and path, and which of them an exchange meant.
import { readFileSync } from 'node:fs';

const CONTRACT = new URL('../../../crates/frontdesk-api/contract/operations.txt', import.meta.url);

const OPERATIONS = readFileSync(CONTRACT, 'utf8')
  .split('\n')
  .filter((line) => /^(backend|frontend) /.test(line))
  .map((line) => {
    const [audience, method, path, id] = line.split(' ');
    return { audience, method, path, id, segments: path.split('/') };
  })
  // Most words first, so that `/v1/users/count` is not taken for `/v1/users/{user_id}`.
  .sort((one, other) => variablesOf(one) - variablesOf(other));

/**
 * `{ method, path, id }`; a path that the newest contract lacks stands for itself, with `{id}` for ids.
 *
 * `audience` is `backend` or `frontend`: both have paths like `/v1/organizations`.
 */
export function operationOf(audience, verb, url) {
  // Browsers send any method as POST, and an instance that is not the first one has a prefix.
  const method = url.searchParams.get('_method')?.toUpperCase() ?? verb;
  const path = url.pathname
    .replace(/^\/i\/[^/]+/, '')
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '');
  const segments = path.split('/');
  // Machine authentication is asked without the version, but the contract has it with one.
  const found = find(audience, method, segments) ?? find(audience, method, ['', 'v1', ...segments.slice(1)]);
  if (found) return { method, path: found.path, id: found.id };
  const general = segments.map((word) => (/^[a-z]+_[0-9A-Za-z]{27}$|^none$/.test(word) ? '{id}' : word)).join('/');
  return { method, path: general, id: '-' };
}

function find(audience, method, segments) {
  return OPERATIONS.find(
    (one) =>
      one.audience === audience &&
      one.method === method &&
      one.segments.length === segments.length &&
      one.segments.every((word, index) => word.startsWith('{') || word === segments[index]),
  );
}

function variablesOf({ segments }) {
  return segments.filter((word) => word.startsWith('{')).length;
}
