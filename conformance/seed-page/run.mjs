// Runs the proof: starts Frontdesk and an app, drives the app, stops both, tells how it went by its exit code.
//
//   node run.mjs --server-bin target/debug/frontdesk --app legacy,current,same-origin,rust,grpc
//     --app-bin PATH [--app-bin PATH …] --grpc-bin PATH
//     --engine sqlite|postgres [--database-url postgres://…] --rls-database-url postgres://…
//
// Apps: `legacy` (@clerk/nextjs 4.x), `current` (7.x, Frontend API reached directly), `same-origin` (7.x, Frontend API
// under /__clerk of the app), `rust` (every program that --app-bin names) and `grpc` (those of --grpc-bin, which serve
// examples/tonic/proto/seed_page.proto). Each gets a server, a data folder and, with --engine postgres, a database of
// its own, so they run at the same time.
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { APPS, prepare } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    'server-bin': { type: 'string' },
    app: { type: 'string' },
    'app-bin': { type: 'string', multiple: true, default: [] },
    'grpc-bin': { type: 'string', multiple: true, default: [] },
    engine: { type: 'string', default: 'sqlite' },
    'database-url': { type: 'string' },
    'rls-database-url': { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

const KINDS = { legacy: 'legacy', current: 'current', 'same-origin': 'current', rust: 'rust', grpc: 'grpc' };
/** Kinds of which a program is given, and there may be several. */
const PROGRAMS = { rust: 'app-bin', grpc: 'grpc-bin' };
const everything = ['legacy', 'current', 'same-origin', 'rust', ...(values['grpc-bin'].length > 0 ? ['grpc'] : [])];
const names = values.app?.split(',') ?? everything;
for (const name of names) if (!(name in KINDS)) fail(`--app knows ${Object.keys(KINDS).join(', ')}, not ${name}`);
if (!values['server-bin']) fail('--server-bin is missing');
if (!values['rls-database-url']) fail('--rls-database-url is missing');
for (const [name, option] of Object.entries(PROGRAMS)) {
  if (names.includes(name) && values[option].length === 0) fail(`--app ${name} needs --${option}`);
}
if (!['sqlite', 'postgres'].includes(values.engine)) fail('--engine is sqlite or postgres');
if (values.engine === 'postgres' && !values['database-url']) fail('--engine postgres needs --database-url');

const apps = names.flatMap((name) =>
  name in PROGRAMS
    ? values[PROGRAMS[name]].map((appBin) => ({ app: nameOf(appBin), kind: KINDS[name], appBin }))
    : [{ app: name, kind: KINDS[name] }],
);

prepare([...new Set(apps.map(({ kind }) => kind))].filter((kind) => kind in APPS));
// Only now, because its own imports come from the packages that were just installed.
const { prove } = await import('./lib/stage.mjs');

const results = await Promise.all(
  apps.map((app) =>
    prove({
      ...app,
      serverBin: values['server-bin'],
      databaseUrl: values.engine === 'postgres' ? values['database-url'] : null,
      rowLevelSecurityUrl: values['rls-database-url'],
      verbose: values.verbose,
    }),
  ),
);

const total = { tests: 0, pass: 0, fail: 0 };
for (const { app, output, failure, counts } of results) {
  console.log(`# Seed page: ${app} on ${values.engine}`);
  console.log(output.trimEnd());
  if (failure) console.log(`# FAILED: ${app} on ${values.engine}: ${failure}`);
  for (const name of Object.keys(total)) total[name] += counts[name];
}
console.log(`# All of ${apps.map(({ app }) => app).join(', ')} on ${values.engine}`);
for (const [name, count] of Object.entries(total)) console.log(`# ${name} ${count}`);
console.log(`${total.pass} passed, ${total.fail} failed`);
process.exitCode = results.some(({ failure }) => failure) ? 1 : 0;

/** What a program is called in the report: examples go by their framework. */
function nameOf(program) {
  return basename(program).replace(/^frontdesk-example-/, '');
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
