// Every cell of the decision table, and cases made to fall into it.
//
// A cell is a row × {development, production} × {document, other} × {cookie, header}. The row's `forbids` names the
// rule that makes a cell impossible; every other cell gets cases, and with each what the reference must answer if the
// case is where it belongs.
import { Chance } from './chance.mjs';
import { COOKIE_ROWS } from './rows/cookie.mjs';
import { HEADER_ROWS } from './rows/header.mjs';
import { SETTINGS_ROWS } from './rows/settings.mjs';
import { VERIFICATION_ROWS } from './rows/verification.mjs';
import { CARRIERS, DESTINATIONS, INSTANCES, Scene } from './scene.mjs';

export const ROWS = [...SETTINGS_ROWS, ...HEADER_ROWS, ...COOKIE_ROWS, ...VERIFICATION_ROWS];

export function* allCells() {
  for (const row of ROWS) {
    for (const instance of INSTANCES) {
      for (const destination of DESTINATIONS) {
        for (const carrier of CARRIERS) {
          const cell = { row, instance, destination, carrier };
          yield { ...cell, name: [row.row, instance, destination, carrier].join(' | '), forbidden: row.forbids(cell) };
        }
      }
    }
  }
}

/** `each` cases for every possible cell: `{ case, names, cell, expected }`. */
export function* cellCases(seed, each, table) {
  let number = 0;
  for (const cell of allCells()) {
    if (cell.forbidden) continue;
    for (let index = 0; index < each; index++) {
      const id = `${cell.name} | ${index}`;
      const scene = new Scene(new Chance(seed, id), cell.instance, `c${number++}`, table);
      scene.goTo(cell.destination, index, { methods: cell.row.methods });
      const expected = cell.row.build(scene, { ...cell, index });
      yield { case: scene.toCase(id), names: scene.names, cell: cell.name, expected };
    }
  }
}

/** Null if the reference's answer is the one the case was made for, else what is wrong with it. */
export function misses(expected, answer) {
  if (expected.error) return answer.error ? null : `not thrown: ${answer.status} ${answer.reason}`;
  if (answer.error) return `thrown: ${answer.error}`;
  if (answer.status !== expected.status) return `${answer.status} ${answer.reason}, wanted ${expected.status} ${expected.reason}`;
  const asExpected = expected.reason instanceof RegExp ? expected.reason.test(answer.reason) : answer.reason === expected.reason;
  if (!asExpected) return `${answer.reason}, wanted ${expected.reason}`;
  const seen = {
    user: answer.user_id,
    organization: answer.org_id,
    tokenType: answer.auth?.tokenType,
    cookies: answer.set_cookie.length > 0,
    location: typeof expected.location === 'string' ? answer.location?.startsWith(expected.location) && expected.location : answer.location !== null,
  };
  const wrong = Object.keys(seen).find((name) => name in expected && seen[name] !== expected[name]);
  return wrong ? `${wrong}: ${seen[wrong]}, wanted ${expected[wrong]}` : null;
}
