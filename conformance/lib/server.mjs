// A Frontdesk of its own for one run, with the programs beside it. No package is needed here.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { Child, freePort, inherited, until } from './processes.mjs';

export class Server {
  #folder;
  #database = null;
  /** Of servers beside the first one. */
  #databases = [];
  #env = {};
  /** Every program of the run, oldest first. */
  children = [];

  /** `name` says whose run it is, in the name of its folder. */
  constructor(name) {
    this.#folder = mkdtempSync(join(tmpdir(), `frontdesk-${name}-`));
  }

  /** Starts the binary, on PostgreSQL where a database, `{ url, drop }`, is given. */
  async open({ binary, database = null, more = [] }) {
    this.#database = database;
    this.binary = resolve(binary);
    // With PostgreSQL the key that encrypts secrets at rest comes from the environment, never from the database.
    const own = this.#database ? { FRONTDESK_MASTER_KEY: randomBytes(32).toString('base64url') } : {};
    this.#env = { ...inherited(), ...own };
    this.store = ['--data-dir', join(this.#folder, 'data'), ...(this.#database ? ['--database-url', this.#database.url] : [])];
    this.envFile = join(this.#folder, 'env');
    const port = await freePort();
    this.process = this.start('server', this.binary, ['dev', '--port', String(port), ...this.store, '--env-file', this.envFile, ...more]);
    await until(() => existsSync(this.envFile), this.process);
    /** The first instance's settings, by the names that the SDKs know. */
    this.settings = parseEnv(readFileSync(this.envFile, 'utf8'));
    this.url = this.settings.FRONTDESK_URL.replace(/\/$/, '');
  }

  /** A program that ends with the run. */
  start(name, command, args, { env = {}, cwd = process.cwd() } = {}) {
    const child = new Child(name, command, args, cwd, { ...this.#env, ...env });
    this.children.push(child);
    return child;
  }

  /** A new instance: `{ slug, secret_key, publishable_key, frontend_url, … }`. */
  async instance(slug, settings = null) {
    const made = await this.command(['instances', 'create', slug]);
    if (settings) await this.command(['instances', 'settings', slug, '--change', JSON.stringify(settings)]);
    return { slug, ...made };
  }

  /** A second server, in production behind a proxy that takes `https` away: `{ url, instance }`. */
  async serve(publicUrl, { database = null } = {}) {
    if (database) this.#databases.push(database);
    const store = ['--data-dir', join(this.#folder, 'live')];
    const env = database ? { FRONTDESK_DATABASE_URL: database.url } : {};
    const [port, admin] = [await freePort(), await freePort()];
    const process = this.start('live server', this.binary, [
      'serve', '--public-url', publicUrl, '--listen', `127.0.0.1:${port}`, '--set', `admin.listen=127.0.0.1:${admin}`,
      '--set', 'trusted_proxies=127.0.0.1', ...store,
    ], { env });
    const url = `http://127.0.0.1:${port}`;
    await until(() => process.output.includes('"listening"'), process);
    const shown = this.start('show', this.binary, ['instances', 'show', 'production', ...store, '--json'], { env });
    if ((await shown.ended) !== 0) throw new Error(shown.output);
    return { url, instance: JSON.parse(shown.output) };
  }

  /** What a command of the command line prints. */
  async command(words) {
    const command = this.start(words.join(' '), this.binary, [...words, ...this.store, '--json']);
    if ((await command.ended) !== 0) throw new Error(`${words.join(' ')}: ${command.output}`);
    return JSON.parse(command.output);
  }

  /** Stops what still runs, newest first; gives what went wrong on the way. */
  async close() {
    const complaints = [];
    for (const child of this.children.toReversed()) {
      const complaint = await child.stop();
      if (complaint) complaints.push(complaint);
    }
    for (const database of [this.#database, ...this.#databases]) await database?.drop();
    rmSync(this.#folder, { recursive: true, force: true });
    return complaints;
  }
}
