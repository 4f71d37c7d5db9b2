import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type DatabaseSource, type Event, upgrade } from '../../lib/index.js';
import { freshDatabase, freshPGlite, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* What a revision leaves in its session: the next step, and the owner of a lent connection, find nothing of it. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await database.query(
    'DROP ROLE IF EXISTS session_other; CREATE ROLE session_other SUPERUSER; CREATE TABLE seen (revision text, state text)',
  );
});
afterAll(async () => {
  await database.query('DROP OWNED BY session_other; DROP ROLE session_other');
  await database.drop();
});

/** [what, what the first revision does, a query of it] */
const LEFT: readonly (readonly [what: string, statement: string, query: string])[] = [
  ['the role', 'SET ROLE session_other', 'current_user'],
  ['the user', 'SET SESSION AUTHORIZATION session_other', 'session_user || current_user'],
  ['a temporary table', 'CREATE TEMP TABLE seen_not (id int)', "to_regclass('seen_not')"],
  [
    'a prepared statement',
    'PREPARE p AS SELECT 1',
    "(SELECT count(*) FROM pg_prepared_statements WHERE name = 'p')",
  ],
  [
    'triggers that are off',
    "SET session_replication_role = 'replica'",
    "current_setting('session_replication_role')",
  ],
  ['another encoding', "SET client_encoding = 'SQL_ASCII'", "current_setting('client_encoding')"],
  ['another time zone', "SET TIME ZONE 'Asia/Tokyo'", "current_setting('TimeZone')"],
  [
    'bodies that nobody checks',
    'SET check_function_bodies = off',
    "current_setting('check_function_bodies')",
  ],
  ['another search path', "SET search_path = ''", "current_setting('search_path')"],
  ['another limit', "SET lock_timeout = '77s'", "current_setting('lock_timeout')"],
  [
    'transactions that can’t write',
    'SET default_transaction_read_only = on',
    "current_setting('default_transaction_read_only')",
  ],
  [
    'a setting that a function makes',
    "DO $$ BEGIN PERFORM set_config('work_mem', '77MB', false); END $$",
    "current_setting('work_mem')",
  ],
  [
    'a setting of the application’s own',
    "SET app.tenant = 'theirs'",
    "coalesce(current_setting('app.tenant', true), '')",
  ],
  [
    'another, by a function',
    "SELECT set_config('app.other', 'theirs', false)",
    "coalesce(current_setting('app.other', true), '')",
  ],
  ['a channel', 'LISTEN something', '(SELECT count(*) FROM pg_listening_channels())'],
  [
    'an advisory lock',
    'SELECT pg_advisory_lock(77), pg_advisory_lock(77), pg_advisory_lock_shared(-7, 8)',
    "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND (objid IN (77, 8)))",
  ],
  [
    'a cursor',
    'DECLARE c CURSOR WITH HOLD FOR SELECT 1',
    "(SELECT count(*) FROM pg_cursors WHERE name = 'c')",
  ],
  [
    'a sequence that was asked',
    "SELECT nextval('public.session_numbers')",
    "(SELECT count(*) FROM pg_sequences WHERE sequencename = 'session_numbers' AND last_value IS NULL)",
  ],
];
const STATE = (): string => `concat_ws(' | ', ${LEFT.map(([, , query]) => query).join(', ')})`;
const NOTED = (revision: string): string => `INSERT INTO public.seen SELECT '${revision}', ${STATE()}`;

type Way = 'SQL' | 'SQL outside a transaction' | 'code' | 'code outside a transaction';

/** b leaves something, c says what it finds. */
function project(statement: string, way: Way): string {
  const none = way.includes('outside');
  const header = none ? '-- @transaction none' : '';
  const first = way.startsWith('SQL')
    ? { 'b.sql': sql('b', { revises: 'a', header, upgrade: `${statement};`, downgrade: 'SELECT 1;' }) }
    : {
        'b.mjs': `/**\n * b\n * @revision b\n * @revises a\n${none ? ' * @transaction none\n' : ''} */\nexport async function upgrade({ db }) { await db.query(${JSON.stringify(statement)}); }\nexport const downgrade = () => {};\n`,
      };
  return folderWith({
    'a.sql': sql('a', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
    ...first,
    'c.sql': sql('c', { revises: 'b', upgrade: `${NOTED('c')};`, downgrade: 'SELECT 1;' }),
  });
}

/** Our tables anew. */
async function schema(): Promise<string> {
  await database.query('DROP SCHEMA IF EXISTS own CASCADE; CREATE SCHEMA own');
  return 'own';
}

async function seen(): Promise<string> {
  const rows = await database.query('DELETE FROM seen RETURNING state');
  return String(rows[0]?.state);
}

const WAYS: readonly Way[] = ['SQL', 'SQL outside a transaction', 'code', 'code outside a transaction'];

/** A connection that is opened for a run, and one that is lent for all of them. */
const CONNECTIONS: readonly [name: string, open: () => Promise<DatabaseSource>][] = [
  ['a connection of its own', async () => database.url],
  ['a lent client', () => lentClient()],
  [
    'a lent client with a state',
    () =>
      lentClient(`SET TIME ZONE 'Europe/Zurich'; CREATE TEMP TABLE mine (id int); SET app.tenant = 'mine'`),
  ],
];

async function lentClient(state = 'SELECT 1'): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(state);
  return client;
}

const WORLDS = CONNECTIONS.flatMap(([connection, open]) => WAYS.map((way) => ({ connection, open, way })));

describe.each(WORLDS)('a revision of $way on $connection', ({ way, open }) => {
  test.each(LEFT)('leaves %s: one run ends as two runs do', async (_, statement) => {
    await database.query('DROP SEQUENCE IF EXISTS session_numbers; CREATE SEQUENCE session_numbers');
    const revisions = project(statement, way);
    const one = { revisions, database: await open(), schema: await schema() };
    await upgrade(one);
    const inOne = await seen();
    const two = { revisions, database: await open(), schema: await schema() };
    await upgrade({ ...two, target: 'b' });
    await upgrade(two);
    expect(inOne).toBe(await seen());
    // Tables of ours are ours whatever the revision did.
    expect(
      await database.query("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'own'"),
    ).toEqual([{ tableowner: 'postgres' }]);
  });
});

/** Makes another value of every setting that a session may change, so that what no list of ours names is tried too. */
const EVERY = `DO $$ DECLARE s record; BEGIN
  FOR s IN SELECT name, CASE vartype WHEN 'bool' THEN CASE setting WHEN 'on' THEN 'off' ELSE 'on' END
      WHEN 'enum' THEN (SELECT v FROM unnest(enumvals) AS v WHERE v <> setting ORDER BY v LIMIT 1)
      WHEN 'integer' THEN CASE WHEN name LIKE '%timeout' THEN '77000' ELSE CASE WHEN setting::bigint < max_val::numeric THEN (setting::bigint + 1)::text ELSE min_val END END
      WHEN 'real' THEN CASE WHEN setting::numeric = 0.5 THEN '0.6' ELSE '0.5' END
      ELSE 'ISO, DMY' END AS value
    FROM pg_settings WHERE context IN ('user', 'superuser') AND name NOT LIKE 'transaction_%' AND name NOT LIKE 'log%' AND name NOT IN ('role', 'session_authorization', 'is_superuser', 'exit_on_error')
  LOOP BEGIN PERFORM set_config(s.name, s.value, false); EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$`;
const EVERY_STATE = `(SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name NOT LIKE 'transaction_%' AND name NOT LIKE 'plpgsql.%')`;

test.each(WORLDS)('every setting there is: a revision of $way on $connection', async ({ way, open }) => {
  const find = async (statement: string): Promise<string> => {
    const revisions = project(statement, way);
    const note = `INSERT INTO public.seen SELECT 'c', ${EVERY_STATE};`;
    writeFileSync(
      join(revisions, 'c.sql'),
      sql('c', { revises: 'b', upgrade: note, downgrade: 'SELECT 1;' }),
    );
    await upgrade({ revisions, database: await open(), schema: await schema() });
    return seen();
  };
  expect(await find(EVERY)).toBe(await find('SELECT 1'));
});

/** What an owner may have on its client, and wants to find again. */
const OWN = `SET TIME ZONE 'Europe/Zurich'; SET lock_timeout = '3s'; SET search_path = public, pg_catalog; SET app.tenant = 'mine';
  SET ROLE session_other; CREATE TEMP TABLE mine (id int); PREPARE mine AS SELECT 1; LISTEN mine;
  BEGIN; DECLARE mine CURSOR WITH HOLD FOR SELECT 1; COMMIT; SELECT pg_advisory_lock(1)`;
const SETTINGS = "SELECT name, setting FROM pg_settings WHERE source = 'session' ORDER BY name";
const HELD = `SELECT current_setting('role') AS role, session_user, coalesce(current_setting('app.tenant', true), '') AS tenant, coalesce(current_setting('app.other', true), '') AS other,
  (SELECT array_agg(name::text ORDER BY name) FROM pg_prepared_statements) AS prepared,
  (SELECT array_agg(name::text ORDER BY name) FROM pg_cursors WHERE is_holdable) AS cursors,
  (SELECT array_agg(name::text) FROM pg_listening_channels() AS name) AS channels,
  (SELECT array_agg(relname::text) FROM pg_class WHERE relnamespace = pg_my_temp_schema()) AS temporary,
  (SELECT array_agg(objid::text) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks`;

const ALL = LEFT.map(([, statement]) => statement).filter((one) => !/SET (ROLE|SESSION)|read_only/.test(one));

describe('a lent connection goes back as it came', () => {
  const held = async (client: { query(sql: string): Promise<{ rows: unknown[] }> }) => [
    (await client.query(SETTINGS)).rows,
    (await client.query(HELD)).rows,
  ];

  test.each(WAYS)('a client, after %s', async (way) => {
    await database.query('DROP SEQUENCE IF EXISTS session_numbers; CREATE SEQUENCE session_numbers');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    onTestFinished(() => client.end());
    await client.query(OWN);
    const before = await held(client);
    const statements = [...ALL, 'SET ROLE NONE'].join(';\n');
    await upgrade({ revisions: project(statements, way), database: client, schema: await schema() });
    expect(await held(client)).toEqual(before);
  });

  test.each(['', '-- @transaction none'])(
    'and the next step finds no channel and no type %s',
    async (header) => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      onTestFinished(() => client.end());
      await client.query('LISTEN mine; CREATE TEMP TABLE mine (id int)');
      await database.query('DELETE FROM seen');
      const left = `LISTEN theirs; CREATE TYPE pg_temp.word AS ENUM ('a'); CREATE TYPE pg_temp.pair AS (a int);
      CREATE TYPE pg_temp.span AS RANGE (subtype = int); CREATE DOMAIN pg_temp.small AS int;`;
      const names = `SELECT array_agg(name ORDER BY name)::text AS state FROM (SELECT pg_listening_channels() AS name
      UNION ALL SELECT typname::text FROM pg_type WHERE typnamespace = pg_my_temp_schema() AND typtype <> 'm' AND typelem = 0) AS n`;
      const revisions = folderWith({
        'a.sql': sql('a', { header, upgrade: left, downgrade: 'SELECT 1;' }),
        'b.sql': sql('b', { revises: 'a', upgrade: `INSERT INTO public.seen SELECT 'b', (${names});` }),
      });
      await upgrade({ revisions, database: client, schema: await schema() });
      expect([await seen(), (await client.query(names)).rows]).toEqual([
        '{mine,mine}',
        [{ state: '{mine,mine}' }],
      ]);
    },
  );

  test('a pool, after a revision that failed', async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    onTestFinished(() => pool.end());
    const before = await held(pool);
    const revisions = project(`${ALL.join(';\n')};\nSELECT 1/0`, 'SQL');
    await expect(upgrade({ revisions, database: pool, schema: await schema() })).rejects.toThrow('by zero');
    expect(await held(pool).catch(() => pool)).toEqual(before);
  });

  test('a PGlite instance', async () => {
    const pglite = await freshPGlite();
    onTestFinished(() => pglite.close());
    await pglite.exec(
      'CREATE ROLE session_other SUPERUSER; CREATE SEQUENCE session_numbers; CREATE TABLE seen (revision text, state text)',
    );
    await pglite.exec("SET TIME ZONE 'Europe/Zurich'; CREATE TEMP TABLE mine (id int)");
    const held = async () => [(await pglite.query(SETTINGS)).rows, (await pglite.query(HELD)).rows];
    const before = await held();
    const onEvent = (_: Event) => {};
    await upgrade({
      revisions: project(ALL.join(';\n'), 'SQL'),
      database: pglite as DatabaseSource,
      onEvent,
    });
    expect(await held()).toEqual(before);
  });
});

test('a step outside a transaction that changes its role writes its entries as the role of the run', async () => {
  await database.query('DROP ROLE IF EXISTS session_weak; CREATE ROLE session_weak');
  const where = await schema();
  const revisions = folderWith({
    'a.sql': sql('a', {
      header: '-- @transaction none',
      upgrade: 'SET ROLE session_weak;\nSELECT 1;\nSELECT 1/(SELECT count(*)::int FROM public.session_gate);',
      downgrade: 'SELECT 1;',
    }),
  });
  await database.query(
    'CREATE TABLE session_gate (who text DEFAULT current_user); GRANT SELECT ON session_gate TO session_weak',
  );
  const options = { revisions, database: database.url, schema: where };
  await expect(upgrade(options)).rejects.toThrow('division by zero');
  await database.query('INSERT INTO session_gate DEFAULT VALUES; GRANT ALL ON session_gate TO session_weak');
  // It goes on behind SET ROLE, which has to hold again.
  await database.query(`REVOKE SELECT ON session_gate FROM PUBLIC`);
  expect((await upgrade(options)).to).toEqual(['a']);
  await database.query('DROP TABLE session_gate; DROP ROLE session_weak');
});
