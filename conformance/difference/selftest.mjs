// Faults planted into good answers: the comparison has to find every one of them. `node --test selftest.mjs`
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { emptyTable } from './lib/backend.mjs';
import { allCells, cellCases, misses } from './lib/cells.mjs';
import { judge } from './lib/compare.mjs';
import { generate } from './lib/generate.mjs';
import { PERMITTED } from './lib/permitted.mjs';
import { count } from './lib/report.mjs';
import { RULES } from './lib/rows/rules.mjs';
import { GRACE } from './lib/tokens.mjs';

const read = (name) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
const lines = (name) => read(name).trim().split('\n').map((line) => JSON.parse(line));
const table = JSON.parse(read('first.backend.json'));
const made = lines('first.cases.jsonl').map((one) => ({ case: one, names: namesIn(one) }));
const answers = lines('first.answers.jsonl');
const calls = new Map(made.flatMap((one) => one.names.map((name) => [name, { method: 'POST', path: '/', body: { token: name } }])));

/** Each gives the answer with a fault, or nothing where the fault cannot be. */
const FAULTS = {
  'another reason': (answer) => answer.reason && { ...answer, reason: 'token-expired' },
  'no reason': (answer) => answer.reason && { ...answer, reason: null },
  'a reason for being signed in': (answer) => answer.status === 'signed-in' && { ...answer, reason: 'token-invalid' },
  'another location': (answer) => answer.location && { ...answer, location: answer.location.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x')) },
  'no location': (answer) => answer.location && { ...answer, location: null },
  'a location out of nowhere': (answer) => !answer.error && !answer.location && { ...answer, location: 'https://evil.test/' },
  'cookies in another order': (answer) => new Set(answer.set_cookie).size > 1 && { ...answer, set_cookie: [...answer.set_cookie.slice(1), answer.set_cookie[0]] },
  'a cookie less': (answer) => answer.set_cookie?.length && { ...answer, set_cookie: answer.set_cookie.slice(1) },
  'a cookie more': (answer) => answer.set_cookie && { ...answer, set_cookie: [...answer.set_cookie, 'a=b'] },
  'another user': (answer) => answer.user_id && { ...answer, user_id: `${answer.user_id}x` },
  'another user in the auth object alone': (answer) => answer.auth?.userId && { ...answer, auth: { ...answer.auth, userId: `${answer.auth.userId}x` } },
  'another session': (answer) => answer.session_id && { ...answer, session_id: GRACE.session.replace('2', '3') },
  'another organization': (answer) => answer.org_id && { ...answer, org_id: null },
  'another role': (answer) => answer.auth?.orgRole && { ...answer, auth: { ...answer.auth, orgRole: 'org:owner' } },
  'a permission more': (answer) => answer.auth?.orgPermissions && { ...answer, auth: { ...answer.auth, orgPermissions: [...answer.auth.orgPermissions, 'org:all:all'] } },
  'a permission less': (answer) => answer.auth?.orgPermissions?.length && { ...answer, auth: { ...answer.auth, orgPermissions: answer.auth.orgPermissions.slice(1) } },
  'claims changed': (answer) => answer.auth?.sessionClaims && { ...answer, auth: { ...answer.auth, sessionClaims: { ...answer.auth.sessionClaims, x: 1 } } },
  'a scope more': (answer) => Array.isArray(answer.auth?.scopes) && { ...answer, auth: { ...answer.auth, scopes: [...answer.auth.scopes, 'all'] } },
  'another kind of token': (answer) => answer.auth && { ...answer, auth: { ...answer.auth, tokenType: 'm2m' } },
  'no auth object': (answer) => answer.auth && { ...answer, auth: null },
  'signed in where signed out': (answer) => answer.status === 'signed-out' && { ...answer, status: 'signed-in', reason: null },
  'signed in where a handshake is due': (answer) => answer.status === 'handshake' && { ...answer, status: 'signed-in', reason: null, location: null },
  'signed in where the reference throws': (answer) => answer.error && { id: answer.id, status: 'signed-in', reason: null, set_cookie: [] },
  'signed out where the reference throws': (answer) => answer.error && { id: answer.id, status: 'signed-out', reason: 'unexpected-error', set_cookie: [] },
  'signed out where signed in': (answer) => answer.status === 'signed-in' && { ...answer, status: 'signed-out', reason: 'token-invalid', user_id: null, session_id: null, org_id: null },
  'a handshake where signed out': (answer) => answer.status === 'signed-out' && { ...answer, status: 'handshake' },
  'signed out where a handshake is due': (answer) => answer.status === 'handshake' && { ...answer, status: 'signed-out' },
  'thrown': (answer) => !answer.error && { id: answer.id, error: 'refused' },
  'no answer': (answer) => ({ ...answer, id: 'of another case' }),
};

test('answers that are the same agree', () => {
  assert.deepEqual(verdicts(answers).filter((one) => one.verdict !== 'agrees'), []);
});

for (const [name, plant] of Object.entries(FAULTS)) {
  test(`found: ${name}`, () => {
    const planted = answers.map((answer) => plant(answer) || null);
    const judged = verdicts(answers.map((answer, index) => planted[index] ?? answer));
    const faulty = judged.filter((_, index) => planted[index]);
    assert.ok(faulty.length > 0, 'the fault fits no answer');
    assert.deepEqual(faulty.filter((one) => one.verdict !== 'fails').map((one) => one.made.case.id), []);
    assert.equal(count({ made, reference: { answers }, judged, seed: 0, seconds: {} }).totals.failing, faulty.length);
  });
}

test('what lets somebody in is called looser, whatever is permitted', () => {
  for (const [name, plant] of Object.entries(FAULTS).filter(([name]) => /^signed in|^another (user|session)|more$/.test(name) && !/cookie/.test(name))) {
    const planted = answers.map((answer) => plant(answer) || null);
    const judged = verdicts(answers.map((answer, index) => planted[index] ?? answer));
    assert.ok(judged.every((one, index) => !planted[index] || one.looser.length > 0), name);
  }
});

test('a question answered otherwise is found, and a yes too many is looser', () => {
  const wanted = { ...answers.find((answer) => answer.status === 'signed-in'), has: [true, false, 'throws'] };
  const one = made.find(({ case: { id } }) => id === wanted.id);
  const verdictOf = (has) => judge([one], { answers: [wanted], calls }, { answers: [{ ...wanted, has }], calls }, table)[0];
  assert.equal(verdictOf([true, false, 'throws']).verdict, 'agrees');
  for (const has of [[false, false, 'throws'], [true, false, false], [true, false], undefined]) assert.equal(verdictOf(has).verdict, 'fails');
  for (const has of [[true, true, 'throws'], [true, false, true]]) assert.deepEqual(verdictOf(has).looser, ['has']);
});

test('another question to the Backend API is found', () => {
  const asking = made.find((one) => one.names.length);
  const other = new Map([...calls, [asking.names[0], { method: 'POST', path: '/', body: {} }]]);
  const judged = judge(made, { answers, calls }, { answers, calls: other }, table);
  assert.deepEqual(judged.filter((one) => one.verdict === 'fails').map((one) => one.made.case.id), [asking.case.id]);
});

test('a permitted difference that nobody needs is a complaint', () => {
  const { complaints } = count({ made, reference: { answers }, judged: verdicts(answers), seed: 0, seconds: {} });
  for (const { id } of PERMITTED) assert.ok(complaints.includes(`${id}: permitted, and never needed`));
});

test('a cell without cases is a complaint', () => {
  const { complaints } = count({ made, reference: { answers }, judged: [], seed: 0, seconds: {} });
  assert.ok(complaints.some((text) => text.endsWith(': no cases')));
});

test('a case beside its cell is a complaint', () => {
  const expected = { status: 'signed-in', reason: null, user: 'nobody' };
  const { complaints } = count({ made: [{ ...made[0], expected }], reference: { answers: [answers[0]] }, judged: [], seed: 0, seconds: {} });
  assert.ok(complaints.some((text) => text.includes('is not where it should be')));
});

test('every cell is forbidden by a known rule or has cases, and every rule forbids something', () => {
  const cells = [...allCells()];
  const filled = new Set([...cellCases(1, 1, emptyTable())].map((one) => one.cell));
  for (const cell of cells) assert.ok(cell.forbidden ? RULES[cell.forbidden] : filled.has(cell.name), cell.name);
  assert.deepEqual(Object.keys(RULES).filter((rule) => !cells.some((cell) => cell.forbidden === rule)), []);
  assert.equal(new Set(cells.map((cell) => cell.name)).size, cells.length);
});

test('a seed gives the same cases every time, another seed others', () => {
  const text = (seed) => JSON.stringify(generate({ seed, count: 2000, each: 1 }));
  assert.equal(text(5), text(5));
  assert.notEqual(text(5), text(6));
});

test('the cases of the fixture fall where their names say', () => {
  const expected = new Map([...cellCases(1, 1, emptyTable())].map((one) => [one.case.id, one.expected]));
  answers.forEach((answer) => assert.equal(misses(expected.get(answer.id), answer), null, answer.id));
});

function verdicts(ours) {
  return judge(made, { answers, calls }, { answers: ours, calls }, table);
}

/** The rows of the table that the case speaks of. */
function namesIn(one) {
  const text = JSON.stringify(one);
  return Object.keys(table).filter((name) => !name.startsWith('jwks ') && text.includes(name.slice(name.indexOf(' ') + 1)));
}
