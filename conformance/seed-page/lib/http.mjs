// One HTTP request as it is, without the conveniences of fetch: no redirects followed, no header added that the
// caller did not ask for, every Set-Cookie line kept apart.
import http from 'node:http';

/** Sends one request and gives status, headers, the Set-Cookie lines and the body as text. */
export function send(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false, timeout: 20_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (text += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          url: String(url),
          status: response.statusCode,
          headers: response.headers,
          setCookies: response.headers['set-cookie'] ?? [],
          text,
          json: () => parse(text, url),
        }),
      );
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url} within 20 s`)));
    request.on('error', reject);
    request.end(body);
  });
}

function parse(text, url) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${url} did not answer JSON: ${text.slice(0, 200)}`);
  }
}
