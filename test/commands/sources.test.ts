import pg from 'pg';
import { newDb } from 'pg-mem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineRevision, downgrade, type Event, status, upgrade } from '../../lib/index.js';
import { freshDatabase, freshPGlite, type TestDatabase } from '../support/databases.js';

/* users ─ posts ─ seed (code), given as objects: what a bundled service or a test has */

const revisions = [
  defineRevision({
    revision: 'users',
    upgrade: 'CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL)',
    downgrade: 'DROP TABLE users',
  }),
  defineRevision({
    revision: 'posts',
    revises: 'users',
    upgrade: 'CREATE TABLE posts (id int PRIMARY KEY, author int REFERENCES users (id), body text)',
    downgrade: 'DROP TABLE posts',
  }),
  defineRevision({
    revision: 'seed',
    revises: 'posts',
    upgrade: async ({ db }) => {
      await db.query('INSERT INTO users VALUES ($1, $2)', [1, 'ada']);
    },
    downgrade: async ({ db }) => {
      await db.query('DELETE FROM users WHERE id = $1', [1]);
    },
  }),
];

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

describe('a pool', () => {
  test('is borrowed from and given back, never ended', async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    const { to } = await upgrade({ revisions, database: pool });
    expect(to).toEqual(['seed']);
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
    expect((await pool.query('SELECT name FROM users')).rows).toEqual([{ name: 'ada' }]);
    await pool.end();
  });
});

describe('a client', () => {
  test('that is connected stays connected, with its search path', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('SET search_path TO public');
    expect((await downgrade({ revisions, database: client, target: 'users' })).to).toEqual(['users']);
    expect((await upgrade({ revisions, database: client })).to).toEqual(['seed']);
    expect((await client.query('SHOW search_path')).rows).toEqual([{ search_path: 'public' }]);
    await client.end();
  });

  test('that was never connected is connected and ended', async () => {
    const client = new pg.Client({ connectionString: database.url });
    expect((await status({ revisions, database: client })).state).toBe('current');
    await expect(client.query('SELECT 1')).rejects.toThrow();
  });
});

describe('what a revision does to a connection of the caller', () => {
  const leaky = [
    defineRevision({
      revision: 'leaky',
      upgrade: "SELECT pg_catalog.set_config('search_path', '', false); SET statement_timeout = '9s'",
    }),
  ];
  const killing = [
    defineRevision({ revision: 'killing', upgrade: 'SELECT pg_terminate_backend(pg_backend_pid())' }),
  ];

  test('settings are as they were', async () => {
    const own = await freshDatabase();
    const pool = new pg.Pool({ connectionString: own.url, max: 1 });
    await pool.query("SET statement_timeout = '77s'");
    await upgrade({ revisions: leaky, database: pool });
    const { rows } = await pool.query(
      "SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS timeout",
    );
    expect(rows).toEqual([{ path: '"$user", public', timeout: '77s' }]);
    await pool.end();
    await own.drop();
  });

  test('a connection that breaks is an error, not the end of the process, and the pool goes on', async () => {
    const own = await freshDatabase();
    const pool = new pg.Pool({ connectionString: own.url, max: 1 });
    pool.on('error', () => {});
    await expect(upgrade({ revisions: killing, database: pool })).rejects.toMatchObject({
      code: 'step_failed',
    });
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
    await own.drop();
  });
});

describe('PGlite', () => {
  test('an instance of the caller is used and left open', async () => {
    const pglite = await freshPGlite();
    expect((await upgrade({ revisions, database: pglite })).steps).toHaveLength(3);
    expect((await upgrade({ revisions, database: pglite })).steps).toHaveLength(0);
    expect((await pglite.query('SELECT name FROM users')).rows).toEqual([{ name: 'ada' }]);
    await pglite.close();
  });
});

describe("pg-mem, in a user's own tests", () => {
  test('is upgraded and downgraded with the lock off', async () => {
    const memory = newDb();
    const { Client, Pool } = memory.adapters.createPg();
    const client = new Client();
    await client.connect();
    const events: Event[] = [];
    const options = {
      revisions,
      database: client,
      lock: 'off',
      onEvent: (e: Event) => events.push(e),
    } as const;
    expect((await status(options)).state).toBe('empty');
    expect((await upgrade(options)).to).toEqual(['seed']);
    expect(events.filter((event) => event.type === 'step-finished')).toHaveLength(3);
    expect(memory.public.many('SELECT name FROM users')).toEqual([{ name: 'ada' }]);
    expect((await status(options)).state).toBe('current');
    expect((await downgrade({ ...options, target: 'posts' })).to).toEqual(['posts']);
    expect(memory.public.many('SELECT name FROM users')).toEqual([]);
    expect((await upgrade({ revisions, database: new Pool(), lock: 'off' })).steps).toHaveLength(1);
    // Further down pg-mem can't come up again: its DROP TABLE keeps the name of the primary key.
  });
});

describe('schemas', () => {
  test('two schemas of one database are two databases', async () => {
    await database.query('CREATE SCHEMA one; CREATE SCHEMA two');
    for (const schema of ['one', 'two']) {
      expect((await upgrade({ revisions, database: database.url, schema })).steps).toHaveLength(3);
      expect(await database.query(`SELECT name FROM ${schema}.users`)).toEqual([{ name: 'ada' }]);
      expect(await database.query(`SELECT revision FROM ${schema}.revgraph_version`)).toEqual([
        { revision: 'seed' },
      ]);
    }
  });

  test('a search path that a revision sets does not reach the next one, nor the version table', async () => {
    const own = await freshDatabase();
    await own.query('CREATE SCHEMA elsewhere');
    const leaky = [
      defineRevision({
        revision: 'leaky',
        upgrade: "SELECT set_config('search_path', 'elsewhere', false); CREATE TABLE t (id int)",
      }),
      defineRevision({ revision: 'next', revises: 'leaky', upgrade: 'CREATE TABLE u (id int)' }),
    ];
    await upgrade({ revisions: leaky, database: own.url });
    const tables = await own.query(
      "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('public', 'elsewhere') ORDER BY 1",
    );
    expect(tables.map(({ name }) => name)).toEqual([
      'elsewhere.t',
      'public.revgraph_ledger',
      'public.revgraph_version',
      'public.u',
    ]);
    await own.drop();
  });
});
