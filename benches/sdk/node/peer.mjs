// The peer: @clerk/backend, asked the same question about the same tokens.
//
// The first line of the input is the set-up: {publishableKey, jwtKey, cookieSuffix, clientUat, tokens}. Every further
// line is `<what> <how many>`; the answer is the median of their times, in nanoseconds.

import { createInterface } from 'node:readline';
import { createClerkClient, verifyToken } from '@clerk/backend';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const line = async () => (await lines.next()).value;

const { publishableKey, jwtKey, cookieSuffix, clientUat, tokens } = JSON.parse(await line());
const clerk = createClerkClient({ secretKey: 'sk_live_not_a_real_one', publishableKey });

const bearer = tokens.map(token => new Request('https://app.example.com/orders', {
  headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
}));
const cookie = tokens.map(token => new Request('https://app.example.com/orders', {
  headers: {
    cookie: `__client_uat=${clientUat}; __client_uat_${cookieSuffix}=${clientUat}; `
      + `__session=${token}; __session_${cookieSuffix}=${token}`,
    accept: 'application/json',
  },
}));

const authenticate = async request => {
  const state = await clerk.authenticateRequest(request, { jwtKey });
  return state.isAuthenticated && state.toAuth().userId;
};
const subjects = {
  bearer: number => authenticate(bearer[number % bearer.length]),
  cookie: number => authenticate(cookie[number % cookie.length]),
  verify: async number => (await verifyToken(tokens[number % tokens.length], { jwtKey })).sub,
};

console.log('ready');
for (let order = await line(); order; order = await line()) {
  const [what, count] = order.split(' ');
  const subject = subjects[what];
  const times = [];
  for (let number = 0; number < Number(count); number++) {
    const begun = process.hrtime.bigint();
    const user = await subject(number);
    times.push(Number(process.hrtime.bigint() - begun));
    if (!user) throw new Error(`${what}: nobody is signed in`);
  }
  times.sort((one, other) => one - other);
  console.log(times[times.length >> 1]);
}
