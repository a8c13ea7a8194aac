// What we refuse in a token and the reference does not, told from the token alone.

const LONGEST = 16 * 1024;
const LAST_DATE = 8_640_000_000_000;

/** The name of what is wrong with the form of a token (RFC 7515, RFC 8259), or null. */
export function badForm({ text, parts }) {
  if (parts.length !== 3) return null;
  if (text.length > LONGEST) return 'size';
  if (parts.some((part) => Buffer.from(part, 'base64url').toString('base64url') !== part)) return 'base64';
  const bytes = parts.slice(0, 2).map((part) => Buffer.from(part, 'base64url'));
  if (bytes.some((part) => !Buffer.from(part.toString()).equals(part) || part.toString().startsWith('\ufeff'))) return 'UTF-8';
  const [header, claims] = bytes.map((part) => read(part.toString()));
  if (header.error || claims.error) return null;
  if (header.twice || claims.twice) return 'names twice';
  if (!isObject(header.value) || !isObject(claims.value)) return 'no object';
  if ('crit' in header.value) return 'crit';
  return badTypes(header.value, claims.value) ? 'type' : null;
}

/** Whether an id in a session token is none: ours are a prefix and letters and digits. */
export function badIds({ header, claims }) {
  if (!isObject(claims) || !isSession(header, claims)) return false;
  const organization = claims.v === 2 ? claims.o?.id : claims.org_id;
  const present = claims.v === 2 ? isObject(claims.o) : organization !== undefined;
  return !isId(claims.sub, 'user_') || !isId(claims.sid, 'sess_') || (present && !isId(organization, 'org_'));
}

/** Whether a time is one that JavaScript cannot write as a date, and so does not check. */
export function beyondDates(claims) {
  return isObject(claims) && ['exp', 'nbf', 'iat'].some((name) => Math.abs(claims[name]) > LAST_DATE);
}

/** Whether one of these is why we would refuse the token. */
export function isRefusedByUsAlone(token) {
  return Boolean(badForm(token)) || beyondDates(token.claims) || badIds(token);
}

/** Members that are there and are not what they have to be. */
function badTypes(header, claims) {
  const text = (value) => value === undefined || typeof value === 'string';
  const texts = [header.kid, header.cat, header.typ, claims.fea, claims.pla];
  const organization = claims.v === 2 && claims.o ? claims.o : {};
  if (!isObject(organization)) return true;
  return ![...texts, organization.slg, organization.rol, organization.per, organization.fpm, claims.org_role, claims.org_slug].every(text) || !isList(claims.org_permissions) || !(text(claims.aud) || isList(claims.aud));
}

/** Neither a handshake nor a token of a program. */
function isSession(header, claims) {
  return !('handshake' in claims) && !header?.typ?.includes?.('at+jwt') && !(claims.sid === undefined && String(claims.sub).startsWith('mch_'));
}

function isList(value) {
  return value === undefined || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
}

function isId(value, prefix) {
  return typeof value === 'string' && value.startsWith(prefix) && /^[0-9A-Za-z]+$/.test(value.slice(prefix.length));
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `{ value, twice }` of a JSON text; `twice` if an object in it has a name twice. */
function read(text) {
  try {
    return { value: JSON.parse(text), twice: hasTwice(text) };
  } catch {
    return { error: true };
  }
}

/** A small reader of valid JSON that only looks at names. */
function hasTwice(text) {
  const open = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token.endsWith(':')) {
      const name = JSON.parse(token.slice(0, -1).trim());
      if (open.at(-1).has(name)) return true;
      open.at(-1).add(name);
    }
  }
  return false;
}

