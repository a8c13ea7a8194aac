// The differences that are meant. Each is stricter than the reference, and each has a reason.
//
// `allows` sees the case, both answers and the names of what differs. A rule that allows nothing in a whole run is an
// error: the list is to stay as short as it can.
import { tokensOf } from './tokens-of.mjs';

const refusedWith = (reason) => ({ seen }) => seen.status === 'signed-out' && seen.reason === reason;

export const PERMITTED = [
  {
    id: 'critical-extension',
    because: 'A token with `crit` asks for rules we do not know (RFC 7515 §4.1.11).',
    allows: (difference) => refusedWith('token-invalid')(difference) && anyToken(difference, (token) => token.header?.crit !== undefined),
  },
];

function anyToken({ case: one, table }, matches) {
  return tokensOf(one, table).some(matches);
}
