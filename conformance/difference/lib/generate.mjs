// All cases of a run: cells, odd tokens, questions and mixtures, with what the fake Backend API has to know of them.
import { emptyTable } from './backend.mjs';
import { cellCases } from './cells.mjs';
import { Chance } from './chance.mjs';
import { mixtures } from './mixtures.mjs';
import { ODD_TOKENS } from './odd-tokens.mjs';
import { programCases } from './programs.mjs';
import { questions } from './questions.mjs';
import { browser, carry, handOver } from './rows/ingredients.mjs';
import { CARRIERS, INSTANCES, Scene, secretKey } from './scene.mjs';
import { PUBLIC_PEM } from './tokens.mjs';

const EACH_CELL = 10;
const ODD_WAYS = INSTANCES.flatMap((instance) => [...CARRIERS, 'handshake'].flatMap((carrier) => [false, true].map((pem) => ({ instance, carrier, pem }))));

/** `{ made: [{ case, cell?, expected? }], table }`: `count` cases in all; the same for the same seed. */
export function generate({ seed, count, each = EACH_CELL }) {
  const table = emptyTable();
  const made = [...cellCases(seed, each, table), ...oddCases(seed, table), ...urlCases(seed, table), ...programCases(table)];
  const rest = Math.max(0, count - made.length);
  const asked = Math.floor(rest / 6);
  made.push(...questions(seed, asked, table), ...mixtures(seed, rest - asked, table));
  const ids = new Set(made.map((one) => one.case.id));
  if (ids.size !== made.length) throw new Error('two cases have one name');
  return { made, table };
}

/** Every odd token, by itself, wherever a token can stand. */
function* oddCases(seed, table) {
  let number = 0;
  for (const [name, token] of Object.entries(ODD_TOKENS)) {
    for (const { instance, carrier, pem } of ODD_WAYS) {
      const id = `token | ${name} | ${instance} | ${carrier} | ${pem ? 'PEM' : 'JWKS'}`;
      const scene = new Scene(new Chance(seed, id), instance, `o${number++}`, table).goTo('document');
      if (carrier === 'handshake') handOver(scene, [`__session=${token()}; Path=/`]);
      else carry(scene, { carrier }, token(), { form: 'both' });
      if (pem) scene.option('jwt_key', PUBLIC_PEM);
      else scene.option('secret_key', secretKey(instance, 'many'));
      yield { case: scene.toCase(id), names: scene.names };
    }
  }
}

/** Proxies and paths that would have a handshake come back to somewhere else. */
function* urlCases(seed, table) {
  const paths = ['/', '//elsewhere.test/x', '//elsewhere.test', '///elsewhere.test/', '/\\elsewhere.test', '//user@elsewhere.test/'];
  const schemes = [undefined, 'ftp', 'javascript', 'https', 'file', 'HTTPS', 'https:', 'http://x'];
  for (const path of paths) {
    for (const scheme of schemes) {
      const id = `url | ${path} | ${scheme}`;
      const scene = new Scene(new Chance(seed, id), 'production', `u${path}${scheme}`, table).goTo('document');
      browser(scene, undefined, { form: 'both' }).header('x-forwarded-proto', scheme).header('x-forwarded-host', scene.chance.pick([undefined, 'out.test']));
      scene.path = path;
      yield { case: scene.toCase(id), names: scene.names };
    }
  }
}
