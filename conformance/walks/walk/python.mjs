// The whole walk of the Python SDK: the checks are in ../python, the counting is here.
import { judge } from '../lib/checks.mjs';
import { Expected, statesOf } from '../lib/expected.mjs';
import { pythonPackage, runPython } from '../lib/python.mjs';
import { Relay } from '../lib/relay.mjs';

/** Walks the Python SDK; gives the same as the walk of a Node SDK. */
export async function walkPython(server, { filter }) {
  const instance = await server.instance('walk-python');
  const relay = new Relay();
  const outcomes = [];
  let mark = 0;
  // What no outcome has claimed at the end was asked by the probe.
  relay.onMessage = ({ path, body }) => {
    if (path === '/-/outcome') {
      outcomes.push(judge(body, relay.since(mark)));
      mark = relay.exchanges.length;
    }
    return { count: relay.exchanges.length };
  };
  await relay.open(server.url);
  try {
    await runPython(server, {
      relay_url: relay.url,
      server_url: server.url,
      frontend_url: `${server.url}/i/${instance.slug}`,
      instance,
      filter,
    });
    const checked = new Set(outcomes.flatMap(({ exchanges }) => exchanges.map(keyOf)));
    const probes = relay.since(mark).filter((exchange) => !checked.has(keyOf(exchange)));
    return { name: 'python', about: pythonPackage(), outcomes, states: statesOf(outcomes, probes), expected: new Expected('python') };
  } finally {
    relay.close();
  }
}

function keyOf({ method, path }) {
  return `${method} ${path}`;
}
