// Walks the official SDKs, unmodified, through everything that they can ask of the server.
//
//   node run.mjs --binary target/debug/frontdesk [--engine sqlite|postgres] [--database-url postgres://…]
//                [--only newest,1.x,0.x,python,clerk-js,express,fastify,satellites,express-4,mail] [--filter WORDS] [--accept] [--verbose]
//
// `--only` chooses walks, `--filter` checks whose name has these words, `--accept` writes what was reached to
// `expected/`. Every walk has an instance of its own on one server.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepare } from '../seed-page/prepare.mjs';
import { installNode } from './lib/packages.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: join(ROOT, 'target/debug/frontdesk') },
    engine: { type: 'string', default: 'sqlite' },
    'database-url': { type: 'string' },
    only: { type: 'string' },
    filter: { type: 'string' },
    accept: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

prepare([]);
installNode();
// Only now, because their own imports come from the packages that were just installed.
const { Server } = await import('../lib/server.mjs');
const { createDatabase } = await import('../seed-page/lib/database.mjs');
const { walk } = await import('./walk/javascript.mjs');
const { walkApp } = await import('./walk/apps.mjs');
const { walkClerkJs } = await import('./walk/clerk-js.mjs');
const { walkMail } = await import('./walk/mail.mjs');
const { walkSatellites } = await import('./walk/satellites.mjs');
const { walkPython } = await import('./walk/python.mjs');

const WALKS = {
  newest: (server) => walk('newest', server, options),
  '1.x': (server) => walk('1.x', server, options),
  '0.x': (server) => walk('0.x', server, options),
  python: (server) => walkPython(server, options),
  'clerk-js': (server) => walkClerkJs(server, options),
  express: (server) => walkApp('express', server, options),
  fastify: (server) => walkApp('fastify', server, options),
  satellites: async (server) => walkSatellites(server, { ...options, database: await ownDatabase() }),
  'express-4': (server) => walkApp('express-4', server, options),
  mail: (server) => walkMail(server, options),
};

const chosen = options.only?.split(',') ?? Object.keys(WALKS);
for (const name of chosen) if (!(name in WALKS)) fail(`--only knows ${Object.keys(WALKS).join(', ')}, not ${name}`);
if (!['sqlite', 'postgres'].includes(options.engine)) fail('--engine is sqlite or postgres');
if (options.engine === 'postgres' && !options['database-url']) fail('--engine postgres needs --database-url');

const server = new Server('walks');
const totals = [];
let complaints = [];
try {
  const database = options.engine === 'postgres' ? await createDatabase(options['database-url']) : null;
  await server.open({ binary: options.binary, database });
  // Python takes as long as all the others together, and mail mostly waits, so they go beside them.
  const beside = ['python', 'mail'];
  const others = chosen.filter((name) => !beside.includes(name));
  const walked = await Promise.all([others, ...beside.map((name) => chosen.filter((one) => one === name))].map(inTurn));
  for (const result of walked.flat()) totals.push(report(result));
} finally {
  complaints = await server.close();
}
for (const complaint of complaints) console.log(`! ${complaint}`);
if (totals.some(({ failed }) => failed > 0) || options.verbose) {
  console.log(`# last words of the server\n${server.process.output.slice(-4000).replace(/^/gm, '#   ')}`);
}
write(totals);
if (options.accept && !options.only && !options.filter) writeCounts(totals);
for (const { name, passed, failed, waiting } of totals) console.log(`${name}/${options.engine}: ${passed} passed, ${failed} failed, ${waiting} skipped`);
// An SDK that still waits for an answer must not keep this waiting too.
process.exit(complaints.length > 0 || totals.some(({ failed }) => failed > 0) ? 1 : 0);

/** A database for a server beside the first one; none on SQLite. */
function ownDatabase() {
  return options.engine === 'postgres' ? createDatabase(options['database-url']) : null;
}

async function inTurn(names) {
  const results = [];
  for (const name of names) results.push(await WALKS[name](server));
  return results;
}

/** Tells what failed in one walk, and compares what it reached with what it is known to reach. */
function report({ name, about, outcomes, states, expected }) {
  console.log(`\n# ${name}: ${about} on ${options.engine}`);
  const failures = outcomes.filter(({ outcome }) => outcome === 'failed');
  for (const { name: check, error } of failures) console.log(`not ok  ${check}\n${error.replace(/^/gm, '          ')}`);
  if (options.verbose) for (const { name: check, outcome, error } of outcomes) console.log(`${outcome.padEnd(8)}${check}${outcome === 'waiting' ? `\n        ${error.split('\n').at(-1)}` : ''}`);
  let differences = [];
  if (states && options.accept && !options.filter) {
    expected.write(states, about);
  } else if (states && !options.filter) {
    differences = expected.differences(states);
    for (const difference of differences) console.log(`not ok  ${difference}`);
  }
  const count = (state) => [...(states?.values() ?? [])].filter((one) => one === state).length;
  const unchecked = [...(states ?? [])].filter(([, state]) => state.startsWith('unchecked'));
  for (const [operation, state] of unchecked) console.log(`not ok  ${operation}: the server has it, and no check asks it (${state})`);
  if (states) console.log(`# ${name}: ${count('walked')} operations walked, ${count('refused')} refused as they must be, ${count('not-yet')} not yet, ${count('gone')} gone; ${count('waiting')} checks wait`);
  return {
    name,
    about,
    engine: options.engine,
    passed: outcomes.filter(({ outcome }) => outcome === 'passed').length,
    failed: failures.length + differences.length + unchecked.length,
    waiting: outcomes.filter(({ outcome }) => outcome === 'waiting').length,
    operations: Object.fromEntries(states ?? []),
  };
}

/** Everything in one file, for whoever wants to count. */
function write(results) {
  const folder = join(ROOT, 'target/walks');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${options.engine}.json`), `${JSON.stringify(results, null, 1)}\n`);
}

/** The table in docs/sdks.md. */
function writeCounts(results) {
  const file = join(ROOT, 'docs/sdks.md');
  const rows = results.filter(({ name }) => name !== 'mail').map(({ about, passed, waiting, operations }) => {
    const [, name, version] = about.match(/^(.*) (\S+)$/);
    const states = Object.values(operations);
    const count = (...wanted) => (states.length > 0 ? states.filter((state) => wanted.includes(state)).length : '');
    return `| \`${name}\` ${version} | ${passed} | ${waiting} | ${count('walked', 'refused')} | ${count('not-yet')} |`;
  });
  const table = ['| SDK | Checks | waiting | Operations | Not yet |', '|---|---:|---:|---:|---:|', ...rows].join('\n');
  const text = readFileSync(file, 'utf8').replace(/(<!-- counts: .* -->\n)[^]*?(<!-- end of counts -->)/, `$1\n${table}\n\n$2`);
  writeFileSync(file, text);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
