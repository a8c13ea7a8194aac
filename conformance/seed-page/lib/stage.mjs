// Everything around one run of the driver: a server with two instances, the app, and their end.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, listens, until } from '../../lib/processes.mjs';
import { Server } from '../../lib/server.mjs';
import { APPS, PUBLISHABLE_KEY } from '../prepare.mjs';
import { createDatabase } from './database.mjs';
import { send } from './http.mjs';

const HERE = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs the driver on one app; gives its output, its counts, and what failed, if anything did. */
export async function prove(options) {
  const stage = new Stage(options);
  let failure = null;
  let output = '';
  try {
    await stage.open();
    const script = ['--test-reporter=tap', 'driver.mjs', ...stage.driverArguments()];
    const driver = stage.start('driver', process.execPath, script);
    const code = await driver.ended;
    output = driver.output;
    if (code !== 0) failure = `the driver ended with ${code}`;
  } catch (error) {
    failure = error.message;
  }
  const complaints = await stage.close();
  failure ??= complaints[0] ?? null;
  if (failure || options.verbose) output += stage.logs();
  const counts = countsOf(output);
  if (failure) counts.fail = Math.max(counts.fail, 1);
  return { app: options.app, output, failure, counts };
}

class Stage {
  #server = new Server('seed-page');

  constructor(options) {
    this.options = options;
  }

  async open() {
    await this.#openServer();
    await this.#openApp();
  }

  async #openServer() {
    const { serverBin, databaseUrl } = this.options;
    const database = databaseUrl ? await createDatabase(databaseUrl) : null;
    await this.#server.open({ binary: serverBin, database });
    this.frontdesk = this.#server.settings;
    this.secondSecretKey = (await this.#server.instance('second')).secret_key;
  }

  async #openApp() {
    const { app, kind, appBin } = this.options;
    const port = String(await freePort());
    this.appUrl = `http://localhost:${port}`;
    const env = { PORT: port, NEXT_TELEMETRY_DISABLED: '1', ...this.frontdesk, ...SETTINGS[app] };
    const program = appBin ? this.start('app', resolve(appBin), [], { env }) : this.#startNext(APPS[kind], port, env);
    // Connecting says enough of one that speaks no HTTP/1.
    await until(() => (kind === 'grpc' ? listens(port) : answers(`${this.appUrl}/api/state`)), program);

    if (kind === 'legacy') {
      const doorwayPort = String(await freePort());
      this.doorwayUrl = `http://localhost:${doorwayPort}`;
      const doorway = this.start('doorway', process.execPath, ['doorway.mjs'], { env: { ...env, PORT: doorwayPort } });
      await until(() => answers(this.doorwayUrl), doorway);
    }
  }

  #startNext(folder, port, env) {
    if (this.frontdesk.FRONTDESK_PUBLISHABLE_KEY !== PUBLISHABLE_KEY) {
      throw new Error(`built for ${PUBLISHABLE_KEY}, but the server says ${this.frontdesk.FRONTDESK_PUBLISHABLE_KEY}`);
    }
    return this.start('app', process.execPath, ['node_modules/next/dist/bin/next', 'start', '-p', port], {
      cwd: folder,
      env,
    });
  }

  driverArguments() {
    const given = {
      'app-kind': this.options.kind,
      'app-url': this.appUrl,
      'server-env': this.#server.envFile,
      'second-secret-key': this.secondSecretKey,
      'rls-database-url': this.options.rowLevelSecurityUrl,
      'doorway-url': this.doorwayUrl,
      'frontend-url': this.options.app === 'same-origin' ? `${this.appUrl}/__clerk` : undefined,
    };
    return Object.entries(given).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  }

  start(name, command, args, { cwd = HERE, env } = {}) {
    return this.#server.start(name, command, args, { cwd, env });
  }

  /** Stops what still runs, newest first; gives what went wrong on the way. */
  close() {
    return this.#server.close();
  }

  logs() {
    return this.#server.children
      .filter(({ name }) => name !== 'driver')
      .map(({ name, output }) => `\n# --- last words of ${name}\n${output.slice(-6000).replace(/^/gm, '# ')}`)
      .join('\n');
  }
}

/** What an app is told beside the env file of the server, which is meant to suffice for most. */
const SETTINGS = {
  // The 4.x line wants a proxy URL to be the issuer of tokens, so it gets none.
  legacy: { NEXT_PUBLIC_CLERK_PROXY_URL: '' },
  current: {},
  'same-origin': { NEXT_PUBLIC_CLERK_PROXY_URL: '/__clerk' },
};

async function answers(url) {
  return send(url).then(
    () => true,
    () => false,
  );
}

function countsOf(output) {
  const count = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);
  return { tests: count('tests'), pass: count('pass'), fail: count('fail') + count('cancelled') };
}
