// Walks in Python: a virtual environment with the pinned packages, and a program in it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../../target/walks', import.meta.url));

/**
 * Makes the environment of a folder beside this one, or takes the one of last time if nothing has changed; gives its
 * Python. Every package must match its hash.
 */
export function installPython(name = 'python') {
  const requirements = join(HERE, name, 'requirements.txt');
  const folder = join(FOLDER, name);
  const python = join(folder, 'bin/python');
  const stamp = join(folder, '.installed-from');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  mkdirSync(folder, { recursive: true });
  execFileSync('python3', ['-m', 'venv', '--clear', folder], { stdio: 'inherit' });
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:'];
  execFileSync(python, [...install, '--require-hashes', '--requirement', requirements], { stdio: 'inherit' });
  writeFileSync(stamp, wanted);
  return python;
}

/** Runs the walk to its end; it tells its outcomes to the relay. */
export async function runPython(server, settings) {
  const walk = server.start('python', installPython(), ['walk.py', JSON.stringify(settings)], {
    cwd: join(HERE, 'python'),
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });
  const code = await walk.ended;
  if (code !== 0) throw new Error(`the Python walk ended with ${code}:\n${walk.output.slice(-4000)}`);
}

/** What the pinned file calls the SDK. */
export function pythonPackage() {
  const [, version] = /^clerk-backend-api==(\S+)/m.exec(readFileSync(join(HERE, 'python/requirements.txt'), 'utf8'));
  return `clerk-backend-api ${version}`;
}
