// A database for one run.
import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Makes a database for one run, beside the one that the URL names. */
export async function createDatabase(url) {
  const name = `seed_page_${randomBytes(6).toString('hex')}`;
  await query(url, `create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => query(url, `drop database ${name} with (force)`) };
}

async function query(url, text) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}
