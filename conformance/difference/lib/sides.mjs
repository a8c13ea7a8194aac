// The two sides: the unmodified SDK on Node, and `frontdesk authenticate --jsonl`. Both answer the same file of cases
// and ask the same fake Backend API.
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBackend } from './backend.mjs';

const REFERENCE = fileURLToPath(new URL('./reference.mjs', import.meta.url));
const MOST_WORKERS = 4;
/** More than there are processors: where the Backend API does not answer, it waits and asks again. */
const FRONTDESK_WORKERS = 12;

/** `{ answers, calls, seconds }`: one answer per case, and what the Backend API was asked. */
export function answerWithReference(cases, table) {
  return answered(cases, table, (files) => [process.execPath, REFERENCE, files.cases, files.answers], Math.min(MOST_WORKERS, availableParallelism()));
}

export function answerWithFrontdesk(cases, table, binary) {
  return answered(cases, table, () => [binary, 'authenticate', '--jsonl', '--auth'], FRONTDESK_WORKERS);
}

async function answered(cases, table, commandFor, workers) {
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-difference-'));
  const backend = await startBackend(table);
  const started = performance.now();
  try {
    const size = Math.ceil(cases.length / workers);
    const parts = Array.from({ length: workers }, (_, index) => cases.slice(index * size, (index + 1) * size));
    const answers = await Promise.all(parts.map((part, index) => answerPart(part, join(folder, `${index}`), commandFor, backend.address)));
    return { answers: answers.flat(), calls: backend.calls, seconds: (performance.now() - started) / 1000 };
  } finally {
    await backend.close();
    rmSync(folder, { recursive: true });
  }
}

async function answerPart(cases, path, commandFor, address) {
  const files = { cases: `${path}.cases`, answers: `${path}.answers` };
  writeFileSync(files.cases, cases.map((one) => `${JSON.stringify(one)}\n`).join(''));
  await run(commandFor(files), files, address);
  const lines = readFileSync(files.answers, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/** Runs a filter: cases on its standard input, answers from its standard output unless it writes the file itself. */
function run([program, ...rest], files, address) {
  return new Promise((done, failed) => {
    const child = spawn(program, rest, { env: environment(address), stdio: ['pipe', 'pipe', 'inherit'] });
    const own = rest.includes(files.answers);
    const written = own ? null : createWriteStream(files.answers);
    if (written) child.stdout.pipe(written);
    child.stdin.on('error', () => {});
    createReadStream(files.cases).pipe(child.stdin);
    child.on('error', failed);
    child.on('exit', (code, signal) => {
      if (code !== 0) failed(new Error(`${program} ended with ${code ?? signal}`));
      else if (!written || written.writableFinished) done();
      else written.on('finish', done);
    });
  });
}

/** Nothing of the surrounding settings may reach either side. */
function environment(address) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(NEXT_PUBLIC_)?(CLERK|FRONTDESK|VERCEL)_|_proxy$/i.test(name));
  return { ...Object.fromEntries(kept), CLERK_API_URL: address };
}
