// Installs the pinned packages and builds both Next.js apps, each only when something it depends on changed.
//
// A build knows one thing about the server: the publishable key of a new development instance, which is the same
// everywhere because it holds nothing but the default key host. All other settings are read when the app starts.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
export const APPS = { legacy: join(HERE, 'next-legacy'), current: join(HERE, 'next') };
export const PUBLISHABLE_KEY = `pk_test_${btoa('clerk.frontdesk.localhost$').replace(/=+$/, '')}`;
const BUILT_WITH = '.next/built-from';

/** The packages of the driver itself and of the named apps, and the apps' builds. */
export function prepare(kinds) {
  install(HERE);
  for (const kind of kinds) {
    install(APPS[kind]);
    build(APPS[kind]);
  }
}

function install(folder) {
  const stamp = join(folder, 'node_modules/.installed-from');
  unlessUnchanged(stamp, fingerprint([join(folder, 'package-lock.json')]), () =>
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], folder),
  );
}

function build(folder) {
  const sources = filesOf(folder).filter((file) => /\.(js|json)$/.test(file));
  unlessUnchanged(join(folder, BUILT_WITH), fingerprint(sources) + PUBLISHABLE_KEY, () =>
    run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], folder),
  );
}

function unlessUnchanged(stamp, content, work) {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === content) return;
  const started = Date.now();
  work();
  writeFileSync(stamp, content);
  console.log(`# ${stamp.slice(HERE.length)}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function run(command, args, cwd) {
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: '1',
    NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
    NEXT_PUBLIC_CLERK_TELEMETRY_DISABLED: '1',
    NEXT_PUBLIC_CLERK_KEYLESS_DISABLED: '1',
  };
  try {
    execFileSync(command, args, { cwd, env, stdio: 'pipe' });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}`);
    throw new Error(`${command} ${args.join(' ')} failed in ${cwd}`);
  }
}

function filesOf(folder) {
  return readdirSync(folder)
    .filter((name) => !['node_modules', '.next'].includes(name))
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesOf(path) : [path]));
}

function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file.slice(HERE.length)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) prepare(Object.keys(APPS));
