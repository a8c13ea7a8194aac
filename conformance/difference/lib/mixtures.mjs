// Requests that nobody planned: a browser or a caller that would be signed in, and then some things go wrong at once.
import { Chance } from './chance.mjs';
import { MACHINE_TYPES, MACHINE_FAILURES, opaque, refusal, verified } from './machine.mjs';
import { READABLE_ODD, SOUND_ODD } from './odd-tokens.mjs';
import { browser, knownBrowser, spice } from './rows/ingredients.mjs';
import { INSTANCES, Scene, publishableKey, secretKey } from './scene.mjs';
import { ACME, ADA, FOREIGN_PEM, GRACE, NOW, PUBLIC_PEM, handshakeToken, machineToken, oauthToken, organizationClaims, sessionToken } from './tokens.mjs';

/** `count` cases: `{ case, names }`. */
export function* mixtures(seed, count, table) {
  for (let number = 0; number < count; number++) {
    const id = `mixture | ${number}`;
    const chance = new Chance(seed, id);
    const scene = new Scene(chance, chance.pick(INSTANCES), `m${number}`, table);
    mix(scene);
    yield { case: scene.toCase(id), names: scene.names };
  }
}

function mix(scene) {
  const { chance } = scene;
  scene.goTo(chance.once(0.6) ? 'document' : 'other', chance.below(7));
  spice(scene);
  if (chance.once(0.6)) scene.option('jwt_key', PUBLIC_PEM);
  START[chance.below(START.length)](scene);
  const changes = chance.pick([0, 1, 1, 2, 2, 3, 4, 6]);
  for (let change = 0; change < changes; change++) CHANGES[chance.below(CHANGES.length)](scene);
}

/** How it begins; most begin well. */
const START = [
  (scene) => browser(scene, anyToken(scene)),
  (scene) => browser(scene, anyToken(scene)),
  (scene) => browser(scene, sessionToken()),
  (scene) => bearer(browserOrNot(scene), anyToken(scene)),
  (scene) => bearer(browserOrNot(scene), anyMachineToken(scene)).option('accepts_token', anyAcceptance(scene)),
  (scene) => twoSessions(scene),
  (scene) => handshake(browserOrNot(scene)),
  (scene) => expiring(scene),
];

const CHANGES = [
  (scene) => scene.forgetCookies(() => scene.chance.once(0.3)),
  (scene) => scene.forgetCookies((name) => name.startsWith('__client_uat')).twin('__client_uat', anyUat(scene), anyForm(scene)),
  (scene) => scene.forgetCookies((name) => name === scene.chance.pick(['__session', '__client_uat', '__clerk_db_jwt'])),
  (scene) => scene.forgetCookies((name) => name.endsWith(scene.suffix) && scene.chance.once(0.6)),
  (scene) => scene.changeCookies((cookies) => cookies.toReversed()),
  (scene) => scene.changeCookies((cookies) => cookies.map(([name, value]) => [name, name !== '__clerk_handshake' && scene.chance.once(0.2) ? written(scene, value) : value])),
  (scene) => scene.twin('__session', anyToken(scene), anyForm(scene)),
  (scene) => scene.cookie(scene.chance.pick(['__session', '__client_uat', '__session_other123', '__Host-__session', ' __session']), scene.chance.pick(['', 'x', '0', sessionToken({ person: GRACE })])),
  (scene) => scene.cookie('__clerk_redirect_count', scene.chance.pick(['0', '1', '2', '3', '4', 'x', '', '1.5', '3.0', '-1', '0x3', ' 3', '1e0', '%33'])),
  (scene) => scene.suffixed('__refresh', anyRefresh(scene)),
  (scene) => scene.query('__clerk_db_jwt', scene.chance.pick(['dvb_9', '', 'a b&c'])),
  (scene) => scene.query('__clerk_redirect_url', scene.chance.pick(['https://satellite.test/', 'https://satellite.test/x?__clerk_synced=false#a', '/relative', 'nonsense', 'javascript:alert(1)', ''])),
  (scene) => scene.query('__clerk_synced', scene.chance.pick(['true', 'false', 'TRUE', ''])),
  (scene) => scene.query(scene.chance.pick(['__dev_session', '__clerk_help', 'suffixed_cookies', '__session', 'redirect_url']), 'x'),
  (scene) => handshake(scene),
  (scene) => handshake(scene),
  (scene) => scene.header('referer', scene.chance.pick(['https://search.test/', 'http://app.test/x', 'https://app.test/', 'https://clerk.frontdesk.test/v1', 'https://accounts.frontdesk.test/', 'https://foo-bar-13.accounts.dev/', 'https://foo-bar-13.clerk.accounts.dev/', 'https://accounts.x.lcl.dev/', 'https://proxy.test/a', 'http://localhost:9/', 'about:blank', 'nonsense', ''])),
  (scene) => scene.header('referer', 'https://search.test/'),
  (scene) => scene.header('x-forwarded-host', scene.chance.pick(['out.test', 'out.test:8443, in.test', 'OUT.test', 'out.test ,in.test', '', 'out test', '[::1]:80', 'xn--bcher-kva.test', 'out.test/x', 'user@out.test', 'out.test:80'])),
  (scene) => scene.header('x-forwarded-proto', scene.chance.pick(['https', 'http', 'https,http', 'HTTPS', '', 'https ,http'])),
  (scene) => scene.header('origin', scene.chance.pick(['http://app.test', 'https://other.test', 'null'])),
  (scene) => scene.header('host', scene.chance.pick(['app.test', 'other.test', 'app.test:80', 'localhost', undefined, ''])),
  (scene) => scene.header('sec-fetch-dest', scene.chance.pick(['document', 'iframe', 'empty', 'image', 'Document', '', undefined])),
  (scene) => scene.header('accept', scene.chance.pick(['text/html', 'text/html;q=0.1', '*/*', 'TEXT/HTML', 'application/json, text/html'])),
  (scene) => Object.assign(scene, { method: scene.chance.pick(['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'DELETE']) }),
  (scene) => Object.assign(scene, { now: NOW * 1000 + scene.chance.pick([-86_400_000, -20_000, -15_001, -15_000, -14_999, 499, 54_999, 55_000, 55_001, 60_000, 86_400_000, 1e9]) }),
  (scene) => Object.assign(scene, { path: scene.chance.pick(['/', '/orgs/acme', '/orgs/other/x', '/me/', '/%zz', '/a//b', '/./a/%2e%2e/b', '/*', "/'\"<>`{}|^", '/;a=b', '/a:b@c']) }),
  (scene) => Object.assign(scene, { scheme: 'https' }),
  (scene) => satellite(scene),
  (scene) => satellite(scene),
  (scene) => organizationPaths(scene),
  (scene) => organizationPaths(scene),
  (scene) => scene.option('authorized_parties', scene.chance.pick([[], ['http://app.test'], ['http://evil.test'], ['http://app.test/', 'app.test']])),
  (scene) => scene.option('audience', scene.chance.pick([['shop'], ['shop', 'bank'], 'shop', []])),
  (scene) => scene.option('proxy_url', scene.chance.pick(['/__clerk', '/', 'https://proxy.test/a//', 'http://localhost:4400', 'https://clerk.frontdesk.test', 'proxy.test/a', ''])),
  (scene) => scene.option('jwt_key', scene.chance.pick([undefined, FOREIGN_PEM, PUBLIC_PEM.replaceAll('\n', '\r\n'), PUBLIC_PEM.replaceAll('\n', ''), 'nonsense', ''])),
  (scene) => scene.option('jwt_key', undefined).option('secret_key', secretKey(scene.instance, scene.chance.pick(['many', 'foreign', 'empty', 'revoked', 'failing', 'garbled', 'gone']))),
  (scene) => scene.option('secret_key', scene.chance.pick(['sk_live_main', 'sk_test_main'])),
  (scene) => scene.option('publishable_key', scene.chance.pick([publishableKey(scene.instance, 'clerk.accounts.dev'), publishableKey(scene.instance, '127.0.0.1:4000'), publishableKey(scene.instance, 'happy-hippo-1.clerk.accounts.dev'), `${scene.options.publishable_key}=`, 'pk_test_x', publishableKey('production')])),
  (scene) => scene.option('accepts_token', anyAcceptance(scene)),
  (scene) => scene.header('authorization', scene.chance.pick([undefined, '', 'Bearer', 'Basic YTpi', `bearer ${sessionToken()}`, `Bearer  ${sessionToken()}`, `Bearer ${sessionToken()} x`, `Bearer ${sessionToken()}, x`, sessionToken()])),
  (scene) => bearer(scene, anyToken(scene)),
];

/**
 * Good, old or odd, but none at which the reference falls over wherever it stands: beside a good token it would throw,
 * and we sign in.
 */
function anyToken(scene, odd = READABLE_ODD) {
  const { chance } = scene;
  if (chance.once(0.35)) return chance.pick(odd);
  return sessionToken({
    age: chance.pick([10, 10, 10, 0, -4, -5, -6, -20, 50, 59, 60, 61, 64, 65, 66, 100, 5000, 86_000, 86_500]),
    person: chance.pick([ADA, ADA, GRACE]),
    claims: chance.once(0.3) ? organizationClaims({}, chance.once(0.2) ? { sts: 'pending' } : {}) : {},
  });
}

function anyMachineToken(scene) {
  const { chance } = scene;
  const type = chance.pick(MACHINE_TYPES);
  if (chance.once(0.4)) return opaque(scene, type, chance.once(0.6) ? verified(scene, type) : refusal(scene, chance.pick(MACHINE_FAILURES)));
  const fault = chance.pick([{}, {}, {}, { key: 'foreign' }, { age: 66 }, { header: { kid: 'key_2' } }, { header: { cat: undefined } }, { header: { typ: 'application/at+jwt' } }, { header: { typ: 'JWT' } }, { claims: { sub: ADA.user } }, { claims: { aud: ['shop'] } }, { claims: { exp: undefined } }]);
  return chance.pick([machineToken, oauthToken])(fault);
}

function anyAcceptance(scene) {
  return scene.chance.pick(['any', 'any', 'session_token', 'api_key', 'm2m_token', 'oauth_token', ['session_token', 'api_key'], ['api_key', 'm2m_token', 'oauth_token'], ['m2m_token'], ['session_token', 'oauth_token']]);
}

function anyForm(scene) {
  return scene.chance.pick(['plain', 'suffixed', 'both']);
}

function anyUat(scene) {
  return scene.chance.pick([0, NOW - 3600, NOW - 3600, NOW - 11, NOW - 10, NOW - 9, NOW, NOW + 60, 'x', '', '12abc', '-5', '0x10', '1e3', '00', '0.9', '%30', ' 7', '99999999999999999999']);
}

function anyRefresh(scene) {
  const name = `refresh_${scene.unique}`;
  const token = scene.chance.pick([sessionToken({ person: GRACE }), sessionToken({ age: 100 }), scene.chance.pick(SOUND_ODD)]);
  scene.told('refresh', name, scene.chance.pick([{ status: 200, body: { object: 'cookies', cookies: [`__client_uat=${NOW}; Path=/`, `__session=${token}; Path=/`] } }, { status: 401, body: { errors: [{ code: 'refresh_token_revoked', message: 'no' }] } }, { status: 500, text: 'no' }]));
  return scene.chance.pick([name, name, name, 'unknown', '']);
}

function bearer(scene, token) {
  return scene.header('authorization', scene.chance.once(0.85) ? `Bearer ${token}` : token);
}

function browserOrNot(scene) {
  return scene.chance.once(0.5) ? browser(scene, sessionToken({ person: GRACE })) : scene;
}

/** Both spellings, with different people, ages and clients. */
function twoSessions(scene) {
  knownBrowser(scene, anyForm(scene));
  scene.cookie('__client_uat', anyUat(scene)).cookie('__session', anyToken(scene));
  scene.suffixed('__client_uat', anyUat(scene)).suffixed('__session', anyToken(scene));
}

function expiring(scene) {
  browser(scene, sessionToken({ age: scene.chance.pick([64, 65, 66, 500]) }), { uat: NOW - 90_000 });
  if (scene.chance.once(0.6)) scene.suffixed('__refresh', anyRefresh(scene));
}

/** A handshake in which something may be wrong. Its tokens are none that we alone refuse: the old cookies would count. */
function handshake(scene) {
  const { chance } = scene;
  const list = [`__client_uat=${NOW - 3600}; Path=/`, '__clerk_handshake_nonce=; Path=/; Max-Age=0'];
  for (let count = chance.pick([0, 1, 1, 2]); count > 0; count--) {
    list.push(`${chance.pick(['__session', `__session_${scene.suffix}`, '__sessions', '__session-x'])}=${chance.pick([anyToken(scene, SOUND_ODD), anyToken(scene, SOUND_ODD), sessionToken(), '', `"${sessionToken()}"`])}${chance.pick(['; Path=/', ';Path=/', '', '; HttpOnly'])}`);
  }
  if (chance.once(0.1)) list.push(chance.pick(['', '__session', 'a=b; Domain=app.test', '=x', '__sessionx=1=2']));
  const nonce = chance.once(0.5);
  const name = nonce ? '__clerk_handshake_nonce' : '__clerk_handshake';
  const fault = chance.pick([{}, {}, {}, { key: 'foreign' }, { header: { cat: 'cl_B7d4PD222AAA' } }, { header: { kid: 'key_9' } }, { header: { alg: 'none' } }, { header: { typ: 'x' } }]);
  const value = nonce ? chance.pick([`nonce_${scene.unique}`, `nonce_${scene.unique}`, 'spent']) : chance.pick([handshakeToken(list, fault), handshakeToken(list), handshakeToken(list), handshakeToken(chance.pick([null, 'x', {}])), 'nonsense', sessionToken()]);
  if (nonce) scene.told('handshake', `nonce_${scene.unique}`, { status: 200, body: { directives: list } });
  return chance.once(0.5) ? scene.query(name, value) : scene.cookie(name, value);
}

function satellite(scene) {
  const { chance } = scene;
  scene.option('is_satellite', true).option('sign_in_url', chance.pick(['https://primary.test/sign-in', 'https://primary.test/sign-in', 'http://app.test/sign-in', '/sign-in', undefined]));
  if (chance.once(0.6)) scene.option('domain', 'satellite.test');
  if (chance.once(0.5)) scene.option('satellite_auto_sync', chance.once(0.7));
  if (chance.once(0.2)) scene.option('publishable_key', publishableKey(scene.instance));
}

function organizationPaths(scene) {
  const { chance } = scene;
  const organizationPatterns = chance.pick([['/orgs/:slug', '/orgs/:slug/(.*)'], ['/o/:id'], ['/o/:id/:rest*'], ['/:lang(en|de)/orgs/:slug'], ['/orgs/:slug{-:tail}?'], ['/orgs/([a-z]+)'], undefined, ['/orgs/:name'], ['/ORGS/:slug'], ['/orgs/:slug([a-z]{2,6})'], ['/orgs/:slug?'], ['/orgs/:id+'], [], ['/orgs/:slug((?<!x)[a-z]+)']]);
  const personalAccountPatterns = chance.pick([['/me', '/me/(.*)'], ['/'], undefined, ['/orgs/(.*)'], ['(.*)']]);
  scene.path = chance.pick(['/orgs/acme', '/orgs/other', '/orgs/acme/', '/orgs/acme/settings/x', '/orgs/%61cme', '/Orgs/acme', `/o/${ACME}`, '/o/org_x/a/b', '/en/orgs/acme', '/fr/orgs/acme', '/orgs/acme-x', '/me', '/me/x', '/', '/orgs/']);
  scene.option('organization_sync_options', { organizationPatterns, personalAccountPatterns });
}

/** The spellings of a cookie value: some decode, some do not. */
function written(scene, value) {
  const text = String(value);
  return scene.chance.pick([encodeURIComponent(text), `"${text}"`, ` ${text} `, `${text}%`, `%zz${text}`, text.replaceAll('.', '%2E'), `${text}=`, `\t${text}`]);
}
