import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defineRevision, repair, script, status, undo, upgrade } from '../../lib/index.js';
import { splitStatements } from '../../lib/sql/statements.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql, temporaryFolder } from '../support/project.js';

/* a ─ b (precheck, verify) ─ c (code that writes) ─ d (concurrently) ; opaque: code that reads */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const revisions = [
  defineRevision({
    revision: 'a',
    message: "it's a table; -- really",
    upgrade: "CREATE TABLE t (id int, note text DEFAULT 'it''s ; here'); -- the end",
    downgrade: 'DROP TABLE t',
  }),
  defineRevision({
    revision: 'b',
    revises: 'a',
    precheck: { title: 'no row has id 7', expect: 'none', sql: 'SELECT id FROM t WHERE id = 7' },
    upgrade: 'ALTER TABLE t ADD COLUMN n int',
    verify: {
      title: 'n is there',
      expect: 'integer',
      sql: "SELECT data_type FROM information_schema.columns WHERE column_name = 'n'",
    },
    downgrade: 'ALTER TABLE t DROP COLUMN n',
  }),
  defineRevision({
    revision: 'c',
    revises: 'b',
    upgrade: async ({ db }) => {
      await db.query("INSERT INTO t (id, note) VALUES ($1, $2), (2, 'costs $1')", [
        1,
        "back\\slash and 'quotes'",
      ]);
    },
    downgrade: async ({ db }) => {
      await db.query('DELETE FROM t');
    },
  }),
  defineRevision({
    revision: 'd',
    revises: 'c',
    upgrade: 'CREATE INDEX CONCURRENTLY t_id ON t (id)',
    downgrade: 'DROP INDEX t_id',
  }),
];

const hasPsql = spawnSync('psql', ['--version']).status === 0;
function psql(text: string): { status: number | null; stderr: string } {
  const file = join(temporaryFolder(), 'script.sql');
  writeFileSync(file, text);
  const { status: exit, stderr } = spawnSync(
    'psql',
    ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file, database.url],
    { encoding: 'utf8' },
  );
  return { status: exit, stderr };
}

// psql is no dependency: the package of PostgreSQL binaries that the tests use does not have it.
const withPsql = hasPsql ? test : test.skip;

withPsql(
  'psql runs the script; rows, ledger and data are as after a run, and a second time it stops',
  async () => {
    const made = await script({ revisions, database: database.url, direction: 'upgrade', target: 'head' });
    expect([made.complete, made.to]).toEqual([true, ['d']]);
    expect(psql(made.text)).toEqual({ status: 0, stderr: '' });
    expect(await database.query('SELECT id, note FROM t ORDER BY id')).toEqual([
      { id: 1, note: "back\\slash and 'quotes'" },
      { id: 2, note: 'costs $1' },
    ]);
    expect(await status({ revisions, database: database.url })).toMatchObject({
      state: 'current',
      current: ['d'],
    });
    const byScript = await database.query(
      'SELECT revision, parents, rows_from, rows_to, outcome, checksum FROM revgraph_ledger ORDER BY entry',
    );
    expect(byScript.map(({ revision, outcome }) => [revision, outcome])).toEqual([
      ['a', 'done'],
      ['b', 'done'],
      ['c', 'done'],
      // As in a run: outside a transaction, how far it came.
      ['d', 'running'],
      ['d', 'running'],
      ['d', 'done'],
    ]);
    expect(byScript[1]).toMatchObject({ parents: ['a'], rows_from: ['a'], rows_to: ['b'] });
    const again = psql(made.text);
    expect([again.status, again.stderr]).toEqual([
      3,
      expect.stringMatching(/starts from base, but table revgraph_version has other rows/),
    ]);
  },
);

withPsql('a downgrade by script, and a failing check stops a script', async () => {
  await upgrade({ revisions, database: database.url });
  const down = await script({ revisions, database: database.url, direction: 'downgrade', target: 'a' });
  expect(psql(down.text).status).toBe(0);
  expect((await status({ revisions, database: database.url })).current).toEqual(['a']);
  await database.query('INSERT INTO t VALUES (7)');
  const up = await script({ revisions, database: database.url, direction: 'upgrade', target: 'b' });
  expect(psql(up.text).stderr).toMatch(/check "no row has id 7" of b failed/);
  expect((await status({ revisions, database: database.url })).current).toEqual(['a']);
});

withPsql('--schema and checks that end in a comment mean in a script what they mean in a run', async () => {
  await database.query('CREATE SCHEMA app');
  const checked = [
    defineRevision({
      revision: 'a',
      upgrade: "CREATE TABLE t (id int); SELECT set_config('search_path', 'public', false)",
      verify: { title: 'no rows', expect: '0', sql: 'SELECT count(*) FROM app.t -- all of them' },
    }),
    defineRevision({ revision: 'b', revises: 'a', upgrade: 'CREATE TABLE u (id int)' }),
  ];
  const made = await script({
    revisions: checked,
    database: database.url,
    direction: 'upgrade',
    target: 'head',
    schema: 'app',
  });
  expect(psql(made.text)).toEqual({ status: 0, stderr: '' });
  const tables = await database.query(
    "SELECT tablename AS t FROM pg_tables WHERE schemaname = 'app' ORDER BY 1",
  );
  expect(tables.map(({ t }) => t)).toEqual(['revgraph_ledger', 'revgraph_version', 't', 'u']);
});

withPsql('a stamp by script', async () => {
  const { text } = await script({ direction: 'stamp', revisions, database: database.url, target: ['c'] });
  expect(psql(text).status).toBe(0);
  expect((await status({ revisions, database: database.url })).current).toEqual(['c']);
});

const reader = {
  'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE t (id int);', downgrade: 'DROP TABLE t;' }),
  'revisions/b.mjs':
    "/**\n * @revision b\n * @revises a\n */\nexport async function upgrade({ db }) {\n  const { rows } = await db.query('SELECT count(*) FROM t');\n  if (rows.length > 1) throw new Error('no');\n}\nexport async function downgrade() {}\n",
  'revisions/c.sql': sql('c', {
    revises: 'b',
    upgrade: 'CREATE TABLE u (id int);',
    downgrade: 'DROP TABLE u;',
  }),
};

test('code that must read data is marked, does not crash the preview, and the exit value says so', async () => {
  const folder = folderWith(reader);
  const { exitValue, stdout, stderr } = await run(folder, [
    'upgrade',
    'head',
    '--sql',
    '--url',
    database.url,
  ]);
  expect(exitValue).toBe(4);
  expect(stdout).toMatch(/-- NOT COMPLETE: b must read data/);
  expect(stdout).toMatch(/RAISE EXCEPTION .*b is code that must read data/);
  expect(stdout).toMatch(/CREATE TABLE u/);
  expect(stderr).toMatch(/not complete\. b/);
  expect(await database.query("SELECT to_regclass('t') AS t")).toEqual([{ t: null }]);
});

test('a range needs no database', async () => {
  const folder = folderWith(reader);
  const { exitValue, stdout } = await run(folder, ['upgrade', 'base:a', '--sql', '--json']);
  expect(exitValue).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    from: [],
    to: ['a'],
    dryRun: true,
    complete: true,
    sql: expect.stringMatching(/CREATE TABLE t/),
  });
});

test('what a revision sets or makes for its session ends with it, in a script as in a run', async () => {
  const role = `script_${Date.now()}`;
  await database.query(`CREATE ROLE ${role}; GRANT ALL ON SCHEMA public TO ${role}`);
  const leaves = defineRevision({
    revision: 'leaves',
    upgrade: `CREATE TABLE seen (what text, value text);
      CREATE TEMP TABLE seen (what text, value text);
      PREPARE p AS SELECT 1;
      SELECT pg_advisory_lock(7);
      SET TIME ZONE 'Asia/Tokyo'; SET client_encoding = 'LATIN1'; SET check_function_bodies = off; SET app.tenant = 'x';
      SET session_replication_role = replica;
      SET ROLE ${role};
      SELECT pg_catalog.set_config('search_path', '', false)`,
    downgrade: 'DROP TABLE seen',
  });
  const sees = defineRevision({
    revision: 'sees',
    revises: 'leaves',
    upgrade: `INSERT INTO seen SELECT name, current_setting(name) FROM unnest(ARRAY['TimeZone', 'client_encoding', 'check_function_bodies',
        'session_replication_role', 'role', 'search_path']) AS name;
      INSERT INTO seen VALUES ('tenant', nullif(current_setting('app.tenant', true), '')), ('schema', current_schema()), ('user', current_user),
        ('prepared', (SELECT count(*) FROM pg_prepared_statements)::text),
        ('locks', (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objid = 7)::text)`,
    downgrade: 'DELETE FROM seen',
  });
  const chain = { revisions: [leaves, sees], database: database.url };
  const seen = () => database.query('SELECT what, value FROM public.seen ORDER BY what');
  await upgrade(chain);
  const byRun = await seen();
  expect(byRun).toContainEqual({ what: 'schema', value: 'public' });
  await database.query('DROP TABLE seen, revgraph_version, revgraph_ledger');
  const { text } = await script({ ...chain, direction: 'upgrade', target: 'base:heads' });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(text).finally(() => client.end());
  expect(await seen()).toEqual(byRun);
  expect((await status(chain)).current).toEqual(['sees']);
  const owned = await database.query(`SELECT tablename FROM pg_tables WHERE tableowner = '${role}'`);
  await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  expect(owned).toEqual([]);
});

/* Two at once: the work of a step takes longer than the other one needs to begin. */

const slow = [
  defineRevision({ revision: 'a', upgrade: 'CREATE TABLE t (id int)', downgrade: 'DROP TABLE t' }),
  defineRevision({
    revision: 'b',
    revises: 'a',
    upgrade: 'INSERT INTO t VALUES (1); SELECT pg_sleep(1)',
    downgrade: 'DELETE FROM t',
  }),
];
const outside = [
  slow[0] as (typeof slow)[0],
  defineRevision({
    revision: 'b',
    revises: 'a',
    transaction: 'none',
    upgrade: 'INSERT INTO t VALUES (1); SELECT pg_sleep(1)',
    downgrade: 'DELETE FROM t',
  }),
];

/** Statement by statement, as psql does it, up to the first that fails. */
async function asPsql(text: string): Promise<string | null> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    for (const { sql: statement } of await splitStatements(text, { file: 'script.sql', line: 1 }))
      await client.query(statement);
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end();
  }
}

const AT_WORK = expect.stringContaining('a run or another script is at work on table revgraph_version');

test.each([
  ['in a transaction', slow],
  ['outside of one', outside],
])('of two scripts at once, %s, one runs, and the other stops before it has done anything', async (_, of) => {
  await upgrade({ revisions: of, database: database.url, target: 'a' });
  const { text } = await script({ revisions: of, database: database.url, direction: 'upgrade' });
  const first = asPsql(text);
  await pause(500);
  expect([await asPsql(text), await first]).toEqual([AT_WORK, null]);
  expect(await database.query('SELECT * FROM t')).toEqual([{ id: 1 }]);
  expect(await asPsql(text)).toContain('this part of the script starts from a, but table revgraph_version');
});

test('a script beside a run stops, whatever lock the run has', async () => {
  await upgrade({ revisions: slow, database: database.url, target: 'a' });
  const { text } = await script({ revisions: slow, database: database.url, direction: 'upgrade' });
  const first = upgrade({ revisions: slow, database: database.url });
  await pause(700);
  expect(await asPsql(text)).toEqual(AT_WORK);
  await first;
  await undo({ revisions: slow, database: database.url, target: 'b' });
  // A lease is no lock that a script can see: here the rows tell, whoever comes second.
  const second = upgrade({ revisions: slow, database: database.url, lock: 'row' }).then(
    () => null,
    ({ code }) => code as string,
  );
  await pause(700);
  const ends = [await asPsql(text), await second];
  expect(ends.filter((end) => end === null)).toHaveLength(1);
  expect(await database.query('SELECT * FROM t')).toEqual([{ id: 1 }]);
});

test('the script of a stamp stops beside a run as well', async () => {
  await upgrade({ revisions: slow, database: database.url, target: 'a' });
  const { text } = await script({
    revisions: slow,
    database: database.url,
    direction: 'stamp',
    target: 'b',
  } as never);
  const first = upgrade({ revisions: slow, database: database.url });
  await pause(700);
  expect(await asPsql(text)).toEqual(AT_WORK);
  expect((await first).to).toEqual(['b']);
});

test('the lock of a step outside a transaction is given back when the step is recorded', async () => {
  const { text } = await script({ revisions: outside, direction: 'upgrade', target: 'a:b' });
  expect(text.indexOf('pg_advisory_unlock_all')).toBeGreaterThan(text.lastIndexOf('COMMIT'));
});

withPsql(
  'outside a transaction a script keeps how far it came, and stops in front of what began',
  async () => {
    const of = (text: string) => [
      defineRevision({ revision: 'r1', upgrade: 'CREATE TABLE log (i int)' }),
      defineRevision({ revision: 'n', revises: 'r1', transaction: 'none', upgrade: text }),
    ];
    const at = {
      revisions: of('INSERT INTO log VALUES (1); SELECT 1 / count(*) FROM log WHERE i = 2; VACUUM log'),
    };
    const on = { ...at, database: database.url };
    await upgrade({ ...on, target: 'r1' });
    const made = await script({ ...on, direction: 'upgrade' });
    expect(psql(made.text).status).toBe(3);
    expect((await status(on)).halfDone).toMatchObject([{ revision: 'n', finished: 1, inDoubt: false }]);
    // A second time it would do again what is finished.
    const again = psql(made.text);
    expect([again.status, again.stderr]).toEqual([
      3,
      expect.stringContaining('n began outside a transaction'),
    ]);
    await database.query('INSERT INTO log VALUES (2)');
    await upgrade(on);
    expect(await database.query('SELECT i FROM log ORDER BY i')).toEqual([{ i: 1 }, { i: 2 }]);
  },
);

withPsql('a script that counts what was applied stops where more has been since', async () => {
  const make = (revision: string, revises: string[] = []) =>
    defineRevision({ revision, revises, upgrade: `CREATE TABLE t_${revision} (id int)` });
  const before = { revisions: [make('r1'), make('r2', ['r1'])], database: database.url };
  const after = { revisions: [make('r1'), make('n', ['r1']), make('r2', ['n'])], database: database.url };
  await upgrade(before);
  const stale = await script({ ...before, direction: 'stamp', target: 'r2', reason: 'as it is' });
  await repair(after);
  const stopped = psql(stale.text);
  expect([stopped.status, stopped.stderr]).toEqual([3, expect.stringContaining('make it anew')]);
  expect(await status(after)).toMatchObject({ state: 'current', missed: [] });
});

test('the script of a stamp says beside it what it forgets', async () => {
  const chain = ['a', 'b'].map((revision, i) =>
    defineRevision({
      revision,
      revises: i === 0 ? [] : ['a'],
      upgrade: `CREATE TABLE t_${revision} (x int)`,
    }),
  );
  await upgrade({ database: database.url, revisions: chain });
  const folder = folderWith({ 'a.sql': sql('a', {}), 'b.sql': sql('b', { revises: 'a' }) });
  const { stderr, stdout } = await run(temporaryFolder(), [
    'stamp',
    'a',
    '--sql',
    '--url',
    database.url,
    '--revisions',
    folder,
  ]);
  expect(stderr).toContain('b: ran here, and the next upgrade runs it again');
  expect(stdout).not.toContain('the next upgrade');
});
