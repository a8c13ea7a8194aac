// `has`: claims of every kind, each asked a handful of questions. The claims come as a bearer token of a signed-in
// request; the case carries the questions as `has`, the answer one result for each.
import { Chance } from './chance.mjs';
import { ANY_ODD } from './odd-tokens.mjs';
import { INSTANCES, Scene } from './scene.mjs';
import { ACME, PUBLIC_PEM, organizationClaims, sessionToken } from './tokens.mjs';

const ROLES = ['admin', 'org:admin', 'org:org:admin', 'member', 'org:member', '', 'org:', 'Admin', 'dashboard'];
const PERMISSIONS = ['org:dashboard:read', 'dashboard:read', 'org:dashboard:manage', 'org:teams:manage', 'org:teams:read', 'org:org:teams:manage', 'org:me:read', 'read', '', 'org:a:b', 'a:b', 'org:sys_memberships:manage'];
const FEATURES = ['dashboard', 'o:dashboard', 'org:dashboard', 'organization:dashboard', 'u:dashboard', 'me', 'u:me', 'user:me', 'o:me', 'teams', 'u:teams', 'o:teams', 'x:teams', '', ':', 'o:', ':teams', 'o:teams:x', 'ou:teams', 'Dashboard', ' dashboard'];
const PLANS = ['gold', 'o:gold', 'org:gold', 'u:gold', 'free', 'u:free', 'user:free', 'o:free', 'free_user', 'x:gold', '', 'organization:gold'];
const PRESETS = ['strict_mfa', 'strict', 'moderate', 'lax', 'Strict', '', 'first_factor'];
const LEVELS = ['first_factor', 'second_factor', 'multi_factor', 'third_factor', undefined];
const MINUTES = [1, 5, 10, 11, 60, 1440, 0, -1, 0.5, '10', null, undefined, 1e9];
const GARBAGE = [7, true, false, null, [], ['admin'], {}, { level: 'strict' }];
const AGES = [[0, 0], [1, -1], [0, 5], [9, 9], [10, 10], [11, 3], [3, 11], [59, 60], [60, 59], [1439, 1440], [-1, -1], [-1, 3], [-1, 300], [5, 100], [100, 5], null, undefined, [], [1], [1, 2, 3], ['1', '2'], [-2, 0], [0.5, 0.5], 'x', {}, [null, null], [1e9, 1e9]];

/** `count` cases: `{ case }`. */
export function* questions(seed, count, table) {
  for (let number = 0; number < count; number++) {
    const id = `has | ${number}`;
    const chance = new Chance(seed, id);
    const scene = new Scene(chance, chance.pick(INSTANCES), `h${number}`, table);
    const token = chance.once(0.25) ? chance.pick(ANY_ODD) : sessionToken({ claims: claims(chance) });
    scene.header('authorization', `Bearer ${token}`).option('jwt_key', PUBLIC_PEM);
    scene.has = Array.from({ length: 6 }, () => question(chance));
    yield { case: scene.toCase(id) };
  }
}

function claims(chance) {
  const fva = chance.once(0.5) ? chance.pick(AGES.slice(0, 10)) : chance.pick(AGES);
  if (chance.once(0.2)) {
    const organization = chance.once(0.8) ? { org_id: ACME, org_role: chance.pick(['org:admin', 'admin', 'basic_member', '', undefined, 7]), org_slug: 'acme', org_permissions: chance.pick([['org:a:b', 'org:dashboard:read'], ['a:b'], [], undefined, 'org:a:b']) } : {};
    return { fva, ...organization, fea: chance.pick([undefined, 'o:dashboard,u:me']), pla: chance.pick([undefined, 'u:free']) };
  }
  const changes = chance.pick([{}, {}, {}, { rol: 'member' }, { rol: undefined }, { per: undefined }, { fpm: '0,0' }, { fpm: '1,3' }, { per: 'manage', fpm: '1,1' }, { id: '' }]);
  const without = chance.once(0.15) ? { o: undefined } : {};
  return organizationClaims(changes, { fva, fea: chance.pick(['o:dashboard,u:me,ou:teams', 'o:dashboard,u:me,ou:teams', 'u:me', 'uo:teams,o:dashboard', undefined, '']), pla: chance.pick(['o:gold,u:free', 'u:free', 'ou:gold', undefined, '', 'gold']), sts: chance.once(0.05) ? 'pending' : 'active', ...without });
}

const LIKELY = [
  { role: 'admin' },
  { role: 'org:admin', permission: 'org:dashboard:read' },
  { permission: 'org:teams:manage' },
  { permission: 'dashboard:manage', feature: 'dashboard' },
  { feature: 'o:dashboard' },
  { feature: 'u:me', plan: 'free' },
  { plan: 'o:gold' },
  { reverification: 'lax' },
  { reverification: 'moderate', role: 'admin' },
  { reverification: { level: 'first_factor', afterMinutes: 60 } },
  { reverification: { level: 'multi_factor', afterMinutes: 1440 }, plan: 'u:free' },
  { reverification: { level: 'second_factor', afterMinutes: 10 } },
];

/** One to three wishes at once, most of them sound. */
function question(chance) {
  if (chance.once(0.35)) return chance.pick(LIKELY);
  const params = {};
  const wishes = chance.pick([1, 1, 1, 2, 2, 3, 0]);
  for (let wish = 0; wish < wishes; wish++) {
    const [name, value] = chance.pick([
      () => ['role', chance.pick(ROLES)],
      () => ['permission', chance.pick(PERMISSIONS)],
      () => ['permission', chance.pick(PERMISSIONS)],
      () => ['feature', chance.pick(FEATURES)],
      () => ['plan', chance.pick(PLANS)],
      () => ['reverification', chance.pick(PRESETS)],
      () => ['reverification', { level: chance.pick(LEVELS), afterMinutes: chance.pick(MINUTES) }],
      () => [chance.pick(['role', 'permission', 'feature', 'plan', 'reverification']), chance.pick(GARBAGE)],
      () => [chance.pick(['roles', 'Role', 'x']), 'admin'],
    ])();
    params[name] = value;
  }
  return params;
}
