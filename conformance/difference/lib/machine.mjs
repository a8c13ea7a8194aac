// Opaque machine tokens, and what the Backend API says of each.
import { ACME, ADA, MACHINE, NOW, idOf } from './tokens.mjs';

export const MACHINE_TYPES = ['api_key', 'm2m_token', 'oauth_token'];
const PREFIX = { api_key: 'ak_', m2m_token: 'mt_', oauth_token: 'oat_' };

/** An opaque token of this type that the Backend API answers like this. */
export function opaque(scene, type, answer) {
  const token = `${PREFIX[type]}${Buffer.from(scene.unique).toString('hex').padStart(32, '0').slice(-32)}`;
  if (answer) scene.told(type, token, answer);
  return token;
}

/** A good answer to a verification, varied where the auth object shows it. */
export function verified(scene, type, members = {}) {
  const { chance } = scene;
  const times = { revoked: false, revocation_reason: null, expired: false, expiration: chance.pick([null, (NOW + 600) * 1000]), created_at: (NOW - 60) * 1000, updated_at: (NOW - 60) * 1000 };
  const scopes = chance.pick([[], ['read'], ['read', 'write:all']]);
  const bodies = {
    api_key: { object: 'api_key', id: 'ak_1', type: 'api_key', name: chance.pick(['deploy', 'für alle']), subject: chance.pick([ADA.user, ACME, MACHINE]), scopes, claims: chance.pick([null, {}, { tier: 'gold', n: [1, null] }]), created_by: null, description: null, last_used_at: null },
    m2m_token: { object: 'machine_to_machine_token', id: 'mt_1', subject: MACHINE, scopes: chance.pick([[], [MACHINE], [MACHINE, idOf('mch_', 'billing')]]), claims: chance.pick([null, {}, { a: 1 }]), last_used_at: null },
    oauth_token: { object: 'clerk_idp_oauth_access_token', id: 'oat_1', client_id: 'client_1', subject: ADA.user, scopes },
  };
  return { status: 200, body: { ...bodies[type], ...times, ...members } };
}

const FAILURES = {
  'secret-key-invalid': [{ status: 401, body: { errors: [{ code: 'clerk_key_invalid', message: 'no' }] } }],
  'token-invalid': [{ status: 404, body: { errors: [{ code: 'token-invalid', message: 'no' }] } }, null],
  'unexpected-error': [{ status: 500, body: { errors: [{ code: 'internal', message: 'no' }] } }, { status: 422, body: {} }, { status: 502, text: 'oops' }, { drop: true }],
};
export const MACHINE_FAILURES = Object.keys(FAILURES);

/** An answer that ends in this reason. */
export function refusal(scene, reason) {
  return scene.chance.pick(FAILURES[reason]);
}
