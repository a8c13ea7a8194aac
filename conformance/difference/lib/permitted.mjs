// The differences that are meant. Each is stricter than the reference, and each has a reason.
//
// `allows` sees the case, both answers and the names of what differs. A rule that allows nothing in a whole run is an
// error: the list is to stay as short as it can.
import { isDeepStrictEqual } from 'node:util';
import { badForm, badIds, beyondDates } from './strictness.mjs';
import { tokensOf } from './tokens-of.mjs';

/** When it is the session that cannot be read to which a token should be refreshed. */
const DECODE_FAILED = 'session-token-expired-refresh-expired-session-token-decode-failed';

export const PERMITTED = [
  {
    id: 'form',
    because:
      'A token is read strictly: no `crit` (RFC 7515 §4.1.11), no name twice (RFC 7519 §4), canonical base64url, UTF-8 without a mark, objects with members of their types, at most 16 KiB.',
    allows: (difference) => refuses(difference, ['token-invalid', 'token-verification-failed', DECODE_FAILED]) && anyToken(difference, badForm),
  },
  {
    id: 'ids',
    because: 'Ids in a session token must be ids (`user_…`, `sess_…`, `org_…`), for applications use them as keys.',
    allows: (difference) => refuses(difference, ['token-verification-failed']) && anyToken(difference, badIds),
  },
  {
    id: 'times',
    because: 'JavaScript takes a time beyond its calendar for no time and lets the token pass; here it is compared like any other.',
    allows: (difference) => refuses(difference, ['session-token-nbf', 'session-token-iat-in-the-future']) && anyToken(difference, ({ claims }) => beyondDates(claims)),
  },
  {
    id: 'accidents',
    because: 'Where the reference throws by accident (a payload that is `null`, a claim of another type) or takes a member of every object for a key, nobody is signed in, and there is a reason.',
    allows: (difference) => (isThrown(difference) || refuses(difference, ['token-invalid', 'token-verification-failed', 'unexpected-error', 'jwk-kid-mismatch'])) && anyToken(difference, isAccident),
  },
  {
    id: 'programs',
    because: 'An answer about the token of a program that says revoked or expired, or that is not what it should be, and a claim of another type in it, are refused.',
    allows: (difference) => Boolean(difference.stricter) && refuses(difference, ['token-invalid', 'token-verification-failed', 'unexpected-error']),
  },
  {
    id: 'public-url',
    because: 'A proxy may change the host, and http to https. A path such as `//elsewhere` or another scheme do not make another URL to come back to.',
    allows: ({ case: one, wanted, seen, differences }) => isDeepStrictEqual(differences, ['location']) && !isPlain(one) && withoutReturn(wanted.location) === withoutReturn(seen.location) && cameTo(one, seen.location),
  },
  {
    id: 'settings',
    because: 'A setting that cannot work is refused when the application starts, not where it would be needed: a `jwt_key` that is no PEM, a `proxy_url` that is neither URL nor path, a pattern with look-behind.',
    allows: ({ case: { options }, seen }) => seen.error && (options.proxy_url === 'proxy.test/a' || options.jwt_key === 'nonsense' || JSON.stringify(options.organization_sync_options ?? '').includes('?<!')),
  },
];

/** We refuse with one of these reasons, and bring nothing along, where the reference had another answer. */
function refuses(difference, reasons) {
  const { wanted, seen } = difference;
  if (seen.missing || (wanted.status === seen.status && wanted.reason === seen.reason)) return false;
  if (isHandshakeRefused(difference)) return true;
  if (seen.error || !reasons.includes(seen.reason)) return false;
  if (seen.status === 'handshake') return seen.reason.startsWith('session-token-');
  return seen.status === 'signed-out' && seen.location === null && seen.set_cookie.length === 0 && seen.auth?.isAuthenticated === false;
}

/** The reference throws, and we have an answer that lets nobody in. */
function isThrown({ wanted, seen }) {
  return wanted.error && (seen.status === 'signed-out' || seen.status === 'handshake');
}

/** The reference takes a session from a handshake, and we go on as if there were none: with a browser without cookies. */
function isHandshakeRefused({ case: one, wanted, seen }) {
  if (!/__clerk_handshake(_nonce)?=/.test(one.url + one.headers.cookie) || /__session/.test(one.headers.cookie)) return false;
  const brought = wanted.error || (wanted.status === 'signed-in' && wanted.set_cookie.length > 0);
  return brought && (seen.error || ['dev-browser-missing', 'session-token-and-uat-missing'].includes(seen.reason));
}

function anyToken({ case: one, table }, matches) {
  return tokensOf(one, table).some(matches);
}

/** What makes the reference throw, or find a key that is none. */
function isAccident(token) {
  const { header, claims } = token;
  const withoutScope = claims?.v === 2 && claims.o && typeof claims.fea === 'string' && claims.fea.split(',').some((feature) => !feature.includes(':'));
  return ['no object', 'type'].includes(badForm(token)) || header?.kid === '__proto__' || withoutScope;
}

/** Whether neither the path nor the scheme of a proxy says anything unusual. */
function isPlain({ url, headers }) {
  return !/^[a-z]+:\/\/[^/]*\/\//.test(new URL(url).href) && /^(https?(,|$)|$)/.test(headers['x-forwarded-proto'] ?? '');
}

/** A location without where it comes back to. */
function withoutReturn(location) {
  return location?.replace(/([?&](?:redirect_url|__clerk_redirect_url)=)[^&]*/, '$1');
}

/** Whether a handshake comes back to the host the request came to. */
function cameTo({ url, headers }, location) {
  const back = new URL(location).searchParams.get('redirect_url') ?? location;
  const host = headers['x-forwarded-host']?.split(',')[0] || headers.host || new URL(url).host;
  return [new URL(url).host, new URL(`http://${host}`).host].includes(new URL(back).host) && /^https?:/.test(back);
}
