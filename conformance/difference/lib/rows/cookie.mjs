// The cookie flow: rows 1 to 13 and 15 to 17 of the decision table (§4.3), and the loop guard (§4.6).
import { ACME, ADA, CATEGORY, GRACE, NOW, OTHER_ORGANIZATION, machineToken, oauthToken, organizationClaims, sessionToken } from '../tokens.mjs';
import { ABSENT, LONG_AGO, THROWN, anyKeySource, bearer, browser, carry, handOver, handshakeOr, knownBrowser, signedIn, signedOut, spice } from './ingredients.mjs';
import { anyCell, cookieOnly, only } from './rules.mjs';

const inDevelopment = only({ carrier: 'cookie', instance: 'development' });
const inProduction = only({ carrier: 'cookie', instance: 'production' });

const OLD_BROWSER = () => sessionToken({ person: GRACE });

/** Cookies as a handshake sets them, the last of them with the token. */
function directives(scene, token) {
  const list = [`__client_uat=${LONG_AGO}; Path=/; SameSite=Lax`, `__session=${token}; Path=/; SameSite=Lax; Max-Age=31536000`];
  if (scene.chance.once(0.7)) list.push(`__client_uat_${scene.suffix}=${LONG_AGO}; Path=/`, `__session_${scene.suffix}=${token}; Path=/`);
  if (scene.chance.once(0.3)) list.unshift(`__refresh_${scene.suffix}=r; Path=/; HttpOnly`, '__session=early; Path=/');
  if (scene.instance === 'production') list.push('__clerk_handshake_nonce=; Path=/; Max-Age=0');
  return list;
}

function satellite(scene) {
  scene.option('is_satellite', true).option('sign_in_url', 'https://primary.test/sign-in?x=y');
  if (scene.chance.once(0.5)) scene.option('domain', 'satellite.test').option('proxy_url', undefined);
  else scene.option('proxy_url', scene.chance.pick(['https://satellite.test/__clerk', '/__clerk']));
  return scene;
}

/** Why a satellite has to ask: it syncs by itself and knows nobody, or it is told to. */
function needsSyncing(scene) {
  satellite(scene);
  if (scene.chance.once(0.5)) scene.option('satellite_auto_sync', true);
  else {
    scene.query('__clerk_synced', 'false');
    if (scene.chance.once(0.5)) browser(scene, sessionToken());
  }
  return scene;
}

export const COOKIE_ROWS = [
  {
    row: '4.3 #1', title: 'a handshake brings a session', forbids: cookieOnly,
    build(scene) {
      if (scene.chance.once(0.4)) browser(scene, OLD_BROWSER());
      handOver(anyKeySource(spice(scene)), directives(scene, sessionToken()), { header: { cat: scene.chance.pick([undefined, CATEGORY.session, CATEGORY.ignored]) } });
      return { ...signedIn(), location: scene.instance === 'development', cookies: true };
    },
  },
  {
    row: '4.3 #1 signed out', title: 'a handshake brings no session', forbids: cookieOnly,
    build(scene) {
      if (scene.chance.once(0.5)) browser(scene, OLD_BROWSER());
      spice(scene);
      const kind = scene.chance.below(3);
      if (kind === 0) scene.cookie('__clerk_handshake_nonce', 'spent');
      if (kind === 1) handOver(scene, ['__client_uat=0; Path=/', '__session=; Path=/; Max-Age=0']);
      if (kind === 2) handOver(scene, ['__client_uat=0; Path=/', `__session=${sessionToken()}; Path=/`, `__session_${scene.suffix}=; Path=/; Max-Age=0`]);
      return { ...signedOut('session-token-missing'), location: scene.instance === 'development' };
    },
  },
  {
    row: '4.3 #1 skew', title: 'in development the clock may be a day off', forbids: inDevelopment,
    build(scene) {
      const late = { age: 100 };
      const early = { claims: { nbf: NOW + 600, iat: NOW + 600, exp: NOW + 660 } };
      const future = { claims: { iat: NOW + 3000 } };
      const token = sessionToken(scene.chance.pick([late, early, future, { age: 86_000 }]));
      handOver(anyKeySource(spice(scene)), directives(scene, token));
      return { ...signedIn(), location: true };
    },
  },
  {
    row: '4.3 #1 thrown', title: 'in development a bad handshake token is told to the developer', forbids: inDevelopment,
    build(scene, { index }) {
      browser(scene, OLD_BROWSER());
      const faults = [{ key: 'foreign' }, { header: { cat: CATEGORY.template } }, { header: { typ: 'at+jwt' } }, { header: { alg: 'HS256' } }];
      const fault = faults[index % 5];
      if (fault) handOver(anyKeySource(spice(scene)), directives(scene, sessionToken()), { by: 'token', ...fault });
      else spice(scene).query('__clerk_handshake', 'nonsense');
      return THROWN;
    },
  },
  {
    row: '4.3 #1 fails', title: 'a handshake that fails leaves the old cookies in charge', forbids: cookieOnly,
    build(scene, { index }) {
      spice(scene).headers.referer = undefined;
      browser(scene, OLD_BROWSER());
      const badToken = scene.instance === 'production' && index % 2 === 0;
      if (badToken) handOver(scene, directives(scene, sessionToken()), scene.chance.pick([{ by: 'token', key: 'foreign' }, { by: 'token', header: { cat: CATEGORY.machine } }]));
      else handOver(scene, directives(scene, scene.chance.pick([sessionToken({ key: 'foreign' }), sessionToken({ age: 200_000 }), 'nonsense', sessionToken({ claims: { sub: undefined } })])));
      return { ...signedIn(GRACE), location: false, cookies: false };
    },
  },
  {
    row: '4.3 #2', title: 'a satellite that does not sync by itself knows nobody', forbids: only({ carrier: 'cookie', destination: 'document' }),
    build(scene) {
      satellite(knownBrowser(spice(scene)));
      if (scene.chance.once(0.3)) scene.query('__clerk_synced', '');
      if (scene.chance.once(0.3)) scene.option('satellite_auto_sync', false);
      return signedOut('session-token-and-uat-missing');
    },
  },
  {
    row: '4.3 #3', title: 'a production satellite needs syncing', forbids: only({ carrier: 'cookie', destination: 'document', instance: 'production' }),
    build: (scene) => handshakeOr(needsSyncing(spice(scene)), 'satellite-needs-syncing'),
  },
  {
    row: '4.3 #4', title: 'a development satellite asks the primary', forbids: only({ carrier: 'cookie', destination: 'document', instance: 'development' }),
    build(scene) {
      needsSyncing(spice(scene));
      return { ...handshakeOr(scene, 'satellite-needs-syncing'), location: 'https://primary.test/sign-in?x=y&__clerk_redirect_url=' };
    },
  },
  {
    row: '4.3 #5', title: 'the development primary answers a satellite', forbids: inDevelopment,
    build(scene) {
      const known = scene.chance.once(0.6);
      if (known) browser(scene, scene.chance.pick([undefined, sessionToken()]));
      spice(scene).query('__clerk_redirect_url', scene.chance.pick(['https://satellite.test/', 'http://satellite.test:3001/a?__clerk_synced=false&b=c%20d', 'https://satellite.test/x?__clerk_db_jwt=old#part']));
      return handshakeOr(scene, 'primary-responds-to-syncing');
    },
  },
  {
    row: '4.3 #6', title: 'the dev browser comes in the query', forbids: inDevelopment,
    build(scene) {
      if (scene.chance.once(0.7)) browser(scene, sessionToken());
      spice(scene).query('__clerk_db_jwt', scene.chance.pick(['dvb_2', 'dvb_2', '']));
      if (scene.chance.once(0.2)) scene.query('__dev_session', 'x');
      return handshakeOr(scene, 'dev-browser-sync');
    },
  },
  {
    row: '4.3 #7', title: 'no dev browser', forbids: inDevelopment,
    build(scene) {
      const token = scene.chance.pick([undefined, sessionToken()]);
      browser(spice(scene), token, { uat: scene.chance.pick([ABSENT, LONG_AGO, 0]), devBrowser: false });
      return handshakeOr(scene, 'dev-browser-missing');
    },
  },
  {
    row: '4.3 #8', title: 'neither client nor session', forbids: cookieOnly,
    build(scene) {
      browser(spice(scene), undefined, { uat: scene.chance.pick([ABSENT, 0, 'x', '']), form: scene.chance.pick(['plain', 'both']) });
      return signedOut('session-token-and-uat-missing');
    },
  },
  {
    row: '4.3 #9', title: 'a session without a client', forbids: cookieOnly,
    build(scene) {
      browser(spice(scene), sessionToken(), { uat: scene.chance.pick([ABSENT, 0, 'x']), form: scene.chance.pick(['plain', 'both']) });
      return handshakeOr(scene, 'session-token-but-no-client-uat');
    },
  },
  {
    row: '4.3 #10', title: 'a client without a session', forbids: cookieOnly,
    build(scene) {
      browser(spice(scene), scene.chance.pick([undefined, '']), { uat: scene.chance.pick([LONG_AGO, 1, '12abc', '-5']) });
      return handshakeOr(scene, 'client-uat-but-no-session-token');
    },
  },
  {
    row: '4.3 #11', title: 'a session token that is none', forbids: anyCell,
    build(scene, cell) {
      const token = scene.chance.pick(['nonsense', 'a.b', 'a.b.c.d', '@.@.@', 'bm90.anNvbg.eA', '..', `${sessionToken()}.x`]);
      carry(spice(scene), cell, token);
      // A header token is judged by its key first only when it can be decoded: the reason is the same.
      return signedOut('token-invalid');
    },
  },
  {
    row: '4.3 #12', title: 'a token of another kind in place of a session token', forbids: anyCell,
    build(scene, cell) {
      const kinds = [machineToken, oauthToken, () => sessionToken({ header: { cat: CATEGORY.template } }), () => sessionToken({ header: { cat: CATEGORY.machine } }), () => sessionToken({ header: { cat: 'cl_unknown' } })];
      carry(spice(scene), cell, kinds[cell.index % kinds.length]());
      return signedOut('token-type-mismatch');
    },
  },
  {
    row: '4.3 #13', title: 'the client changed after the token was minted', forbids: cookieOnly,
    build(scene) {
      const token = scene.chance.pick([sessionToken(), sessionToken({ age: 100 }), sessionToken({ key: 'foreign' })]);
      browser(spice(scene), token, { uat: scene.chance.pick([NOW - 9, NOW, NOW + 50]) });
      return handshakeOr(scene, 'session-token-iat-before-client-uat');
    },
  },
  {
    row: '4.3 #15', title: 'a page opened from elsewhere', forbids: only({ carrier: 'cookie', destination: 'document' }),
    build(scene) {
      browser(anyKeySource(spice(scene)), sessionToken());
      scene.header('referer', scene.chance.pick(['https://search.test/', 'http://app.test.elsewhere.test/x', 'https://sub.app.test/', 'https://x.clerk.accounts.dev/']));
      return { ...handshakeOr(scene, 'primary-domain-cross-origin-sync') };
    },
  },
  {
    row: '4.3 #16', title: 'the path names another organization', forbids: cookieOnly,
    build(scene) {
      spice(scene);
      const [path, patterns] = scene.chance.pick([
        ['/orgs/other/page', { organizationPatterns: ['/orgs/:slug', '/orgs/:slug/(.*)'] }],
        [`/o/${OTHER_ORGANIZATION}`, { organizationPatterns: ['/o/:id'], personalAccountPatterns: ['/o/(.*)'] }],
        ['/me', { organizationPatterns: ['/orgs/:slug'], personalAccountPatterns: ['/me', '/me/(.*)'] }],
      ]);
      scene.path = path;
      scene.option('organization_sync_options', patterns);
      browser(anyKeySource(scene), sessionToken({ claims: organizationClaims() }));
      return scene.eligible ? { status: 'handshake', reason: 'active-organization-mismatch' } : { ...signedIn(), organization: ACME };
    },
  },
  {
    row: '4.3 #16 given up', title: 'the organization was asked for three times', forbids: cookieOnly,
    build(scene) {
      spice(scene).path = '/orgs/other';
      scene.option('organization_sync_options', { organizationPatterns: ['/orgs/:slug'] });
      browser(scene, sessionToken({ claims: organizationClaims() })).cookie('__clerk_redirect_count', scene.chance.pick(['3', '4', '9']));
      return { ...signedIn(), organization: ACME };
    },
  },
  {
    row: '4.3 #17', title: 'signed in', forbids: anyCell,
    build(scene, cell) {
      const token = scene.chance.pick([sessionToken(), sessionToken({ claims: organizationClaims() }), sessionToken({ header: { cat: CATEGORY.session } }), sessionToken({ header: { typ: undefined, cat: CATEGORY.ignored } }), sessionToken({ age: 64 }), sessionToken({ age: -5 })]);
      carry(anyKeySource(spice(scene)), cell, token);
      const known = [`https://clerk.frontdesk.test/x`, 'https://accounts.frontdesk.test/', 'nonsense'];
      if (scene.chance.once(0.3) && !scene.options.proxy_url) scene.header('referer', scene.chance.pick(known));
      return signedIn();
    },
  },
  {
    row: '4.3 #17 pending', title: 'signed in, with something left to do', forbids: anyCell,
    build(scene, cell) {
      carry(anyKeySource(spice(scene)), cell, sessionToken({ claims: organizationClaims({}, { sts: 'pending' }) }));
      return { status: 'signed-in', reason: null, user: null };
    },
  },
  {
    row: '4.6 loop', title: 'after three handshakes there is no fourth', forbids: anyCell,
    build(scene, cell) {
      spice(scene).cookie('__clerk_redirect_count', scene.chance.pick(['3', '3', '%33', '3.0']));
      if (cell.carrier === 'cookie') browser(scene, undefined);
      else bearer(scene, sessionToken({ age: 100 }));
      return { status: 'signed-out', reason: cell.carrier === 'cookie' ? 'client-uat-but-no-session-token' : /^session-token-expired-refresh-non-eligible-/ };
    },
  },
  {
    row: '4.6 counting', title: 'handshakes are counted', forbids: anyCell,
    build(scene, cell) {
      spice(scene).cookie('__clerk_redirect_count', scene.chance.pick(['1', '2', '4', 'x', '', '0']));
      if (cell.carrier === 'cookie') browser(scene, undefined);
      else bearer(scene, sessionToken({ age: 100 }));
      return { ...handshakeOr(scene, cell.carrier === 'cookie' ? 'client-uat-but-no-session-token' : /^session-token-expired-refresh-non-eligible-/) };
    },
  },
];
