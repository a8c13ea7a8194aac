// Exact comparison. A difference is allowed only if a rule of `permitted.mjs` says so, and never if it is looser.
import { isDeepStrictEqual } from 'node:util';
import { PERMITTED } from './permitted.mjs';

const TOLD = ['status', 'reason', 'location', 'set_cookie', 'user_id', 'session_id', 'org_id'];

/**
 * What became of each case: `{ made, wanted, seen, differences, looser, rule, verdict }` with the verdict `agrees`,
 * `permitted` (by `rule`) or `fails`. `reference` and `ours` are `{ answers, calls }`.
 */
export function judge(made, reference, ours, table) {
  const answers = new Map(ours.answers.map((answer) => [answer.id, answer]));
  return made.map((one, index) => {
    const wanted = reference.answers[index];
    if (wanted?.id !== one.case.id) throw new Error(`the reference answered ${wanted?.id} in place of ${one.case.id}`);
    const seen = answers.get(one.case.id) ?? { id: one.case.id, missing: true };
    const differences = differencesOf(wanted, seen);
    const asked = wanted.error && seen.error ? [] : callDifferences(one.names ?? [], reference.calls, ours.calls);
    const looser = loosenings(wanted, seen);
    const rule = looser.length ? undefined : permission({ case: one.case, stricter: one.stricter, wanted, seen, differences, table }, asked);
    const differs = differences.length + asked.length + looser.length > 0;
    const verdict = !differs ? 'agrees' : rule ? 'permitted' : 'fails';
    return { made: one, wanted, seen, differences: [...differences, ...asked.map(({ name }) => `asked ${name}`)], looser, rule, verdict };
  });
}

/** The names of the members that differ; nothing is said about texts of errors. */
export function differencesOf(wanted, seen) {
  if (seen.missing) return ['no answer'];
  if (wanted.error || seen.error) return Boolean(wanted.error) === Boolean(seen.error) ? [] : ['error'];
  const differing = TOLD.filter((name) => !isDeepStrictEqual(wanted[name] ?? null, seen[name] ?? null));
  const members = new Set([...Object.keys(wanted.auth ?? {}), ...Object.keys(seen.auth ?? {})]);
  for (const name of [...members].sort()) {
    if (!isDeepStrictEqual(wanted.auth?.[name], seen.auth?.[name])) differing.push(`auth.${name}`);
  }
  if (Boolean(wanted.auth) !== Boolean(seen.auth)) differing.push('auth');
  const asked = Math.max(wanted.has?.length ?? 0, seen.has?.length ?? 0);
  for (let index = 0; index < asked; index++) {
    if (wanted.has?.[index] !== seen.has?.[index]) differing.push(`has.${index}`);
  }
  return differing;
}

/** Ways in which an answer lets somebody in, or lets them do more, where the reference does not. Never allowed. */
export function loosenings(wanted, seen) {
  const found = [];
  if (seen.status === 'signed-in' && wanted.status !== 'signed-in') found.push('signed in');
  if (seen.auth?.isAuthenticated && !wanted.auth?.isAuthenticated) found.push('authenticated');
  for (const name of ['user_id', 'session_id', 'org_id']) {
    if (seen[name] && seen[name] !== wanted[name]) found.push(`another ${name}`);
  }
  for (const name of ['userId', 'orgId', 'subject', 'machineId', 'clientId', 'orgRole']) {
    if (seen.auth?.[name] && seen.auth[name] !== wanted.auth?.[name]) found.push(`another ${name}`);
  }
  for (const name of ['orgPermissions', 'scopes']) {
    const allowed = new Set([wanted.auth?.[name] ?? []].flat());
    if ([seen.auth?.[name] ?? []].flat().some((one) => !allowed.has(one))) found.push(`more ${name}`);
  }
  if (seen.has?.some((result, index) => result === true && wanted.has?.[index] !== true)) found.push('has');
  return found;
}

/** Where the two sides asked the Backend API different things about one case. */
function callDifferences(names, wanted, seen) {
  const pairs = names.map((name) => ({ name, asked: [wanted.get(name), seen.get(name)] }));
  return pairs.filter(({ asked: [theirs, ours] }) => !isDeepStrictEqual(theirs, ours));
}

/** The rule that allows what differs. Only one side asks the Backend API where the other has had enough before. */
function permission(difference, asked) {
  if (difference.differences.length === 0 || asked.some(({ asked: [theirs, ours] }) => theirs && ours)) return undefined;
  return PERMITTED.find((rule) => rule.allows(difference))?.id;
}
