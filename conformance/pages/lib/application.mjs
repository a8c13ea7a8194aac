// An application of the smallest kind, on the unmodified @clerk/backend: it says who is signed in, and sends strangers to
// the pages of the instance.
import http from 'node:http';
import { createClerkClient } from '@clerk/backend';
import { freePort } from '../../lib/processes.mjs';

export async function startApplication(server) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const clerk = createClerkClient({
    apiUrl: server.url,
    secretKey: server.instance.secretKey,
    publishableKey: server.publishableKey,
    telemetry: { disabled: true },
  });
  const listener = http.createServer(async (request, response) => {
    try {
      await answer(clerk, server, url, request, response);
    } catch (error) {
      response.writeHead(500).end(String(error.stack));
    }
  });
  await new Promise((resolve) => listener.listen(port, '127.0.0.1', resolve));
  return { url, close: () => new Promise((resolve) => listener.close(resolve)) };
}

async function answer(clerk, server, url, request, response) {
  if (request.url === '/favicon.ico') return response.writeHead(404).end();
  const asked = new Request(url + request.url, { method: request.method, headers: request.headers });
  const state = await clerk.authenticateRequest(asked, { proxyUrl: server.url, signInUrl: `${server.url}/sign-in` });
  for (const [name, value] of state.headers) response.appendHeader(name, value);
  if (state.headers.get('location')) return response.writeHead(307).end();
  const { userId } = state.toAuth();
  const here = new URL(request.url, url);
  if (here.pathname === '/protected' && !userId) {
    const target = new URL(`${server.url}/sign-in`);
    target.searchParams.set('redirect_url', here.href);
    return response.writeHead(307, { location: target.href }).end();
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><title>Application</title><p id="who">${userId ?? 'nobody'}</p>`);
}
