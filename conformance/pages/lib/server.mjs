// A server of its own for one run, in development, with an outbox to read codes from.
import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from '../../lib/server.mjs';

/** Starts the program, and gives what tests need of it. */
export async function startServer(binary, more) {
  const server = new Server('pages');
  await server.open({ binary, more });
  return {
    url: server.url,
    publishableKey: server.settings.FRONTDESK_PUBLISHABLE_KEY,
    instance: instance(server.url, '', server.settings.FRONTDESK_SECRET_KEY),
    /** One instance more, with settings of its own, below its own path. */
    async makeInstance(slug, settings) {
      const made = await server.instance(slug, settings);
      return instance(server.url, `/i/${slug}`, made.secret_key);
    },
    /** Stops it; gives what went wrong on the way. */
    close: () => server.close(),
  };
}

/** One instance: where its pages are, its Backend API, and what it mailed. */
function instance(url, base, secretKey) {
  const outbox = `${url}/dev/outbox.json${base && `?instance=${base.slice('/i/'.length)}`}`;
  return {
    url,
    base,
    secretKey,
    /** One call of the Backend API. */
    async backend(method, path, body) {
      const answer = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
        body: body && JSON.stringify(body),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
      return JSON.parse(text);
    },
    /** The latest code that was mailed to an address. */
    async mailedCode(address) {
      for (let tries = 0; tries < 50; tries += 1) {
        const { data } = await (await fetch(outbox)).json();
        const letter = data.find(({ to, code }) => to === address && code);
        if (letter) return letter.code;
        await sleep(100);
      }
      throw new Error(`no code was mailed to ${address}`);
    },
  };
}
