// What getAuth answers, field by field, computed from the token alone.
import { decodeJwt } from 'jose';

const FIELDS = [
  'sessionClaims', 'sessionId', 'userId', 'actor',
  'orgId', 'orgRole', 'orgSlug', 'orgPermissions',
];
/** Fields that only the current line (and the Rust SDK) has. */
const CURRENT_FIELDS = ['tokenType', 'isAuthenticated', 'sessionStatus', 'factorVerificationAge'];
/** Fields that only the 4.x line has: resources that it loads on request, never here. */
const LEGACY_FIELDS = ['session', 'user', 'organization'];

/** The whole auth object of a signed-in caller. Absent and null are the same here: JSON has no `undefined`. */
export function signedIn(kind, token) {
  const claims = decodeJwt(token);
  const organization = claims.v === 2 ? fromVersion2(claims) : fromVersion1(claims);
  return complete(kind, {
    tokenType: 'session_token',
    isAuthenticated: true,
    sessionClaims: claims,
    sessionId: claims.sid,
    sessionStatus: claims.sts,
    userId: claims.sub,
    actor: claims.act,
    factorVerificationAge: claims.fva,
    ...organization,
  });
}

/** The whole auth object of a caller who is nobody. */
export function signedOut(kind) {
  return complete(kind, { tokenType: 'session_token', isAuthenticated: false });
}

/** The answer of an app in the form of the two above; a field that nobody knows is an error. */
export function normalise(kind, answer) {
  const unknown = Object.keys(answer).filter((name) => !fieldsOf(kind).includes(name));
  if (unknown.length > 0) throw new Error(`unknown fields in the auth object: ${unknown.join(', ')}`);
  return complete(kind, answer);
}

function complete(kind, given) {
  return Object.fromEntries(fieldsOf(kind).map((name) => [name, given[name] ?? null]));
}

function fieldsOf(kind) {
  return [...FIELDS, ...(kind === 'legacy' ? LEGACY_FIELDS : CURRENT_FIELDS)];
}

function fromVersion1(claims) {
  return {
    orgId: claims.org_id,
    orgRole: claims.org_role,
    orgSlug: claims.org_slug,
    orgPermissions: claims.org_permissions,
  };
}

// Sessions of this proof have no active organization yet: the claim `o` is then absent, and so are the fields.
function fromVersion2(claims) {
  if (claims.o) throw new Error('organizations are not part of this proof yet');
  return {};
}
