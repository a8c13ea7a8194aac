// Mails from `frontdesk serve` to a mail server that nobody here wrote: the checks are in ../mail, the counting is here.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDatabase } from '../../seed-page/lib/database.mjs';
import { installPython } from '../lib/python.mjs';

const HERE = fileURLToPath(new URL('../mail/', import.meta.url));

/** Walks the mail; gives the same as the walk of an SDK, without operations. It starts and kills servers of its own. */
export async function walkMail(server, { filter, engine, 'database-url': url }) {
  const python = installPython('mail');
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-mail-'));
  const database = engine === 'postgres' ? await createDatabase(url) : null;
  try {
    const settings = {
      binary: server.binary,
      folder,
      database_url: database?.url ?? null,
      master_key: randomBytes(32).toString('base64url'),
      filter: filter ?? null,
    };
    const walk = server.start('mail', python, ['walk.py', JSON.stringify(settings)], { cwd: HERE, env: { PYTHONDONTWRITEBYTECODE: '1' } });
    const code = await walk.ended;
    const outcomes = [...walk.output.matchAll(/^\{"name".*$/gm)].map(([line]) => ({ ...JSON.parse(line), exchanges: [] }));
    if (code !== 0) outcomes.push({ name: 'mail: the walk comes to its end', outcome: 'failed', error: walk.output.slice(-4000), exchanges: [] });
    return { name: 'mail', about: mailServer(), outcomes };
  } finally {
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function mailServer() {
  const [, version] = /^aiosmtpd==(\S+)/m.exec(readFileSync(join(HERE, 'requirements.txt'), 'utf8'));
  return `aiosmtpd ${version}`;
}
