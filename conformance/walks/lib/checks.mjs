// The checks of a walk, in order, and what became of each.

/** A list of checks. `needs` names the methods that a client must have; older clients leave the check out. */
export class Checks {
  list = [];

  add(name, needs, run) {
    this.list.push({ name, needs, run });
  }
}

/** What the server answers when it lacks an operation, or the feature behind a parameter. */
const LACKING = new Set(['operation_not_available', 'form_param_not_available']);

/**
 * Runs one check; gives `{ name, outcome, error, exchanges }`.
 *
 * A check that fails and has met something that the server lacks is `waiting`; any other error is a failure.
 */
export async function runCheck({ name, run }, relay) {
  const mark = relay.exchanges.length;
  let error = null;
  try {
    await run();
  } catch (thrown) {
    error = thrown;
  }
  const exchanges = relay.since(mark);
  if (!error) return { name, outcome: 'passed', exchanges };
  const lacking = exchanges.find(({ code }) => LACKING.has(code));
  return { name, outcome: lacking ? 'waiting' : 'failed', error: describe(error), exchanges };
}

function describe(error) {
  const told = error?.errors ? `\n${JSON.stringify({ status: error.status, errors: error.errors })}` : '';
  const own = (error?.stack ?? String(error)).split('\n').filter((line) => !/node:internal|node_modules/.test(line));
  return `${own.join('\n')}${told}`;
}
