// Runs the proof: starts Frontdesk and an app, drives the app, stops both, tells how it went by its exit code.
//
//   node run.mjs --server-bin target/debug/frontdesk --app legacy,current,same-origin,rust --app-bin PATH
//     --engine sqlite|postgres [--database-url postgres://…] --rls-database-url postgres://…
//
// Apps: `legacy` (@clerk/nextjs 4.x), `current` (7.x, Frontend API reached directly), `same-origin` (7.x, Frontend API
// under /__clerk of the app) and `rust` (--app-bin names its program). Each gets a server, a data folder and, with
// --engine postgres, a database of its own, so they run at the same time.
import { parseArgs } from 'node:util';
import { APPS, prepare } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    'server-bin': { type: 'string' },
    app: { type: 'string', default: 'legacy,current,same-origin,rust' },
    'app-bin': { type: 'string' },
    engine: { type: 'string', default: 'sqlite' },
    'database-url': { type: 'string' },
    'rls-database-url': { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

const KINDS = { legacy: 'legacy', current: 'current', 'same-origin': 'current', rust: 'rust' };
const apps = values.app.split(',');
for (const app of apps) if (!(app in KINDS)) fail(`--app knows ${Object.keys(KINDS).join(', ')}, not ${app}`);
if (!values['server-bin']) fail('--server-bin is missing');
if (!values['rls-database-url']) fail('--rls-database-url is missing');
if (apps.includes('rust') && !values['app-bin']) fail('--app rust needs --app-bin');
if (!['sqlite', 'postgres'].includes(values.engine)) fail('--engine is sqlite or postgres');
if (values.engine === 'postgres' && !values['database-url']) fail('--engine postgres needs --database-url');

prepare([...new Set(apps.map((app) => KINDS[app]))].filter((kind) => kind in APPS));
// Only now, because its own imports come from the packages that were just installed.
const { prove } = await import('./lib/stage.mjs');

const results = await Promise.all(
  apps.map((app) =>
    prove({
      app,
      kind: KINDS[app],
      serverBin: values['server-bin'],
      appBin: values['app-bin'],
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
console.log(`# All of ${apps.join(', ')} on ${values.engine}`);
for (const [name, count] of Object.entries(total)) console.log(`# ${name} ${count}`);
console.log(`${total.pass} passed, ${total.fail} failed`);
process.exitCode = results.some(({ failure }) => failure) ? 1 : 0;

function fail(message) {
  console.error(message);
  process.exit(2);
}
