// Tokens that must not be believed, each made from a good one.
import { generateKeyPair, SignJWT, decodeProtectedHeader, decodeJwt } from 'jose';
import { createHmac } from 'node:crypto';

/** Name and token of every forgery of `token`; `publicKeyPem` is the instance's, which everybody can read. */
export async function forgeriesOf(token, publicKeyPem) {
  const header = decodeProtectedHeader(token);
  const claims = decodeJwt(token);
  const [head, payload, signature] = token.split('.');
  const stranger = await generateKeyPair('RS256');
  const signed = (protectedHeader) => new SignJWT(claims).setProtectedHeader(protectedHeader).sign(stranger.privateKey);
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const later = { ...claims, exp: claims.exp + 3600 };
  const confused = `${encode({ ...header, alg: 'HS256' })}.${payload}`;
  return {
    'claims changed': `${head}.${encode(later)}.${signature}`,
    'another subject': `${head}.${encode({ ...claims, sub: 'user_2abcdefghijklmnopqrstuvwxyz' })}.${signature}`,
    'signature changed': `${head}.${payload}.${flipFirst(signature)}`,
    'signature cut': `${head}.${payload}.${signature.slice(0, -4)}`,
    'signature removed': `${head}.${payload}.`,
    'foreign key, our key id': await signed(header),
    'foreign key, its own key id': await signed({ ...header, kid: 'ins_of_a_stranger' }),
    'alg none': `${encode({ ...header, alg: 'none' })}.${payload}.`,
    'alg none, signature kept': `${encode({ ...header, alg: 'none' })}.${payload}.${signature}`,
    'HMAC with the public key': `${confused}.${hmac(publicKeyPem, confused)}`,
    'not JSON': ['not', 'a', 'token'].map((text) => btoa(text).replace(/=+$/, '')).join('.'),
    'not a token': 'hello',
  };
}

function hmac(key, text) {
  return createHmac('sha256', key).update(text).digest('base64url');
}

function flipFirst(text) {
  return (text[0] === 'A' ? 'B' : 'A') + text.slice(1);
}
