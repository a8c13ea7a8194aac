// What each SDK is known to reach, one line for each operation that it can call; a run must find exactly this.
//
//   walked   asked by a check that passed, and answered with success
//   refused  asked by a check that passed, which proves the refusal (nothing more can be done with it so far)
//   not-yet  answered 501: the server lacks it, and no check of it has run to its end
//   gone     answered 404: an address that the newest contract does not have
//   waiting  a check, by its name, which meets something that the server lacks and so cannot run to its end
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const RANK = { walked: 0, refused: 1, 'not-yet': 2, gone: 3, waiting: 4 };

export class Expected {
  constructor(name) {
    this.file = new URL(`../expected/${name}.txt`, import.meta.url);
    const text = existsSync(this.file) ? readFileSync(this.file, 'utf8') : '';
    this.lines = new Map();
    for (const line of text.split('\n')) {
      const [, state, rest] = /^(\S+) (.+)$/.exec(line) ?? [];
      if (state in RANK) this.lines.set(rest, state);
    }
  }

  /** Sentences about every difference between what was found and what the file says. */
  differences(found) {
    const told = [];
    for (const [rest, state] of found) {
      const before = this.lines.get(rest);
      if (before !== state && !state.startsWith('unchecked')) told.push(`${rest}: ${state}, but the list says ${before ?? 'nothing'}`);
    }
    for (const [rest, state] of this.lines) if (!found.has(rest)) told.push(`${rest}: not asked, but the list says ${state}`);
    return told;
  }

  write(found, about) {
    const lines = [...found].filter(([, state]) => !state.startsWith('unchecked')).map(([rest, state]) => `${state} ${rest}`);
    lines.sort((one, other) => rank(one) - rank(other) || compare(keyOf(one), keyOf(other)));
    writeFileSync(this.file, `# ${about}\n# Written by: node conformance/walks/run.mjs --accept; see lib/expected.mjs.\n${lines.join('\n')}\n`);
  }
}

/** The state of every operation, from the checks' outcomes and from probing what no check asked. */
export function statesOf(outcomes, probes) {
  const found = new Map();
  const set = ({ method, path, id }, state) => {
    const key = `${method} ${path} ${id}`;
    if (!found.has(key) || rankOf(state) < rankOf(found.get(key))) found.set(key, state);
  };
  for (const { outcome, exchanges } of outcomes) {
    for (const exchange of exchanges) {
      if (exchange.code === 'operation_not_available') set(exchange, 'not-yet');
      else if (outcome === 'passed') set(exchange, exchange.status < 400 ? 'walked' : 'refused');
    }
  }
  for (const { name, outcome } of outcomes) if (outcome === 'waiting') found.set(name, 'waiting');
  for (const exchange of probes) set(exchange, exchange.code === 'operation_not_available' ? 'not-yet' : exchange.code === 'route_not_found' ? 'gone' : `unchecked: ${exchange.status} ${exchange.code}`);
  return found;
}

function rankOf(state) {
  return RANK[state] ?? 9;
}

function rank(line) {
  return rankOf(line.split(' ')[0]);
}

function keyOf(line) {
  const [state, method, path] = line.split(' ');
  return state === 'waiting' ? line : `${path} ${method}`;
}

function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}
