// The checks of a walk, in order, and what became of each.
import { setTimeout as sleep } from 'node:timers/promises';

/** A list of checks. `needs` names the methods that a client must have; older clients leave the check out. */
export class Checks {
  list = [];

  add(name, needs, run) {
    this.list.push({ name, needs, run });
  }
}

/** What the server answers when it lacks an operation, or the feature behind a parameter. */
const LACKING = new Set(['operation_not_available', 'form_param_not_available']);

/** How long one check may take; an SDK that asks again for ever would take longer. */
const PATIENCE_MILLISECONDS = 45_000;

/** Runs one check; gives what became of it, see `judge`. */
export async function runCheck({ name, run }, relay) {
  const mark = relay.exchanges.length;
  let error = null;
  try {
    const late = sleep(PATIENCE_MILLISECONDS, undefined, { ref: false }).then(() => {
      throw new Error(`not done after ${PATIENCE_MILLISECONDS / 1000} s`);
    });
    await Promise.race([run(), late]);
  } catch (thrown) {
    error = describe(thrown);
  }
  return judge({ name, outcome: error === null ? 'passed' : 'failed', error }, relay.since(mark));
}

/**
 * `{ name, outcome, error, exchanges }` of a check that ended.
 *
 * One that failed and has met something that the server lacks is `waiting`; any other error is a failure.
 */
export function judge({ name, outcome, error }, exchanges) {
  const lacking = outcome === 'failed' && exchanges.some(({ code }) => LACKING.has(code));
  return { name, outcome: lacking ? 'waiting' : outcome, error, exchanges };
}

function describe(error) {
  const told = error?.errors ? `\n${JSON.stringify({ status: error.status, errors: error.errors })}` : '';
  const own = (error?.stack ?? String(error)).split('\n').filter((line) => !/node:internal|node_modules/.test(line));
  return `${own.join('\n')}${told}`;
}
