// A PostgreSQL table that lets each person see their own rows, by the claims of a template token.
//
// The claims reach the database only after the token's signature was verified with the template's own key; the
// database trusts whoever sets `request.jwt.claims`, as PostgREST and Supabase do.
import pg from 'pg';
import { jwtVerify } from 'jose';
import { randomBytes } from 'node:crypto';

export class Notes {
  #client;
  #key;
  #name = `seed_page_${randomBytes(6).toString('hex')}`;

  static async create(databaseUrl, signingKey) {
    const notes = new Notes();
    notes.#key = new TextEncoder().encode(signingKey);
    notes.#client = new pg.Client({ connectionString: databaseUrl });
    await notes.#client.connect();
    // The role is not the table's owner and not a superuser: policies do not bind those.
    await notes.#client.query(`
      create role ${notes.#name} nologin;
      create schema ${notes.#name};
      create table ${notes.#name}.notes (owner text not null, body text not null);
      alter table ${notes.#name}.notes enable row level security;
      create policy auth on ${notes.#name}.notes
        using (owner = nullif(current_setting('request.jwt.claims', true), '')::json->>'sub')
        with check (owner = nullif(current_setting('request.jwt.claims', true), '')::json->>'sub');
      grant usage on schema ${notes.#name} to ${notes.#name};
      grant select, insert on ${notes.#name}.notes to ${notes.#name};
      grant ${notes.#name} to current_user;
    `);
    return notes;
  }

  /** Reads all rows that the policy shows to the bearer of this template token. */
  async read(token) {
    const claims = await this.#verify(token);
    return this.#as(claims, async () => {
      const { rows } = await this.#client.query(`select owner, body from ${this.#name}.notes order by body`);
      return rows;
    });
  }

  /** Writes a row as the bearer of this template token; the policy decides whether it may be there. */
  async write(token, owner, body) {
    const claims = await this.#verify(token);
    await this.#as(claims, () =>
      this.#client.query(`insert into ${this.#name}.notes (owner, body) values ($1, $2)`, [owner, body]),
    );
  }

  /** What somebody sees for whom no claims were set. */
  readAsNobody() {
    return this.#as(null, async () => (await this.#client.query(`select * from ${this.#name}.notes`)).rows);
  }

  async drop() {
    await this.#client.query(`drop schema ${this.#name} cascade; drop role ${this.#name}`);
    await this.#client.end();
  }

  /** Verified by jose with the template's key, so that the database never meets claims of a stranger. */
  async #verify(token) {
    const { payload } = await jwtVerify(token, this.#key, { algorithms: ['HS256'], audience: 'authenticated' });
    return payload;
  }

  async #as(claims, work) {
    await this.#client.query('begin');
    try {
      await this.#client.query(`set local role ${this.#name}`);
      if (claims) {
        await this.#client.query(`select set_config('request.jwt.claims', $1, true)`, [JSON.stringify(claims)]);
      }
      const result = await work();
      await this.#client.query('commit');
      return result;
    } catch (error) {
      await this.#client.query('rollback');
      throw error;
    }
  }
}
