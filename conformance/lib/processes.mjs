// The processes of a proof: started, waited for, stopped.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MILLISECONDS = 60_000;
const STOP_MILLISECONDS = 15_000;

/** A program with what it has printed. */
export class Child {
  output = '';
  isRunning = true;

  constructor(name, command, args, cwd, env) {
    this.name = name;
    this.process = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.output += text));
    }
    this.ended = new Promise((resolve) => {
      const end = (code) => {
        this.isRunning = false;
        resolve(code);
      };
      this.process.on('close', (code, signal) => end(code ?? signal));
      this.process.on('error', (error) => {
        this.output += error.message;
        end(error.code);
      });
    });
  }

  async stop() {
    if (!this.isRunning) return null;
    this.process.kill('SIGTERM');
    const code = await Promise.race([this.ended, sleep(STOP_MILLISECONDS, 'late', { ref: false })]);
    if (code === 'late') {
      this.process.kill('SIGKILL');
      return `${this.name} did not stop within ${STOP_MILLISECONDS / 1000} s`;
    }
    return this.name === 'server' && code !== 0 ? `the server ended with ${code} on SIGTERM` : null;
  }
}

/** The environment without settings that belong to another Frontdesk or another app. */
export function inherited() {
  const foreign = /^(FRONTDESK|CLERK|NEXT_PUBLIC|DATABASE|NODE_TEST)_/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** Waits for a condition, but not longer than the program lives. */
export async function until(condition, child) {
  const deadline = Date.now() + START_MILLISECONDS;
  while (!(await condition())) {
    if (!child.isRunning) throw new Error(`${child.name} ended early: ${child.output.slice(-2000)}`);
    if (Date.now() > deadline) throw new Error(`${child.name} was not ready in time: ${child.output.slice(-2000)}`);
    await sleep(50);
  }
}

/** Whether something takes connections at the port. */
export function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** A port that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
