// Session tokens that have something unusual about them: published attacks, old and new claims, and plain mistakes.
import { badForm, isRefusedByUsAlone } from './strictness.mjs';
import { parsed } from './tokens-of.mjs';
import { ACME, CATEGORY, ISSUER, KEY_ID, NOW, base64url, machineToken, oauthToken, organizationClaims, sessionClaims, sessionToken, signed, signedText, withSignature } from './tokens.mjs';

const claims = (changes) => () => sessionToken({ claims: changes });
const header = (changes) => () => sessionToken({ header: changes });
const organization = (changes, more) => () => sessionToken({ claims: organizationClaims(changes, more) });
const HEADER = JSON.stringify({ alg: 'RS256', kid: KEY_ID, typ: 'JWT' });
const CLAIMS = JSON.stringify(sessionClaims());
const reshaped = (change) => () => change(...sessionToken().split('.'));

export const ODD_TOKENS = {
  // Version 1 and version 2 claims.
  'organization of version 1': claims({ org_id: ACME, org_role: 'org:admin', org_slug: 'acme', org_permissions: ['org:a:b', 'org:c:d'] }),
  'role without organization': claims({ org_role: 'org:admin' }),
  'version 1 with an organization of version 2': claims({ o: { id: ACME, rol: 'admin' } }),
  'version 2': organization({}),
  'version 2 as text': organization({}, { v: '2' }),
  'version 3': organization({}, { v: 3 }),
  'version 2 without organization': claims({ v: 2, sts: 'active' }),
  'version 2 with both': organization({}, { org_id: 'org_2old', org_role: 'org:old' }),
  'no features': organization({}, { fea: undefined }),
  'empty features': organization({}, { fea: '' }),
  'no permissions': organization({ per: undefined }),
  'no map': organization({ fpm: undefined }),
  'map with more bits than permissions': organization({ fpm: '255,16' }),
  'map with a huge number': organization({ fpm: '340282366920938463463374607431768211457,2' }),
  'map with garbage': organization({ fpm: 'x,2' }),
  'map with signs': organization({ fpm: '-1,+2' }),
  'map too short': organization({ fpm: '3' }),
  'map too long': organization({ fpm: '3,2,1,7' }),
  'map with blanks': organization({ per: ' read , manage ', fpm: ' 3 , 02 ' }),
  'features with blanks': organization({}, { fea: ' o:dashboard , u:me , uo:teams' }),
  'unknown scope of a feature': organization({}, { fea: 'x:dashboard,o:teams' }),
  'feature without a scope': organization({}, { fea: 'dashboard' }),
  'number as features': organization({}, { fea: 7 }),
  'number as map': organization({ fpm: 3 }),
  'permissions of version 1 that are text': claims({ org_id: ACME, org_role: 'org:admin', org_permissions: 'org:a:b' }),
  'organization that is text': claims({ v: 2, o: ACME }),
  'organization without id': organization({ id: undefined }),
  'no role': organization({ rol: undefined }),
  'role with prefix': organization({ rol: 'org:admin' }),
  'no slug': organization({ slg: undefined }),
  'pending': organization({}, { sts: 'pending' }),
  'pending of version 1': claims({ sts: 'pending' }),
  'unknown state': claims({ v: 2, sts: 'odd' }),
  'actor': claims({ act: { iss: 'https://dashboard.test', sid: 'sess_x', sub: 'user_x', type: 'agent' } }),
  'ages': claims({ fva: [0, 12] }),
  'own claims': claims({ custom: { z: 1, a: [null, 'ü', 1.5, true] }, 'x-y': '\u0000\u2028', n: 1e21, deep: { a: { b: { c: {} } } } }),
  // Header.
  'unknown kid': header({ kid: 'key_2' }),
  'no kid': header({ kid: undefined }),
  'number as kid': header({ kid: 1 }),
  'prototype as kid': header({ kid: '__proto__' }),
  'access token type': header({ typ: 'at+jwt' }),
  'no type': header({ typ: undefined }),
  'lower-case type': header({ typ: 'jwt' }),
  'template': header({ cat: CATEGORY.template }),
  'session category': header({ cat: CATEGORY.session }),
  'ignored category': header({ cat: CATEGORY.ignored }),
  'machine category': header({ cat: CATEGORY.machine }),
  'null as category': header({ cat: null }),
  'freshness': header({ oiat: NOW - 10 }),
  'unsigned': header({ alg: 'none' }),
  'HMAC with the public key': header({ alg: 'HS256' }),
  'RS512': header({ alg: 'RS512' }),
  'RS384': header({ alg: 'RS384' }),
  'ES256': () => signed({ typ: 'JWT', alg: 'ES256' }, sessionClaims(), 'curve'),
  'RS512 with its own key': header({ alg: 'RS512', kid: 'key_512' }),
  'foreign key': () => sessionToken({ key: 'foreign' }),
  'foreign key of the set': () => sessionToken({ key: 'foreign', header: { kid: 'key_0' } }),
  'critical extension': header({ crit: ['b64'], b64: false }),
  'own key in the header': header({ jwk: { kty: 'RSA' }, jku: 'https://evil.test/jwks' }),
  'algorithm twice': () => signedText(`{"alg":"none","alg":"RS256","kid":"${KEY_ID}","typ":"JWT"}`, CLAIMS),
  // Claims.
  'subject twice': () => signedText(HEADER, CLAIMS.replace('{', '{"sub":"user_2aaaaaaaaaaaaaaaaaaaaaamallory",')),
  'no subject': claims({ sub: undefined }),
  'number as subject': claims({ sub: 7 }),
  'empty subject': claims({ sub: '' }),
  'subject of another kind': claims({ sub: 'admin' }),
  'no session': claims({ sid: undefined }),
  'session of another kind': claims({ sid: 'x' }),
  'no expiry': claims({ exp: undefined }),
  'text as expiry': claims({ exp: `${NOW + 50}` }),
  'fraction as expiry': claims({ exp: NOW + 0.5 }),
  'expiry far away': claims({ exp: 1e300 }),
  'expiry beyond dates': claims({ exp: 9e15 }),
  'text as start': claims({ nbf: 'x' }),
  'no start': claims({ nbf: undefined }),
  'start far away': claims({ nbf: 1e300 }),
  'no minting': claims({ iat: undefined }),
  'text as minting': claims({ iat: 'x' }),
  'zero as minting': claims({ iat: 0 }),
  'fraction as minting': claims({ iat: NOW - 9.5 }),
  'no issuer': claims({ iss: undefined }),
  'issuer of another instance': claims({ iss: 'https://clerk.other.test' }),
  'issuer without TLS': claims({ iss: 'http://clerk.frontdesk.test' }),
  'issuer with a slash': claims({ iss: `${ISSUER}/` }),
  'issuer of a satellite': claims({ iss: 'https://clerk.satellite.test' }),
  'list as issuer': claims({ iss: [ISSUER] }),
  'audience': claims({ aud: 'shop' }),
  'audiences': claims({ aud: ['bank', 'x'] }),
  'audiences that are no texts': claims({ aud: ['bank', 7] }),
  'empty audience': claims({ aud: [] }),
  'another party': claims({ azp: 'http://evil.test' }),
  'no party': claims({ azp: undefined }),
  // Other tokens.
  'machine token': () => machineToken(),
  'OAuth token': () => oauthToken(),
  'machine subject': claims({ sub: 'mch_1' }),
  // Shapes.
  'signature cut': reshaped((head, payload, signature) => `${head}.${payload}.${signature.slice(0, -2)}`),
  'no signature': reshaped((head, payload) => `${head}.${payload}.`),
  'no third part': reshaped((head, payload) => `${head}.${payload}`),
  'a fourth part': reshaped((head, payload, signature) => `${head}.${payload}.${signature}.x`),
  'padding': reshaped((head, payload, signature) => `${head}=.${payload}.${signature}==`),
  'other last bits': reshaped((head, payload, signature) => `${head}.${payload}.${signature.slice(0, -1)}${nextLetter(signature.at(-1))}`),
  'other last bits of the header': () => withSignature(`${base64url(`${HEADER} `).slice(0, -1)}B.${base64url(CLAIMS)}`),
  'standard base64': reshaped((head, payload, signature) => `${head}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}`),
  'blank before': () => ` ${sessionToken()}`,
  'nonsense': () => 'nonsense',
  'payload is a list': () => signedText(HEADER, '[]'),
  'payload is text': () => signedText(HEADER, '"x"'),
  'payload is null': () => signedText(HEADER, 'null'),
  'header is null': () => signedText('null', CLAIMS),
  'payload is no JSON': () => signedText(HEADER, '{'),
  'payload with a byte order mark': () => signedText(HEADER, `\ufeff${CLAIMS}`),
  'payload that is no UTF-8': () => signedText(HEADER, Buffer.concat([Buffer.from(CLAIMS.slice(0, -1)), Buffer.from(',"x":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])),
  'payload with blanks': () => signedText(HEADER, CLAIMS.replaceAll(',', ' ,\n ')),
  'prototype in the claims': () => signedText(HEADER, CLAIMS.replace('{', '{"__proto__":{"org_id":"org_x"},')),
  'oversize': claims({ fill: 'x'.repeat(20_000) }),
  'large': claims({ fill: 'x'.repeat(6000) }),
  'look-alike letters in the header': () => signedText(HEADER.replace('RS256', 'RＳ256'), CLAIMS),
  'escaped letters in the header': () => signedText(HEADER.replace('RS256', '\\u0052S256'), CLAIMS),
};
const MADE = Object.values(ODD_TOKENS).map((make) => parsed(make()));

/** All of them. */
export const ANY_ODD = MADE.map(({ text }) => text);
/** Those at which the reference does not fall over. */
export const READABLE_ODD = MADE.filter((token) => badForm(token) !== 'no object').map(({ text }) => text);
/** Those that we do not refuse unless the reference does. */
export const SOUND_ODD = MADE.filter((token) => !isRefusedByUsAlone(token)).map(({ text }) => text);

/** The letter whose last bits differ: the same bytes for a decoder that does not look closely. */
function nextLetter(letter) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return letters[letters.indexOf(letter) ^ 1];
}

