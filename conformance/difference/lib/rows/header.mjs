// Which kinds of token a request may carry (§4.2), and machine tokens (§3.8).
import { MACHINE_FAILURES, MACHINE_TYPES, opaque, refusal, verified } from '../machine.mjs';
import { ADA, CATEGORY, GRACE, machineToken, oauthToken, sessionToken } from '../tokens.mjs';
import { anyKeySource, bearer, browser, carry, signedIn, signedOut, spice } from './ingredients.mjs';
import { anyCell, cookieOnly, headerOnly } from './rules.mjs';

const JWT_FORMS = { m2m_token: machineToken, oauth_token: oauthToken };
const TYPES_OF_JWT = Object.keys(JWT_FORMS);

/** A machine token and what it is accepted as: by its name, among others, or among all. */
function accepted(scene, type) {
  const others = MACHINE_TYPES.filter((other) => other !== type);
  return scene.option('accepts_token', scene.chance.pick([type, 'any', [type], [others[0], type], ['session_token', type]]));
}

function machine(scene, type, token) {
  if (scene.chance.once(0.4)) browser(scene, sessionToken({ person: GRACE }));
  return bearer(anyKeySource(spice(scene)), token);
}

export const HEADER_ROWS = [
  {
    row: '4.2 not in the list', title: 'a list without the type of the token', forbids: anyCell,
    build(scene, { carrier, index }) {
      spice(scene);
      if (carrier === 'cookie') {
        browser(scene, sessionToken());
        scene.option('accepts_token', scene.chance.pick([['api_key'], ['m2m_token', 'oauth_token'], []]));
      } else {
        const [token, list] = [
          [sessionToken(), ['api_key', 'm2m_token']],
          [opaque(scene, 'api_key', verified(scene, 'api_key')), ['session_token', 'oauth_token']],
          [machineToken(), ['oauth_token']],
          [oauthToken(), ['session_token', 'm2m_token']],
          [opaque(scene, 'm2m_token'), ['api_key']],
        ][index % 5];
        bearer(scene, token).option('accepts_token', list);
      }
      return { ...signedOut('token-type-mismatch'), tokenType: null };
    },
  },
  ...MACHINE_TYPES.map((type) => ({
    row: `4.2 ${type} opaque`, title: 'an opaque machine token', forbids: headerOnly,
    build(scene) {
      machine(accepted(scene, type), type, opaque(scene, type, verified(scene, type)));
      return { status: 'signed-in', reason: null, tokenType: type };
    },
  })),
  ...TYPES_OF_JWT.map((type) => ({
    row: `4.2 ${type} signed`, title: 'a machine token that is a JWT', forbids: headerOnly,
    build(scene) {
      const variants = {
        m2m_token: [{}, { header: { cat: undefined } }, { claims: { scopes: undefined } }, { claims: { scopes: undefined, aud: undefined } }, { claims: { custom: { a: [1] } } }, { claims: { jti: undefined } }],
        oauth_token: [{}, { header: { typ: 'application/at+jwt' } }, { claims: { scope: undefined, scp: ['a', 'b'] } }, { claims: { scope: undefined } }, { claims: { client_id: undefined, jti: undefined } }, { claims: { aud: 'https://api.test', act: { sub: 'user_x' } } }],
      };
      machine(accepted(scene, type), type, JWT_FORMS[type](scene.chance.pick(variants[type])));
      return { status: 'signed-in', reason: null, tokenType: type };
    },
  })),
  ...MACHINE_TYPES.flatMap((type) => MACHINE_FAILURES.map((reason) => ({
    row: `4.2 ${type} ${reason}`, title: 'the Backend API refuses the machine token', forbids: headerOnly,
    build(scene) {
      machine(accepted(scene, type), type, opaque(scene, type, refusal(scene, reason)));
      return { ...signedOut(reason), tokenType: type };
    },
  }))),
  ...TYPES_OF_JWT.map((type) => ({
    row: `4.2 ${type} token-verification-failed`, title: 'a signed machine token that does not verify', forbids: headerOnly,
    build(scene, { index }) {
      const faults = [{ key: 'foreign' }, { age: 100 }, { header: { alg: 'HS256' } }, { claims: { exp: 'x' } }, { claims: { nbf: 2e9 } }, { header: { kid: 'key_2' } }];
      const fault = faults[index % faults.length];
      machine(accepted(scene, type), type, JWT_FORMS[type](fault));
      if (fault.header?.kid) scene.option('jwt_key', undefined);
      return { ...signedOut('token-verification-failed'), tokenType: type };
    },
  })),
  {
    row: '4.2 m2m_token category', title: 'a machine subject in a token of another category', forbids: headerOnly,
    build(scene) {
      machine(accepted(scene, 'm2m_token'), 'm2m_token', machineToken({ header: { cat: scene.chance.pick([CATEGORY.session, CATEGORY.template, CATEGORY.ignored]) } }));
      return { ...signedOut('token-invalid'), tokenType: 'm2m_token' };
    },
  },
  {
    row: '4.2 oauth_token audience', title: 'an OAuth token for another audience', forbids: headerOnly,
    build(scene) {
      scene.option('audience', ['desk']);
      machine(accepted(scene, 'oauth_token'), 'oauth_token', oauthToken({ claims: { aud: scene.chance.pick([undefined, 'shop', ['shop'], '', ['desk', ''], [7]]) } }));
      return { ...signedOut('token-verification-failed'), tokenType: 'oauth_token' };
    },
  },
  {
    row: '4.2 any', title: 'a session token among others', forbids: anyCell,
    build(scene, cell) {
      carry(anyKeySource(spice(scene)), cell, sessionToken());
      scene.option('accepts_token', scene.chance.pick(['any', ['session_token'], ['api_key', 'session_token']]));
      return { ...signedIn(), tokenType: 'session_token' };
    },
  },
  {
    row: '4.2 any category', title: 'a template token among others', forbids: headerOnly,
    build(scene) {
      bearer(spice(scene), sessionToken({ header: { cat: CATEGORY.template } }));
      scene.option('accepts_token', scene.chance.pick(['any', ['session_token', 'api_key']]));
      return signedOut('token-type-mismatch');
    },
  },
  {
    row: '4.2 session_token opaque', title: 'an opaque machine token where a session token is wanted', forbids: anyCell,
    build(scene, cell) {
      const type = scene.chance.pick(MACHINE_TYPES);
      carry(anyKeySource(spice(scene)), cell, opaque(scene, type, verified(scene, type)));
      return signedOut('token-invalid');
    },
  },
  ...MACHINE_TYPES.map((type) => ({
    row: `4.2 ${type} mismatch`, title: 'another kind of token than the machine token that is wanted', forbids: headerOnly,
    build(scene) {
      const others = { api_key: [machineToken(), opaque(scene, 'oauth_token')], m2m_token: [oauthToken(), opaque(scene, 'api_key')], oauth_token: [machineToken(), opaque(scene, 'm2m_token')] };
      bearer(anyKeySource(spice(scene)), scene.chance.pick([sessionToken(), 'nonsense', ...others[type]]));
      scene.option('accepts_token', type);
      return { ...signedOut('token-type-mismatch'), tokenType: type };
    },
  })),
  ...MACHINE_TYPES.map((type) => ({
    row: `4.2 ${type} missing`, title: 'no token in the header', forbids: anyCell,
    build(scene, { carrier }) {
      spice(scene).option('accepts_token', type);
      if (carrier === 'cookie') browser(scene, sessionToken());
      else scene.header('authorization', scene.chance.pick(['Basic YTpi', 'bearer x', 'Bearer', `Token ${sessionToken()}`]));
      return { ...signedOut(/^(No token in header|token-type-mismatch)$/), tokenType: type };
    },
  })),
  {
    row: '4.2 cookie flow', title: 'without a token in the header the cookies count', forbids: cookieOnly,
    build(scene) {
      browser(anyKeySource(spice(scene)), sessionToken());
      scene.header('authorization', scene.chance.pick([undefined, 'Basic YTpi', `bearer ${sessionToken({ person: GRACE })}`, 'Token x y']));
      scene.option('accepts_token', scene.chance.pick([undefined, 'session_token', 'any']));
      return signedIn(ADA);
    },
  },
];
