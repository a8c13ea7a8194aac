// Stands where the script of a 4.x page would stand.
//
// The 4.x line knows no handshake: a browser without script never gets a `__session` cookie from it. In a real
// browser clerk-js asks the Frontend API for the token and writes the cookie. Here a second app of the same
// instance on the same host, with the unmodified newest backend SDK, takes the handshake; its cookies are good for
// every port of `localhost`, so the 4.x app sees them as it would see those of clerk-js.
import http from 'node:http';
import { createClerkClient } from '@clerk/backend';

const { FRONTDESK_URL, FRONTDESK_SECRET_KEY, FRONTDESK_PUBLISHABLE_KEY, PORT } = process.env;
const client = createClerkClient({
  apiUrl: FRONTDESK_URL,
  secretKey: FRONTDESK_SECRET_KEY,
  publishableKey: FRONTDESK_PUBLISHABLE_KEY,
  proxyUrl: FRONTDESK_URL,
  telemetry: { disabled: true },
});

http
  .createServer(async (incoming, outgoing) => {
    try {
      const request = new Request(`http://${incoming.headers.host}${incoming.url}`, { headers: incoming.headers });
      const state = await client.authenticateRequest(request);
      state.headers.forEach((value, name) => outgoing.appendHeader(name, value));
      if (state.headers.has('location')) return outgoing.writeHead(307).end();
      outgoing.writeHead(200, { 'content-type': 'text/plain' }).end(state.toAuth()?.userId ?? 'signed out');
    } catch (error) {
      outgoing.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    }
  })
  .listen(Number(PORT), '127.0.0.1');
