// Row 14 of the decision table: a session token that does not verify (§4.5), one row for each reason and each way
// refreshing can end.
import { ADA, CATEGORY, FOREIGN_PEM, GRACE, NOW, sessionToken, signed } from '../tokens.mjs';
import { secretKey } from '../scene.mjs';
import { LONG_AGO, anyKeySource, browser, carry, handshakeOr, signedIn, signedOut, spice } from './ingredients.mjs';
import { anyCell, never, only } from './rules.mjs';

/** The cells of rows that need a GET are all possible; those of the others are no documents. */
const expired = (scene) => sessionToken({ age: scene.chance.pick([65, 66, 600, 5000]) });
const old = { uat: NOW - 90_000 };

export const VERIFICATION_ROWS = [
  {
    row: '4.5 refreshed', title: 'an expired token is refreshed', forbids: anyCell, methods: 'get',
    build(scene, cell) {
      refresh(scene, cell, { status: 200, body: { object: 'cookies', cookies: [`__client_uat=${LONG_AGO}; Path=/`, `__session=${sessionToken({ person: GRACE })}; Path=/`, `__session_${scene.suffix}=${sessionToken({ person: GRACE })}; Path=/`] } });
      return { ...signedIn(GRACE), cookies: true };
    },
  },
  ...refreshFailures(),
  {
    row: '4.5 refresh non-eligible-non-get', title: 'expired, not a GET', forbids: only({ destination: 'other' }), methods: 'not get',
    build(scene, cell) {
      carry(anyKeySource(spice(scene)), cell, expired(scene), old);
      if (scene.chance.once(0.5)) scene.suffixed('__refresh', 'r');
      return signedOut('session-token-expired-refresh-non-eligible-non-get');
    },
  },
  {
    row: '4.5 refresh non-eligible-no-refresh-cookie', title: 'expired, no refresh cookie', forbids: anyCell, methods: 'get',
    build(scene, cell) {
      carry(anyKeySource(spice(scene)), cell, expired(scene), old);
      if (scene.chance.once(0.3)) scene.cookie('__refresh', 'the plain name does not count');
      return handshakeOr(scene, 'session-token-expired-refresh-non-eligible-no-refresh-cookie');
    },
  },
  { row: '4.5 refresh missing-api-client', title: 'expired, nobody to ask', forbids: never('client-always-there') },
  { row: '4.5 refresh missing-session-token', title: 'expired, and not there', forbids: never('expired-is-present') },
  { row: '4.5 refresh missing-refresh-token', title: 'eligible without the refresh cookie', forbids: never('asked-with-cookie') },
  { row: '4.5 refresh null', title: 'expired for no reason', forbids: never('expired-is-named') },
  {
    row: '4.5 not yet', title: 'not active yet', forbids: anyCell,
    build(scene, cell) {
      carry(anyKeySource(spice(scene)), cell, sessionToken({ claims: { nbf: NOW + scene.chance.pick([6, 600, 1e7]) } }), old);
      if (scene.chance.once(0.3)) scene.suffixed('__refresh', 'r');
      return handshakeOr(scene, 'session-token-nbf');
    },
  },
  {
    row: '4.5 from the future', title: 'minted in the future', forbids: anyCell,
    build(scene, cell) {
      carry(anyKeySource(spice(scene)), cell, sessionToken({ claims: { iat: NOW + scene.chance.pick([6, 600, 1e7]) } }), old);
      return handshakeOr(scene, 'session-token-iat-in-the-future');
    },
  },
  refused('token-invalid', (scene) => sessionToken(scene.chance.pick([{ header: { typ: 'jwt' } }, { header: { typ: 'JWE' } }, { header: { typ: 7 } }, { header: { typ: null } }])), anyKeySource),
  refused('token-invalid-algorithm', (scene) => signed({ typ: 'JWT', alg: scene.chance.pick(['none', 'HS256', 'ES256', 'PS256', 'rs256']) }, claims()), anyKeySource),
  refused('token-invalid-authorized-parties', (scene) => sessionToken({ claims: { azp: scene.chance.pick(['http://evil.test', undefined, '', 'http://app.test/']) } }), (scene) => scene.option('authorized_parties', ['http://app.test'])),
  refused('token-invalid-signature', (scene) => broken(scene), anyKeySource),
  refused('token-invalid-signature', () => sessionToken({ header: { kid: 'any' } }), (scene) => scene.option('jwt_key', FOREIGN_PEM), 'the key of the options is another'),
  refused('token-verification-failed', (scene) => sessionToken({ claims: scene.chance.pick([{ sub: undefined }, { sub: 7 }, { exp: undefined }, { exp: 'soon' }, { nbf: 'x' }, { nbf: null }]) }), anyKeySource),
  refused('token-verification-failed', (scene) => sessionToken({ claims: { aud: scene.chance.pick(['shop', ['shop', 'bank']]) } }), (scene) => scene.option('audience', ['desk', 'door']), 'the audience is another'),
  refused('secret-key-invalid', () => sessionToken(), fromBackend('revoked')),
  refused('jwk-remote-failed-to-load', () => sessionToken(), fromBackend('failing', 'empty')),
  refused('jwk-kid-mismatch', (scene) => sessionToken({ header: { kid: scene.chance.pick(['key_2', undefined, '', 'key_1 ']) } }), fromBackend('main', 'many')),
  refused('unexpected-error', () => sessionToken(), fromBackend('gone', 'garbled')),
  { row: '4.5 token-invalid-issuer', title: 'another issuer', forbids: never('no-option') },
  { row: '4.5 jwk-failed-to-resolve', title: 'no source of keys', forbids: never('key-is-asserted') },
  { row: '4.5 jwk-local-missing', title: 'no local key', forbids: never('never-thrown') },
  { row: '4.5 jwk-remote-invalid', title: 'a key that is none', forbids: never('never-thrown') },
  { row: '4.5 jwk-remote-missing', title: 'no remote key', forbids: never('never-thrown') },
];

/** The refresh cookie is there, and the Backend API answers it like this. */
function refresh(scene, cell, answer, token = expired(scene)) {
  const value = `refresh_${scene.unique}`;
  scene.told('refresh', value, answer);
  if (cell.carrier === 'cookie') browser(anyKeySource(spice(scene)), token, old);
  else anyKeySource(spice(scene)).header('authorization', `Bearer ${token}`);
  scene.suffixed('__refresh', value);
}

function refreshFailures() {
  const failed = (code, status = 401) => ({ status, body: { errors: [{ code, message: 'no' }] } });
  const cookies = (...list) => ({ status: 200, body: { object: 'cookies', cookies: list } });
  const rows = {
    'fetch-error': () => [{ drop: true }, failed('unexpected_error', 500)],
    'unexpected-sdk-error': () => [cookies()],
    'unexpected-bapi-error': () => [{ status: 500, text: 'oops' }, { status: 500, body: { errors: [] } }, { status: 500, body: {} }],
    'invalid-session-token': () => [cookies('__session=nonsense'), cookies('a=b'), cookies(`__session=${sessionToken({ key: 'foreign' })}`), cookies(`__session=${sessionToken({ age: 90 })}`)],
    refresh_token_expired: () => [failed('refresh_token_expired')],
  };
  return [
    ...Object.entries(rows).map(([reason, answers]) => ({
      row: `4.5 refresh ${reason}`, title: 'refreshing fails', forbids: anyCell, methods: 'get',
      build(scene, cell) {
        refresh(scene, cell, scene.chance.pick(answers()));
        return handshakeOr(scene, `session-token-expired-refresh-${reason}`);
      },
    })),
    {
      row: '4.5 refresh expired-session-token-missing-sid-claim', title: 'expired, of no session', forbids: anyCell, methods: 'get',
      build(scene, cell) {
        refresh(scene, cell, { status: 500, body: {} }, sessionToken({ age: 100, claims: { sid: undefined } }));
        return handshakeOr(scene, 'session-token-expired-refresh-expired-session-token-missing-sid-claim');
      },
    },
    {
      row: '4.5 refresh expired-session-token-decode-failed', title: 'the header expired, the cookie is none',
      forbids: (cell) => (cell.carrier === 'cookie' ? 'decoded-before' : null), methods: 'get',
      build(scene, cell) {
        refresh(scene, cell, { status: 500, body: {} });
        scene.cookie('__session', 'nonsense');
        return handshakeOr(scene, 'session-token-expired-refresh-expired-session-token-decode-failed');
      },
    },
  ];
}

function refused(reason, token, prepare, title = 'refused') {
  return {
    row: `4.5 ${reason}${title === 'refused' ? '' : ` (${title})`}`, title, forbids: anyCell,
    build(scene, cell) {
      const carried = token(scene);
      carry(spice(scene), cell, carried, { ...old, form: scene.chance.pick(['plain', 'both']) });
      prepare(scene);
      return signedOut(reason);
    },
  };
}

function fromBackend(...names) {
  return (scene) => scene.option('jwt_key', undefined).option('secret_key', secretKey(scene.instance, scene.chance.pick(names)));
}

function claims() {
  return { azp: 'http://app.test', exp: NOW + 50, iat: NOW - 10, iss: 'https://clerk.frontdesk.test', nbf: NOW - 20, sid: ADA.session, sub: ADA.user };
}

/** A signature that is not the right one. */
function broken(scene) {
  const token = sessionToken();
  const [header, payload, signature] = token.split('.');
  return scene.chance.pick([
    sessionToken({ key: 'foreign' }),
    `${header}.${payload}.`,
    `${header}.${payload}.${signature.slice(0, -2)}`,
    `${header}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`,
    `${header}.${sessionToken({ person: GRACE }).split('.')[1]}.${signature}`,
    sessionToken({ header: { cat: CATEGORY.session }, key: 'foreign' }),
  ]);
}

