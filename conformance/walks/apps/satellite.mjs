#!/usr/bin/env node
// An application on the unmodified @clerk/backend, on a domain of its own or on the primary one. It knows one page: who
// is asking. Where the SDK sends a browser elsewhere, it is sent there; what the SDK sets, is set.
//
// SETTINGS is `{ secretKey, publishableKey, apiUrl, … }` as `createClerkClient` and `authenticateRequest` take it.
import { createServer } from 'node:http';
import { createClerkClient } from '@clerk/backend';

const { secretKey, publishableKey, apiUrl, ...options } = JSON.parse(process.env.SETTINGS);
const client = createClerkClient({ secretKey, publishableKey, apiUrl, telemetry: { disabled: true } });

const server = createServer(async (incoming, outgoing) => {
  try {
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, { headers: incoming.headers });
    const state = await client.authenticateRequest(request, options);
    for (const [name, value] of state.headers) {
      if (name !== 'set-cookie') outgoing.setHeader(name, value);
    }
    outgoing.setHeader('set-cookie', state.headers.getSetCookie());
    outgoing.statusCode = state.headers.has('location') ? 307 : 200;
    const auth = state.status === 'signed-in' ? state.toAuth() : null;
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(JSON.stringify({ userId: auth?.userId ?? null, sessionId: auth?.sessionId ?? null, reason: state.reason }));
  } catch (error) {
    outgoing.statusCode = 500;
    outgoing.end(error.stack);
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
