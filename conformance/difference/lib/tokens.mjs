// Tokens of every kind, good and bad, signed with the published test keys of this folder.
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const KEYS = Object.fromEntries(
  ['instance', 'foreign', 'curve'].map((name) => {
    const text = readFileSync(new URL(`../keys/test-${name}.pem`, import.meta.url), 'utf8');
    return [name, createPrivateKey(text.slice(text.indexOf('-----BEGIN')))];
  }),
);

/** The instant every case is about, in unix seconds; the cases' own `now` stand around it. */
export const NOW = 1_800_000_000;
/** The host inside the publishable keys, and so the issuer of the instance's tokens. */
export const KEY_HOST = 'clerk.frontdesk.test';
export const ISSUER = `https://${KEY_HOST}`;
export const KEY_ID = 'key_1';
export const PUBLIC_PEM = publicPem('instance');
export const FOREIGN_PEM = publicPem('foreign');

export const ADA = { user: idOf('user_', 'ada'), session: idOf('sess_', 'ada') };
export const GRACE = { user: idOf('user_', 'grace'), session: idOf('sess_', 'grace') };
export const ACME = idOf('org_', 'acme');
export const OTHER_ORGANIZATION = idOf('org_', 'other');
export const MACHINE = idOf('mch_', 'robot');

export const CATEGORY = {
  session: 'cl_B7d4PD111AAA',
  template: 'cl_B7d4PD222AAA',
  machine: 'cl_B7d4PD333AAA',
  ignored: 'cl_I7d4PD111III',
};

/** Published key of the instance as it stands in a JWKS. */
export function jwk(name = 'instance', members = {}) {
  return { use: 'sig', alg: 'RS256', kid: KEY_ID, ...createPublicKey(KEYS[name]).export({ format: 'jwk' }), ...members };
}

/** Claims of a version 1 session token minted `age` seconds ago for a minute; `undefined` removes a claim. */
export function sessionClaims(claims = {}, { age = 10, person = ADA } = {}) {
  const iat = NOW - age;
  return pruned({
    azp: 'http://app.test',
    exp: iat + 60,
    iat,
    iss: ISSUER,
    nbf: iat - 10,
    sid: person.session,
    sub: person.user,
    ...claims,
  });
}

/** A signed session token; `header`, `claims` change members, `undefined` removes one. */
export function sessionToken({ header = {}, claims = {}, age, person, key } = {}) {
  return signed({ typ: 'JWT', ...header }, sessionClaims(claims, { age, person }), key);
}

/** Claims of version 2 with an organization. */
export function organizationClaims(organization = {}, claims = {}) {
  return {
    v: 2,
    sts: 'active',
    fea: 'o:dashboard,u:me,ou:teams',
    pla: 'o:gold,u:free',
    fva: [1, -1],
    jti: 'a1b2c3',
    o: { id: ACME, slg: 'acme', rol: 'admin', per: 'read,manage', fpm: '3,2', ...organization },
    ...claims,
  };
}

/** The JWT form of a machine-to-machine token. */
export function machineToken({ header = {}, claims = {}, age = 10, key } = {}) {
  const iat = NOW - age;
  const all = { iss: ISSUER, sub: MACHINE, aud: [MACHINE], scopes: `${MACHINE} mch_2other`, jti: 'mt_1', iat, nbf: iat, exp: iat + 60 };
  return signed({ typ: 'JWT', cat: CATEGORY.machine, ...header }, pruned({ ...all, ...claims }), key);
}

/** The JWT form of an OAuth access token. */
export function oauthToken({ header = {}, claims = {}, age = 10, key } = {}) {
  const iat = NOW - age;
  const all = { iss: ISSUER, sub: ADA.user, client_id: 'client_1', scope: 'email profile', jti: 'oat_1', iat, nbf: iat, exp: iat + 60 };
  return signed({ typ: 'at+jwt', ...header }, pruned({ ...all, ...claims }), key);
}

/** The JWT a handshake of the format `token` brings. */
export function handshakeToken(directives, { header = {}, key } = {}) {
  return signed({ typ: 'JWT', ...header }, { handshake: directives }, key);
}

/** Any header and payload, signed as the header's `alg` says and with the named key. */
export function signed(header, payload, key = 'instance') {
  const full = pruned({ alg: 'RS256', kid: KEY_ID, ...header });
  return signedText(JSON.stringify(full), JSON.stringify(payload), full.alg, key);
}

/** Signs texts as they are, JSON or not. */
export function signedText(header, payload, algorithm = 'RS256', key = 'instance') {
  return withSignature(`${base64url(header)}.${base64url(payload)}`, algorithm, key);
}

const signatures = new Map();

/** RSA signatures of this kind are the same every time: those already made are looked up. */
export function withSignature(input, algorithm = 'RS256', key = 'instance') {
  const name = `${key} ${algorithm} ${createHash('sha256').update(input).digest('base64')}`;
  if (!signatures.has(name)) signatures.set(name, signature(input, algorithm, key));
  return `${input}.${signatures.get(name)}`;
}

function signature(input, algorithm, key) {
  if (algorithm === 'none') return '';
  if (algorithm === 'HS256') return createHmac('sha256', PUBLIC_PEM).update(input).digest('base64url');
  const hash = { RS384: 'sha384', RS512: 'sha512' }[algorithm] ?? 'sha256';
  return sign(hash, Buffer.from(input), KEYS[key]).toString('base64url');
}

/** An id that reads like its owner and has the usual form: a prefix and 27 letters and digits. */
export function idOf(prefix, name) {
  return `${prefix}2${'a'.repeat(26 - name.length)}${name}`;
}

export function base64url(text) {
  return Buffer.from(text).toString('base64url');
}

function publicPem(name) {
  return createPublicKey(KEYS[name]).export({ type: 'spki', format: 'pem' });
}

function pruned(members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
