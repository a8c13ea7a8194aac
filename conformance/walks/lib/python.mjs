// The Python SDK's walk: a virtual environment with the pinned packages, and ../python/walk.py in it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('../python/', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../../target/walks/python', import.meta.url));
const PYTHON = join(FOLDER, 'bin/python');

/** Makes the environment, or takes the one of last time if nothing has changed. Every package must match its hash. */
export function installPython() {
  const requirements = join(HERE, 'requirements.txt');
  const stamp = join(FOLDER, '.installed-from');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  mkdirSync(FOLDER, { recursive: true });
  execFileSync('python3', ['-m', 'venv', '--clear', FOLDER], { stdio: 'inherit' });
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:'];
  execFileSync(PYTHON, [...install, '--require-hashes', '--requirement', requirements], { stdio: 'inherit' });
  writeFileSync(stamp, wanted);
}

/** Runs the walk to its end; it tells its outcomes to the relay. */
export async function runPython(server, settings) {
  const walk = server.start('python', PYTHON, ['walk.py', JSON.stringify(settings)], { cwd: HERE, env: { PYTHONDONTWRITEBYTECODE: '1' } });
  const code = await walk.ended;
  if (code !== 0) throw new Error(`the Python walk ended with ${code}:\n${walk.output.slice(-4000)}`);
}

/** What the pinned file calls the SDK. */
export function pythonPackage() {
  const [, version] = /^clerk-backend-api==(\S+)/m.exec(readFileSync(join(HERE, 'requirements.txt'), 'utf8'));
  return `clerk-backend-api ${version}`;
}
