// Settings that are refused before anything is decided (§4.1), and which spelling of the cookies counts (§2.3).
import { ADA, GRACE, PUBLIC_PEM, sessionToken } from '../tokens.mjs';
import { publishableKey } from '../scene.mjs';
import { opaque, verified } from '../machine.mjs';
import { LONG_AGO, THROWN, anyKeySource, carry, handshakeOr, knownBrowser, signedIn, signedOut, spice } from './ingredients.mjs';
import { anyCell, cookieOnly, headerOnly, only } from './rules.mjs';

export const SETTINGS_ROWS = [
  thrown('no secret key', (scene) => scene.option('secret_key', scene.chance.pick([undefined, ''])).option('jwt_key', PUBLIC_PEM)),
  thrown('no publishable key', (scene) => scene.option('publishable_key', scene.chance.pick([undefined, '']))),
  thrown('a publishable key that is none', (scene) =>
    scene.option('publishable_key', scene.chance.pick(['nonsense', 'pk_test_', 'pk_test_%%%', `sk_test_${btoa('clerk.frontdesk.test$')}`, publishableKey(scene.instance, 'localhost:4400'), publishableKey(scene.instance, 'a.b$c'), `pk_test_${btoa('clerk.frontdesk.test')}`, `${publishableKey(scene.instance)}_x`, `PK_TEST_${btoa('clerk.frontdesk.test$')}`]))),
  thrown('a satellite without an address', (scene) => scene.option('is_satellite', true).option('sign_in_url', 'https://primary.test/sign-in').option('proxy_url', undefined)),
  thrown('a development satellite without a sign-in page', (scene) => scene.option('is_satellite', true).option('domain', 'satellite.test').option('secret_key', 'sk_test_main').option('sign_in_url', undefined)),
  thrown('a satellite whose sign-in page is no address', (scene) => scene.option('is_satellite', true).option('domain', 'satellite.test').option('sign_in_url', scene.chance.pick(['/sign-in', 'sign-in'])).header('origin', 'http://app.test')),
  thrown('a satellite whose sign-in page is its own', (scene) => scene.option('is_satellite', true).option('domain', 'satellite.test').option('sign_in_url', 'http://app.test/sign-in').header('origin', 'http://app.test')),
  thrown('a path pattern that is none', (scene) =>
    scene.option('organization_sync_options', scene.chance.pick([{ organizationPatterns: ['/orgs/:'] }, { organizationPatterns: ['/orgs/(x'] }, { personalAccountPatterns: ['/me{'] }, { organizationPatterns: ['/:a:b(()'] }]))),
  {
    row: '4.1 satellite allowed', title: 'a satellite with all it needs', forbids: anyCell,
    build(scene, cell) {
      carry(anyKeySource(spice(scene)), cell, sessionToken(), { form: 'both' });
      scene.option('is_satellite', true).option('domain', 'satellite.test').option('sign_in_url', 'https://primary.test/sign-in').header('origin', scene.chance.pick([undefined, 'http://app.test']));
      // The production satellite's tokens belong to `clerk.satellite.test`, others are read from suffixed cookies.
      return signedIn();
    },
  },
  {
    row: '4.1 no publishable key needed', title: 'API keys and machine tokens are read from the header alone', forbids: headerOnly,
    build(scene) {
      const type = scene.chance.pick(['api_key', 'm2m_token']);
      spice(scene).header('authorization', `Bearer ${opaque(scene, type, verified(scene, type))}`);
      scene.option('accepts_token', type).option('publishable_key', undefined);
      return { status: 'signed-in', reason: null, tokenType: type };
    },
  },
  thrown('a machine token and no secret key', (scene) => scene.option('accepts_token', 'm2m_token').option('secret_key', undefined)),

  suffix('1', 'the plain session names no issuer', cookieOnly, (scene) => {
    cookies(scene, { session: token(ADA, { claims: { iss: undefined } }), suffixedSession: token(GRACE), uat: LONG_AGO, suffixedUat: LONG_AGO });
    return signedIn(ADA);
  }),
  suffix('2', 'the plain session is of another instance', cookieOnly, (scene) => {
    const iss = scene.chance.pick(['https://clerk.other.test', 'https://clerk.frontdesk.test/', 'https://clerk.frontdesk.test:443', 7]);
    cookies(scene, { session: token(ADA, { claims: { iss } }), suffixedSession: token(GRACE), uat: LONG_AGO, suffixedUat: LONG_AGO });
    return signedIn(GRACE);
  }),
  suffix('2 alone', 'and there are no suffixed cookies', cookieOnly, (scene) => {
    cookies(scene, { session: token(ADA, { claims: { iss: 'https://clerk.other.test' } }), uat: LONG_AGO, devBrowser: 'suffixed' });
    return signedOut('session-token-and-uat-missing');
  }),
  suffix('3', 'nothing is suffixed', cookieOnly, (scene) => {
    cookies(scene, { session: token(ADA, { claims: { iss: scene.chance.pick(['https://clerk.frontdesk.test', 'http://clerk.frontdesk.test', 'HTTPS://clerk.frontdesk.test']) } }), uat: LONG_AGO });
    return signedIn(ADA);
  }),
  suffix('4', 'the plain session is newer', cookieOnly, (scene) => {
    cookies(scene, { session: token(ADA, { age: 5 }), suffixedSession: scene.chance.pick([token(GRACE), 'nonsense', undefined]), uat: LONG_AGO, suffixedUat: LONG_AGO });
    return signedIn(ADA);
  }),
  suffix('5', 'only the suffixed client is signed out', cookieOnly, (scene) => {
    cookies(scene, { session: token(ADA), suffixedSession: token(GRACE), uat: LONG_AGO, suffixedUat: 0 });
    return signedIn(ADA);
  }),
  suffix('6', 'the suffixed session has expired and the plain client is signed out', only({ carrier: 'cookie', instance: 'development' }), (scene) => {
    cookies(scene, { session: token(ADA), suffixedSession: token(GRACE, { age: 61 }), uat: 0, suffixedUat: LONG_AGO });
    return handshakeOr(scene, 'session-token-but-no-client-uat');
  }),
  suffix('6 in production', 'which does not count in production', only({ carrier: 'cookie', instance: 'production' }), (scene) => {
    cookies(scene, { session: token(ADA), suffixedSession: token(GRACE, { age: 61 }), uat: 0, suffixedUat: LONG_AGO });
    return signedIn(GRACE);
  }),
  suffix('7', 'a suffixed session without its client', cookieOnly, (scene) => {
    cookies(scene, { session: token(ADA), suffixedSession: token(GRACE), uat: scene.chance.pick([LONG_AGO, LONG_AGO, 5]) });
    return signedIn(ADA);
  }),
  suffix('8', 'the suffixed cookies are as good', cookieOnly, (scene) => {
    cookies(scene, { session: scene.chance.pick([token(ADA), token(ADA, { age: 20 }), undefined]), suffixedSession: token(GRACE), uat: scene.chance.pick([LONG_AGO, 0, undefined]), suffixedUat: LONG_AGO });
    return signedIn(GRACE);
  }),
];

function thrown(title, prepare) {
  return {
    row: `4.1 ${title}`, title, forbids: anyCell,
    build(scene, cell) {
      carry(spice(scene), cell, sessionToken());
      prepare(scene);
      return THROWN;
    },
  };
}

function suffix(number, title, forbids, build) {
  return { row: `2.3 #${number}`, title, forbids, build: (scene) => build(anyKeySource(spice(scene)).option('authorized_parties', undefined)) };
}

function token(person, more = {}) {
  return sessionToken({ person, ...more });
}

function cookies(scene, { session, suffixedSession, uat, suffixedUat, devBrowser = 'both' }) {
  knownBrowser(scene, devBrowser);
  if (uat !== undefined) scene.cookie('__client_uat', uat);
  if (session !== undefined) scene.cookie('__session', session);
  if (suffixedUat !== undefined) scene.suffixed('__client_uat', suffixedUat);
  if (suffixedSession !== undefined) scene.suffixed('__session', suffixedSession);
}

