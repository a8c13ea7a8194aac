// What the rows are cooked from: a signed-in browser, a signed-in caller, what changes nothing, and what is expected.
import { ADA, GRACE, NOW, PUBLIC_PEM, handshakeToken, sessionToken } from '../tokens.mjs';

export const LONG_AGO = NOW - 3600;
/** No such cookie, where leaving it out means the usual one. */
export const ABSENT = Symbol('absent');
const FORMS = ['plain', 'both', 'suffixed'];

/** The cookies of a browser that holds `token`; `form`: which spellings of the cookie names. */
export function browser(scene, token, { uat = LONG_AGO, form = scene.chance.pick(FORMS), devBrowser = true } = {}) {
  if (devBrowser) knownBrowser(scene, form);
  if (uat !== ABSENT) scene.twin('__client_uat', uat, form);
  if (token !== undefined) scene.twin('__session', token, form);
  return scene;
}

/** A development instance knows the browser by this; a production instance does not care. */
export function knownBrowser(scene, form = 'both') {
  if (scene.instance === 'development') scene.twin('__clerk_db_jwt', 'dvb_1', form);
  return scene;
}

/** Puts the token where the cell wants it. With a header token come cookies that must not count. */
export function carry(scene, cell, token, more) {
  if (cell.carrier === 'cookie') return browser(scene, token, more);
  bearer(scene, token);
  if (scene.chance.once(0.5)) browser(scene, sessionToken({ person: GRACE }));
  if (scene.chance.once(0.3)) scene.cookie('__clerk_handshake_nonce', 'nobody-asks');
  return scene;
}

export function bearer(scene, token) {
  return scene.header('authorization', scene.chance.once(0.8) ? `Bearer ${token}` : token);
}

/** Hands the cookies over by nonce or by token, in the query or in a cookie. */
export function handOver(scene, list, { by = scene.chance.pick(['nonce', 'token']), header, key } = {}) {
  const name = by === 'nonce' ? '__clerk_handshake_nonce' : '__clerk_handshake';
  const value = by === 'nonce' ? `nonce_${scene.unique}` : handshakeToken(list, { header, key });
  if (by === 'nonce') scene.told('handshake', value, { status: 200, body: { directives: list } });
  if (scene.chance.once(0.5)) scene.query(name, value);
  else scene.cookie(name, value);
  return scene;
}

/** Where the keys come from: from the Backend API or from the options. */
export function anyKeySource(scene) {
  if (scene.chance.once(0.5)) scene.option('jwt_key', PUBLIC_PEM);
  return scene;
}

/** What every request may have and no row asks for. */
export function spice(scene) {
  const { chance } = scene;
  const origin = chance.pick(['app.test', 'app.test', 'localhost:3000', 'app.test:8443', 'APP.test']);
  scene.host = origin;
  scene.scheme = chance.pick(['http', 'http', 'https']);
  scene.path = chance.pick(['/', '/', '/page', '/a%20b/c', '/deep/er/', '/ü', "/it's", '/a/../b']);
  if (chance.once(0.3)) scene.query('a', chance.pick(['b', 'c d', 'ü', 'x&y', '']));
  if (chance.once(0.1)) scene.query('__clerk_help', '1');
  if (chance.once(0.2)) scene.header('x-forwarded-proto', chance.pick(['https', 'http', 'https,http', 'https, http']));
  if (chance.once(0.2)) scene.header('x-forwarded-host', chance.pick(['out.test', 'out.test:8443', 'out.test, in.test']));
  if (chance.once(0.1)) scene.header('cloudfront-forwarded-proto', 'https');
  if (chance.once(0.2)) scene.header('user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0)');
  if (chance.once(0.3)) scene.cookie(chance.pick(['theme', '_ga', '__sess', '__client']), chance.pick(['dark', '1.2', '%7B%7D', '']));
  if (chance.once(0.2)) scene.option('proxy_url', chance.pick(['/__clerk', 'https://proxy.test/a/', 'http://localhost:4400', 'https://proxy.test']));
  if (chance.once(0.2)) scene.option('authorized_parties', ['http://b.test', 'http://app.test']);
  if (chance.once(0.1)) scene.option('sign_in_url', 'https://accounts.test/sign-in');
  return scene;
}

export function handshakeOr(scene, reason) {
  return { status: scene.eligible ? 'handshake' : 'signed-out', reason };
}

export function signedOut(reason) {
  return { status: 'signed-out', reason };
}

export function signedIn(person = ADA) {
  return { status: 'signed-in', reason: null, user: person.user };
}

export const THROWN = { error: true };
