// Stands between an SDK and the server, changes nothing, and remembers which operation was asked and how it was answered.
//
// So what a walk has covered is read from the wire, for every SDK in every language, and not from the walk's own words.
import http from 'node:http';
import { operationOf } from './operations.mjs';

export class Relay {
  /** `{ method, path, id, status, code, version, agent }` of each exchange, in order. */
  exchanges = [];
  /** What to do with a message of the walk itself, sent to an address below `/-/`; gives the answer. */
  onMessage = () => ({});
  #server;

  /** Starts to listen; `audience` says whose operations are asked. */
  async open(upstream, audience = 'backend') {
    const target = new URL(upstream);
    this.#server = http.createServer((request, response) => {
      if (request.url.startsWith('/-/')) {
        this.#take(request, response);
        return;
      }
      const exchange = {
        ...operationOf(audience, request.method, new URL(request.url, upstream)),
        version: request.headers['clerk-api-version'] ?? null,
        agent: request.headers['user-agent'] ?? null,
      };
      const forward = http.request(
        { host: target.hostname, port: target.port, method: request.method, path: request.url, headers: { ...request.headers, host: target.host } },
        (answer) => {
          const chunks = [];
          answer.on('data', (chunk) => chunks.push(chunk));
          answer.on('end', () => {
            const body = Buffer.concat(chunks);
            this.exchanges.push({ ...exchange, status: answer.statusCode, code: codeOf(answer.statusCode, body) });
            response.writeHead(answer.statusCode, answer.statusMessage, pairs(answer.rawHeaders));
            response.end(body);
          });
        },
      );
      forward.on('error', () => response.destroy());
      request.pipe(forward);
    });
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** What was asked since a mark, which is an earlier length of `exchanges`. */
  since(mark) {
    return this.exchanges.slice(mark);
  }

  #take(request, response) {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const answer = this.onMessage({ path: request.url, body: text ? JSON.parse(text) : null });
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
  }

  close() {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}

function codeOf(status, body) {
  if (status < 400) return null;
  try {
    return JSON.parse(body.toString()).errors[0].code;
  } catch {
    return null;
  }
}

/** Raw headers as they came, but for those that belong to one hop. */
function pairs(raw) {
  const kept = [];
  for (let index = 0; index < raw.length; index += 2) {
    if (/^(connection|keep-alive|transfer-encoding)$/i.test(raw[index])) continue;
    kept.push(raw[index], raw[index + 1]);
  }
  return kept;
}
