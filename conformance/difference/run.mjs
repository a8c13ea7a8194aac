// The whole comparison: makes cases, has both sides answer them, compares, reports.
//
//   node run.mjs [--binary target/debug/frontdesk] [--count 20000] [--seed 1] [--report target/difference]
//                [--reference-only] [--keep FOLDER] [--show 20]
//
// `--keep` writes cases and both answers; `--show` is how many failures are told in full.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = resolve(HERE, '../..');
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: process.env.FRONTDESK_BINARY ?? join(ROOT, 'target/debug/frontdesk') },
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string', default: join(ROOT, 'target/difference') },
    'reference-only': { type: 'boolean', default: false },
    keep: { type: 'string' },
    show: { type: 'string', default: '20' },
  },
});

install();
const { generate } = await import('./lib/generate.mjs');
const { judge } = await import('./lib/compare.mjs');
const { count, summary, write } = await import('./lib/report.mjs');
const { answerWithFrontdesk, answerWithReference } = await import('./lib/sides.mjs');

const seed = Number(options.seed);
const { made, table } = generate({ seed, count: Number(options.count) });
const cases = made.map((one) => one.case);
console.log(`# ${cases.length} cases of seed ${seed}`);

const reference = await answerWithReference(cases, table);
console.log(`# @clerk/backend: ${reference.seconds.toFixed(1)} s`);
let judged = [];
let seconds = { reference: reference.seconds };
if (!options['reference-only']) {
  const ours = await answerWithFrontdesk(cases, table, resolve(options.binary));
  console.log(`# frontdesk: ${ours.seconds.toFixed(1)} s`);
  seconds = { ...seconds, frontdesk: ours.seconds };
  judged = judge(made, reference, ours, table);
  keep('ours.jsonl', ours.answers);
  keep('failures.jsonl', judged.filter((one) => one.verdict === 'fails').map(({ made: { case: { id } }, differences, looser }) => ({ id, differences, looser })));
}
keep('cases.jsonl', cases);
keep('reference.jsonl', reference.answers);
keep('backend.jsonl', [table]);

const report = count({ made, reference, judged, seed, seconds });
write(report, resolve(options.report));
const failures = judged.filter((one) => one.verdict === 'fails');
for (const failure of failures.slice(0, Number(options.show))) tell(failure);
for (const complaint of report.complaints.slice(0, 100)) console.log(`! ${complaint}`);
console.log(summary(report));
console.log(`cases: ${report.totals.cases - report.complaints.length} passed, ${report.complaints.length} failed`);
process.exitCode = report.complaints.length ? 1 : 0;

/** `npm ci` where the lock file has changed since the last time. */
function install() {
  const lock = readFileSync(join(HERE, 'package-lock.json'), 'utf8');
  const stamp = join(HERE, 'node_modules/.installed-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: HERE, stdio: 'inherit' });
  writeFileSync(stamp, lock);
}

function keep(name, lines) {
  if (!options.keep) return;
  mkdirSync(options.keep, { recursive: true });
  writeFileSync(join(options.keep, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function tell({ made: one, wanted, seen, differences, looser }) {
  console.log(`\n## ${one.case.id}${looser.length ? `  LOOSER: ${looser.join(', ')}` : ''}`);
  for (const name of differences) console.log(`  ${name}: ${JSON.stringify(member(wanted, name))}\n    ours: ${JSON.stringify(member(seen, name))}`);
  console.log(`  ${JSON.stringify(one.case)}`);
}

function member(answer, path) {
  return path.split('.').reduce((value, name) => value?.[name], answer) ?? null;
}
