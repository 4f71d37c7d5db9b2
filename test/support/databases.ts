import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Extensions, PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { inject } from 'vitest';

/** A database of its own on the test server. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

async function asSuperuser(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/**
 * @param template a database to copy; default: an empty one
 * @param server a superuser's URL; default: the server of this run
 */
export async function freshDatabase(
  template = 'template0',
  server = inject('serverUrl'),
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asSuperuser(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = server.replace(/\/postgres$/, `/${name}`);
  return {
    url,
    name,
    query: async (sql, values) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query(sql, values)).rows as Record<string, unknown>[];
      } finally {
        await client.end();
      }
    },
    drop: () => asSuperuser(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** An empty PGlite instance in memory, loaded from the template of this run. */
export function freshPGlite(extensions: Extensions = {}): Promise<PGlite> {
  return PGlite.create({ loadDataDir: new Blob([readFileSync(inject('pgliteTemplate'))]), extensions });
}
