// Tokens of programs (`machine/tokens.mjs`), each under every choice of accepted kinds.
import { tokens } from '../machine/tokens.mjs';
import { publishableKey, secretKey } from './scene.mjs';
import { NOW, PUBLIC_PEM } from './tokens.mjs';

const ACCEPTED = [
  'session_token', 'api_key', 'm2m_token', 'oauth_token', 'any', [], ['session_token'], ['api_key'], ['m2m_token'], ['oauth_token'], ['session_token', 'api_key'], ['api_key', 'm2m_token', 'oauth_token'],
];
const KINDS = { ak_: 'api_key', mt_: 'm2m_token', oat_: 'oauth_token' };

/** `{ case, names, stricter }`; `stricter` says why we alone refuse the token. */
export function* programCases(table) {
  let number = 0;
  for (const { name, headers = {}, options = {}, backend, stricter } of tokens()) {
    number += 1;
    const { authorization, row } = backend ? named(headers.authorization, number) : { authorization: headers.authorization };
    if (row) table[row] = backend;
    for (const accepts of ACCEPTED) {
      const line = {
        id: `program | ${name} | ${JSON.stringify(accepts)}`,
        method: 'GET',
        url: 'http://app.test/orders',
        headers: pruned({ host: 'app.test', ...headers, authorization }),
        options: pruned({ publishable_key: publishableKey('production'), secret_key: secretKey('production'), ...options, jwt_key: options.jwt_key ? PUBLIC_PEM : undefined, accepts_token: accepts }),
        now: NOW * 1000,
      };
      yield { case: line, names: row ? [row] : [], stricter };
    }
  }
}

/** The same token with a secret of its own, so that the fake Backend API can tell it from the others. */
function named(authorization, number) {
  const secret = /(ak|mt|oat)_\w+$/.exec(authorization)?.[0];
  if (!secret) return { authorization };
  const prefix = Object.keys(KINDS).find((one) => secret.startsWith(one));
  const own = `${prefix}${number.toString(16).padStart(32, '0')}`;
  return { authorization: authorization.replace(secret, own), row: `${KINDS[prefix]} ${own}` };
}

function pruned(members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
