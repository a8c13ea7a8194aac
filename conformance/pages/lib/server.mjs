// A server of its own for one run, in development, with an outbox to read codes from.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnv } from 'node:util';

const START_MILLISECONDS = 60_000;

/** Starts the program, and gives what tests need of it. */
export async function startServer(binary, more) {
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-pages-'));
  const envFile = join(folder, 'env');
  const port = await freePort();
  const data = ['--data-dir', join(folder, 'data'), '--env-file', envFile];
  const child = spawn(binary, ['dev', '--port', String(port), ...data, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: folder },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  let isRunning = true;
  ended.then(() => (isRunning = false));
  const deadline = Date.now() + START_MILLISECONDS;
  while (!existsSync(envFile)) {
    if (!isRunning || Date.now() > deadline) throw new Error(`the server did not start: ${output.slice(-3000)}`);
    await sleep(50);
  }
  const env = parseEnv(readFileSync(envFile, 'utf8'));
  return {
    url: env.FRONTDESK_URL,
    publishableKey: env.FRONTDESK_PUBLISHABLE_KEY,
    secretKey: env.FRONTDESK_SECRET_KEY,
    signInUrl: env.NEXT_PUBLIC_CLERK_SIGN_IN_URL,
    /** One call of the Backend API. */
    async backend(method, path, body) {
      const answer = await fetch(env.FRONTDESK_URL + path, {
        method,
        headers: { authorization: `Bearer ${env.FRONTDESK_SECRET_KEY}`, 'content-type': 'application/json' },
        body: body && JSON.stringify(body),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
      return JSON.parse(text);
    },
    /** The latest code that was mailed to an address. */
    async mailedCode(address) {
      for (let tries = 0; tries < 50; tries += 1) {
        const { data } = await (await fetch(`${env.FRONTDESK_URL}/dev/outbox.json`)).json();
        const letter = data.find(({ to, code }) => to === address && code);
        if (letter) return letter.code;
        await sleep(100);
      }
      throw new Error(`no code was mailed to ${address}`);
    },
    async close() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
