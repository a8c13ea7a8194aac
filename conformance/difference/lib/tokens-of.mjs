// Every token that has a part in a case: in the header, in cookies, in a handshake, in what the Backend API answers.
/** `[{ text, header, claims, parts }]`; header and claims are undefined where they are no JSON. */
export function tokensOf(one, table) {
  const texts = new Set(textsOf(one, table));
  for (const text of [...texts]) {
    const handshake = parsed(text).claims?.handshake;
    if (Array.isArray(handshake)) handshake.forEach((directive) => texts.add(valueOf(String(directive))));
  }
  return [...texts].map(parsed);
}

function* textsOf(one, table) {
  const { authorization, cookie } = one.headers;
  if (authorization) yield authorization.split(' ').find((word) => word.includes('.')) ?? authorization;
  const values = (cookie ?? '').split(';').map((pair) => decoded(pair.slice(pair.indexOf('=') + 1).trim()));
  const asked = URL.canParse(one.url) ? [...new URL(one.url).searchParams.values()] : [];
  for (const value of [...values, ...asked]) {
    yield value;
    for (const kind of ['handshake', 'refresh']) {
      const body = table[`${kind} ${value}`]?.body;
      for (const directive of body?.directives ?? body?.cookies ?? []) yield valueOf(directive);
    }
  }
}

function valueOf(directive) {
  return directive.split(';')[0].split('=')[1] ?? '';
}

function decoded(value) {
  try {
    return decodeURIComponent(value.replace(/^"(.*)"$/, '$1'));
  } catch {
    return value;
  }
}

/** A text as a token: header and claims are undefined where they are no JSON. */
export function parsed(text) {
  const parts = text.split('.');
  return { text, parts, header: json(parts[0]), claims: json(parts[1]) };
}

function json(part = '') {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
