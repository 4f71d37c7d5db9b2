import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { throwAwayName } from '../../lib/database/throwaway/leftovers.js';
import { upgrade } from '../../lib/index.js';
import { type ThrowAways, throwAwayDatabase, throwAwayDatabases } from '../../lib/testing/index.js';
import { folderWith, sql } from '../support/project.js';

/* Databases that are thrown away: what every place for them has to do, and that a server is left as it was. */

const role = `throwaway_${randomBytes(4).toString('hex')}`;
const PASSWORD = 'p%40ss%2Fword';
const ownUrl = () => {
  const { host } = new URL(inject('serverUrl').replace('postgresql', 'http'));
  return `postgresql://${role}:${PASSWORD}@${host}/postgres`;
};
const asSuperuser = async (text: string) => {
  const client = new pg.Client({ connectionString: inject('serverUrl') });
  await client.connect();
  try {
    return (await client.query(text)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
};
const owned = async () =>
  (
    await asSuperuser(
      `SELECT datname FROM pg_database WHERE datdba = (SELECT oid FROM pg_roles WHERE rolname = '${role}')`,
    )
  ).map(({ datname }) => datname);

beforeAll(() => asSuperuser(`CREATE ROLE ${role} LOGIN CREATEDB PASSWORD 'p@ss/word'`));
afterAll(async () => {
  expect(await owned()).toEqual([]);
  await asSuperuser(`DROP ROLE ${role}`);
});

describe.each([
  ['a server', () => throwAwayDatabases({ on: ownUrl() })],
  ['PGlite', () => throwAwayDatabases({})],
])('on %s', (_, open) => {
  let place: ThrowAways;
  beforeAll(async () => {
    place = await open();
  });
  afterAll(() => place.close());
  const ask = async (database: Awaited<ReturnType<ThrowAways['fresh']>>, text: string) => {
    await database.run(text);
  };

  test('a template is copied as often as wanted, and copies are apart', async () => {
    const origin = await place.fresh();
    await origin.run('CREATE TABLE t (id int); INSERT INTO t VALUES (1)');
    const template = await place.keep(origin);
    const [a, b] = await Promise.all([template.copy(), template.copy()]);
    await a.run('INSERT INTO t VALUES (2)');
    await ask(a, 'DO $$ BEGIN ASSERT (SELECT count(*) FROM t) = 2; END $$');
    await ask(b, 'DO $$ BEGIN ASSERT (SELECT count(*) FROM t) = 1; END $$');
    await expect(ask(b, 'DO $$ BEGIN ASSERT (SELECT count(*) FROM t) = 7; END $$')).rejects.toThrow(
      /assertion failed/,
    );
    await a.drop();
    await a.drop();
    await expect(ask(a, 'SELECT 1')).rejects.toThrow();
    await b.drop();
  });

  test('a script leaves no setting behind: a dump begins with an empty search path', async () => {
    const database = await place.fresh();
    await database.run("SELECT set_config('search_path', '', false); CREATE TABLE public.t (id int)");
    await database.run('SELECT * FROM t');
    await database.drop();
  });

  test('an upgrade runs there', async () => {
    const revisions = folderWith({ 'a.sql': sql('a', { upgrade: 'CREATE TABLE t (id int);' }) });
    const { database, drop } = await place.fresh();
    expect((await upgrade({ revisions, database })).to).toEqual(['a']);
    await drop();
  });
});

test('closing drops what is left, and nothing else', async () => {
  await asSuperuser(`CREATE DATABASE revgraph_throwaway_somebody OWNER ${role}`);
  onTestFinished(async () => {
    await asSuperuser('DROP DATABASE revgraph_throwaway_somebody');
  });
  const place = await throwAwayDatabases({ on: ownUrl() });
  const template = await place.keep(await place.fresh());
  const busy = await template.copy();
  const client = new pg.Client({ connectionString: String(busy.database) });
  client.on('error', () => {});
  await client.connect();
  expect(await owned()).toHaveLength(3);
  await place.close();
  expect(await owned()).toEqual(['revgraph_throwaway_somebody']);
  await client.end().catch(() => {});
});

test('what a killed process left is dropped after a day, unless somebody uses it', async () => {
  const before = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  const [old, used, young] = [
    throwAwayName('0'.repeat(16), before(25)),
    throwAwayName('1'.repeat(16), before(25)),
    throwAwayName('2'.repeat(16), before(23)),
  ];
  const others = 'revgraph_throwaway_20010101t0000_mine';
  for (const name of [old, used, young, others]) await asSuperuser(`CREATE DATABASE "${name}" OWNER ${role}`);
  const client = new pg.Client({ connectionString: ownUrl().replace(/postgres$/, used) });
  await client.connect();
  await (await throwAwayDatabases({ on: ownUrl() })).close();
  expect((await owned()).sort()).toEqual([others, used, young].sort());
  await client.end();
  // Whoever else asks for a throw-away database now takes the one that nobody uses any more.
  for (const name of [used, young, others])
    await asSuperuser(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
});

test('a role that may not create databases is told so, without its password', async () => {
  await asSuperuser(`ALTER ROLE ${role} NOCREATEDB`);
  onTestFinished(async () => {
    await asSuperuser(`ALTER ROLE ${role} CREATEDB`);
  });
  const error = (await throwAwayDatabases({ on: ownUrl() }).catch((thrown: unknown) => thrown)) as Error;
  expect(error).toMatchObject({ code: 'permission_denied', message: expect.stringContaining('CREATEDB') });
  expect(`${error.message} ${JSON.stringify(error)}`).not.toMatch(/p(%40|@)ss/);
});

test('a directory is somebody’s, not to be thrown away', async () => {
  await expect(throwAwayDatabases({ on: 'pglite:.revgraph/db' })).rejects.toMatchObject({ code: 'usage' });
});

test('one database for one test', async () => {
  const db = await throwAwayDatabase({ on: ownUrl() });
  await db.query('CREATE TABLE t (id int)');
  await db.query('INSERT INTO t VALUES ($1)', [5]);
  expect((await db.query('SELECT id FROM t')).rows).toEqual([{ id: 5 }]);
  expect(await owned()).toHaveLength(1);
  await db.drop();
  expect(await owned()).toEqual([]);
});
