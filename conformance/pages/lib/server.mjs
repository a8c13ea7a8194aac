// A server of its own for one run, in development, with an outbox to read codes from.
import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from '../../lib/server.mjs';

/** Starts the program, and gives what tests need of it. */
export async function startServer(binary, more) {
  const server = new Server('pages');
  await server.open({ binary, more });
  const env = server.settings;
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
    /** Stops it; gives what went wrong on the way. */
    close: () => server.close(),
  };
}
