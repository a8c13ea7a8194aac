// Tokens of programs, good and bad, and what the Backend API says to the opaque ones.
import { ADA, ACME, CATEGORY, ISSUER, KEY_ID, MACHINE, NOW, idOf, machineToken, oauthToken, sessionToken, signed, withSignature, base64url } from '../lib/tokens.mjs';

const STRICTER = {
  flag: 'an answer that says revoked or expired is refused',
  shape: 'an answer that is not of the contract\'s shape is refused',
  claim: 'a claim of the wrong type is refused',
};

const HEX = '3beecc9c60adb5f9b850e91a8ee1e992';
const API_KEY = {
  object: 'api_key', id: `ak_${HEX}`, type: 'api_key', name: 'Nightly "export"', subject: ADA.user, scopes: ['orders:read', 'orders:write'],
  claims: { z: 1, a: [null, { deep: true }] }, revoked: false, revocation_reason: null, expired: false, expiration: NOW * 1000 + 60_000,
  created_by: ADA.user, description: 'ünïcode', last_used_at: null, created_at: NOW * 1000 - 1, updated_at: NOW * 1000 - 1,
};
const M2M = {
  object: 'machine_to_machine_token', id: `mt_${HEX}`, subject: MACHINE, scopes: [idOf('mch_', 'billing')], claims: { tier: 'gold' },
  revoked: false, revocation_reason: null, expired: false, expiration: null, last_used_at: 5, created_at: 1, updated_at: 2,
};
const OAUTH = {
  object: 'clerk_idp_oauth_access_token', id: `oat_${HEX}`, client_id: 'app_1', subject: ADA.user, scopes: ['email', 'profile'],
  revoked: false, revocation_reason: null, expired: false, expiration: NOW * 1000 + 60_000, created_at: 1, updated_at: 2,
};

export function* tokens() {
  yield { name: 'nothing' };
  yield { name: 'nothing, but signed in by cookies', headers: { cookie: cookies() } };
  yield { name: 'another scheme', headers: { authorization: 'Basic YTpi' } };
  yield bearer('garbage', 'nonsense');
  yield bearer('a session token', sessionToken());
  yield { ...bearer('a session token, beside cookies', sessionToken()), headers: { authorization: `Bearer ${sessionToken()}`, cookie: cookies() } };
  yield bearer('an old session token', sessionToken({ age: 600 }));
  yield bearer('a session token of others', sessionToken({ key: 'foreign' }));
  yield bearer('a session token with its category', sessionToken({ header: { cat: CATEGORY.session } }));
  yield bearer('a template token', sessionToken({ header: { cat: CATEGORY.template } }));
  yield bearer('a token of no known category', sessionToken({ header: { cat: 'cl_other' } }));
  yield bearer('an ignored category', sessionToken({ header: { cat: CATEGORY.ignored } }));
  yield bearer('a session with the category of machines', sessionToken({ header: { cat: CATEGORY.machine } }));

  for (const [prefix, good] of [['ak_', API_KEY], ['mt_', M2M], ['oat_', OAUTH]]) {
    const secret = `${prefix}secret_${'0123456789abcdef'.repeat(2)}`;
    const told = (name, body, more) => ({ ...bearer(`${prefix} ${name}`, secret, { backend: { body } }), ...more });
    yield told('good', good);
    yield { ...told('good, beside cookies', good), headers: { authorization: `Bearer ${secret}`, cookie: cookies() } };
    yield { ...told('good, as a single word', good), headers: { authorization: secret } };
    yield told('good, with authorized parties', good, { options: { authorized_parties: ['https://app.test'] } });
    yield told('good, with a fixed key', good, { options: { jwt_key: true } });
    yield told('good, with the machine\'s own key', good, { options: { machine_secret_key: 'ak_machine' } });
    yield told('good, with an audience', good, { options: { audience: ['https://api.test'] } });
    yield told('without scopes', { ...good, scopes: [] });
    yield told('with members of tomorrow', { ...good, new_in_2030: { a: 1 } });
    yield told('revoked', { ...good, revoked: true, revocation_reason: 'lost' }, { stricter: STRICTER.flag });
    yield told('expired', { ...good, expired: true }, { stricter: STRICTER.flag });
    yield bearer(`${prefix} unknown`, secret);
    for (const status of [400, 401, 403, 422, 429, 500, 503]) {
      const errors = [{ code: 'some_code', message: 'Some words' }];
      yield bearer(`${prefix} answered ${status}`, secret, { backend: { status, body: { errors } } });
    }
    yield bearer(`${prefix} answered 401 without words`, secret, { backend: { status: 401, text: '<html></html>' } });
    yield bearer(`${prefix} answered by something else`, secret, { backend: { text: '<html></html>' }, stricter: STRICTER.shape });
    yield bearer(`${prefix} answered half`, secret, { backend: { body: { object: good.object, id: good.id } }, stricter: STRICTER.shape });
    yield bearer(`${prefix} not answered`, secret, { backend: { drop: true } });
    yield bearer(`${prefix} in the form of a JWT`, `${prefix}a.b.c`);
    yield bearer(`${prefix} with dots`, `${prefix}a.b`);
    yield bearer(`${prefix} alone`, prefix);
  }
  const key = (name, changes) => bearer(`ak_ ${name}`, 'ak_secret_0123456789abcdef', { backend: { body: { ...API_KEY, ...changes } } });
  yield key('of an organization', { subject: ACME });
  yield key('of a machine', { subject: MACHINE });
  yield key('without claims', { claims: null });
  yield key('that never ends', { expiration: null });
  const access = (name, changes, options) => bearer(`oat_ ${name}`, 'oat_secret_0123456789abcdef', { backend: { body: { ...OAUTH, ...changes } }, options });
  const audience = ['https://api.test', 'https://other.test'];
  yield access('for us', { aud: ['https://x.test', 'https://api.test'] }, { audience });
  yield access('for others', { aud: ['https://x.test'] }, { audience });
  yield access('for nobody', { aud: [] }, { audience });
  yield access('for whoever', { aud: ['https://x.test'] });
  yield access('in the name of another', { act: { sub: 'app_2', act: { sub: 'app_3' } } });
  yield bearer('oat_ inactive', 'oat_secret_0123456789abcdef', { backend: { body: { active: false } }, stricter: STRICTER.shape });

  yield* machineJwts();
  yield* oauthJwts();
}

function* machineJwts() {
  const m2m = (name, changes, more) => bearer(`m2m JWT ${name}`, machineToken(changes), more);
  yield m2m('good');
  yield m2m('with a fixed key', {}, { options: { jwt_key: true } });
  yield m2m('with authorized parties', {}, { options: { authorized_parties: ['https://app.test'] } });
  yield m2m('with the machine\'s own key', {}, { options: { machine_secret_key: 'ak_machine' } });
  yield m2m('for us', {}, { options: { audience: [MACHINE] } });
  yield m2m('for others', {}, { options: { audience: ['mch_other'] } });
  yield m2m('for whoever', { claims: { aud: undefined } }, { options: { audience: ['mch_other'] } });
  yield m2m('without category', { header: { cat: undefined } });
  yield m2m('without type', { header: { typ: undefined } });
  for (const cat of ['session', 'template', 'ignored']) yield m2m(`of category ${cat}`, { header: { cat: CATEGORY[cat] } });
  yield m2m('of no known category', { header: { cat: 'cl_other' } });
  yield m2m('of the type of access tokens', { header: { typ: 'at+jwt' } });
  yield m2m('of another type', { header: { typ: 'dpop+jwt' } });
  yield m2m('of others', { key: 'foreign' });
  yield m2m('of an unknown key', { header: { kid: 'key_9' } });
  yield m2m('without kid', { header: { kid: undefined } });
  yield m2m('of another algorithm', { header: { alg: 'RS512' } });
  yield m2m('of an algorithm for secrets', { header: { alg: 'HS256' } });
  for (const age of [64, 65, 66, -5, -6]) yield m2m(`${age} s old`, { age });
  yield m2m('without end', { claims: { exp: undefined } });
  yield m2m('without iat and nbf', { claims: { iat: undefined, nbf: undefined } });
  yield m2m('without id', { claims: { jti: undefined } });
  yield m2m('with id null', { claims: { jti: null } });
  yield m2m('without scopes', { claims: { scopes: undefined } });
  yield m2m('with scopes null', { claims: { scopes: null } });
  yield m2m('with empty scopes', { claims: { scopes: '' } });
  yield m2m('with scopes far apart', { claims: { scopes: ' a  b ' } });
  yield m2m('without scopes and aud', { claims: { scopes: undefined, aud: undefined } });
  yield m2m('with aud null', { claims: { scopes: undefined, aud: null } });
  yield m2m('with claims', { claims: { zeta: 1, alpha: { deep: [true, null] }, words: 'grüße', aud: undefined, scopes: undefined } });
  yield m2m('with the name of a machine alone', { claims: { sub: 'mch_' } });
  yield m2m('with a sub that is no text', { claims: { sub: 7 } });
  yield m2m('with scopes in a list', { claims: { scopes: ['a'] } }, { stricter: STRICTER.claim });
  yield m2m('with an id that is no text', { claims: { jti: 7 } }, { stricter: STRICTER.claim });
  const [header, claims] = machineToken().split('.');
  yield bearer('m2m JWT without signature', `${header}.${claims}.`);
  yield bearer('m2m JWT with half a signature', machineToken().slice(0, -100));
  yield bearer('m2m JWT without algorithm', withSignature(`${base64url(JSON.stringify({ alg: 'none', typ: 'JWT', kid: KEY_ID }))}.${claims}`, 'none'));
}

function* oauthJwts() {
  const access = (name, changes, more) => bearer(`OAuth JWT ${name}`, oauthToken(changes), more);
  const audience = ['https://api.test', 'https://other.test'];
  yield access('good');
  yield access('of the long type', { header: { typ: 'application/at+jwt' } });
  yield access('of a type in capitals', { header: { typ: 'AT+JWT' } });
  yield access('with a fixed key', {}, { options: { jwt_key: true } });
  yield access('with authorized parties', {}, { options: { authorized_parties: ['https://app.test'] } });
  for (const cat of Object.keys(CATEGORY)) yield access(`of category ${cat}`, { header: { cat: CATEGORY[cat] } });
  yield access('for us', { claims: { aud: audience[1] } }, { options: { audience } });
  yield access('for us and others', { claims: { aud: ['https://x.test', audience[0]] } }, { options: { audience } });
  yield access('for us and a nameless one', { claims: { aud: ['', audience[0]] } }, { options: { audience } });
  yield access('for others', { claims: { aud: 'https://x.test' } }, { options: { audience } });
  yield access('for nobody', { claims: { aud: [] } }, { options: { audience } });
  yield access('for whoever', {}, { options: { audience } });
  yield access('of others', { key: 'foreign' });
  yield access('of an unknown key', { header: { kid: 'key_9' } });
  for (const age of [64, 65, -5, -6]) yield access(`${age} s old`, { age });
  yield access('without id and application', { claims: { jti: undefined, client_id: undefined } });
  yield access('without scopes', { claims: { scope: undefined } });
  yield access('with empty scopes', { claims: { scope: '' } });
  yield access('with scopes in a list', { claims: { scp: ['a', 'b'] } });
  yield access('with no scopes in a list', { claims: { scp: [] } });
  yield access('with scp null', { claims: { scp: null } });
  yield access('in nobody\'s name', { claims: { sub: undefined } });
  yield access('in the name of an application', { claims: { sub: 'client_1' } });
  yield access('in the name of a machine', { claims: { sub: MACHINE } });
  yield access('with scp in one text', { claims: { scp: 'a b' } }, { stricter: STRICTER.claim });
  yield access('with a scope that is no text', { claims: { scope: 7 } }, { stricter: STRICTER.claim });
  yield access('with an application that is no text', { claims: { client_id: 7 } }, { stricter: STRICTER.claim });
  yield bearer('OAuth JWT without issuer', signed({ typ: 'at+jwt' }, { sub: ADA.user, exp: NOW + 60, iss_: ISSUER }));
}

function bearer(name, token, more = {}) {
  return { name, headers: { authorization: `Bearer ${token}` }, ...more };
}

function cookies() {
  return `__session=${sessionToken()}; __client_uat=${NOW - 60}`;
}
