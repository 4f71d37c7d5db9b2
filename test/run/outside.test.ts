import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { downgrade, type Event, type RevgraphError, retry, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* Revisions outside a transaction: one statement per call, the ledger says running first. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const table = {
  'a.sql': sql('a', {
    upgrade: 'CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1);',
    downgrade: 'DROP TABLE t;',
  }),
};
const run = (folder: string, onEvent: (event: Event) => void = () => {}) =>
  upgrade({ revisions: folder, database: database.url, onEvent });

test('CREATE INDEX CONCURRENTLY is found by the parser and runs outside a transaction', async () => {
  const folder = folderWith({
    ...table,
    'b.sql': sql('b', {
      revises: 'a',
      upgrade: 'CREATE INDEX CONCURRENTLY t_id ON t (id);',
      downgrade: 'DROP INDEX CONCURRENTLY t_id;',
    }),
  });
  expect((await run(folder)).to).toEqual(['b']);
  expect(
    await database.query("SELECT revision, outcome FROM revgraph_ledger WHERE revision = 'b' ORDER BY entry"),
  ).toEqual([
    { revision: 'b', outcome: 'running' },
    { revision: 'b', outcome: 'running' },
    { revision: 'b', outcome: 'done' },
  ]);
});

test('an invalid index that a failed build left is dropped before the retry, even with IF NOT EXISTS', async () => {
  const folder = folderWith({
    ...table,
    'b.sql': sql('b', {
      revises: 'a',
      upgrade: 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_id ON t (id);',
      downgrade: 'DROP INDEX CONCURRENTLY t_id;',
    }),
  });
  const error = await run(folder).catch((thrown: RevgraphError) => thrown);
  expect(error).toMatchObject({
    code: 'step_failed',
    details: { failed: 'b', remains: 'part', sqlstate: '23505' },
  });
  const valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_id'::regclass";
  expect(await database.query(valid)).toEqual([{ indisvalid: false }]);
  await database.query('DELETE FROM t WHERE ctid IN (SELECT ctid FROM t LIMIT 1)');
  const said: string[] = [];
  await run(folder, (event) => event.type === 'warning' && said.push(event.message));
  expect(await database.query(valid)).toEqual([{ indisvalid: true }]);
  expect(said.join()).toMatch(/dropped the invalid index t_id/);
});

test('a run after a crash goes on at the statement that was interrupted', async () => {
  const upgradeSql =
    'CREATE TABLE one (id int);\nCREATE TABLE two (id int);\nSELECT 1 / count(*) FROM t WHERE id = 2;\nCREATE TABLE three (id int);';
  const folder = folderWith({
    ...table,
    'b.sql': sql('b', {
      revises: 'a',
      header: '-- @transaction none',
      upgrade: upgradeSql,
      downgrade: 'DROP TABLE one, two, three;',
    }),
  });
  const error = await run(folder).catch((thrown: RevgraphError) => thrown);
  expect(error).toMatchObject({ code: 'step_failed', details: { remains: 'part', sqlstate: '22012' } });
  await database.query('INSERT INTO t VALUES (2)');
  const said: string[] = [];
  expect((await run(folder, (event) => event.type === 'warning' && said.push(event.message))).to).toEqual([
    'b',
  ]);
  expect(said.join()).toMatch(/continues at statement 3 of 4/);
  expect(await database.query("SELECT to_regclass('three')::text AS three")).toEqual([{ three: 'three' }]);
});

test('code that was left half done is not run again unless it says that it may be', async () => {
  const code = (header: string) =>
    `/**\n * @revision b\n * @revises a\n * @transaction none\n${header} */\nexport async function upgrade({ db }) {\n  await db.query('CREATE TABLE IF NOT EXISTS x (id int)');\n  await db.query('SELECT 1 / count(*) FROM t WHERE id = 2');\n}\nexport async function downgrade() {}\n`;
  const folder = folderWith({ ...table, 'b.mjs': code('') });
  await run(folder).catch(() => {});
  await database.query('INSERT INTO t VALUES (2)');
  const error = await run(folder).catch((thrown: RevgraphError) => thrown);
  expect(error).toMatchObject({ code: 'unfinished_step', exitValue: 4, details: { revision: 'b' } });
  expect((error as RevgraphError).hint).toMatch(/@idempotent/);
  const idempotent = folderWith({ ...table, 'b.mjs': code(' * @idempotent\n') });
  expect((await run(idempotent)).to).toEqual(['b']);
});

test('the settings of the session are put back', async () => {
  const folder = folderWith({
    'a.sql': sql('a', { upgrade: 'VACUUM;', header: '-- @irreversible "nothing to undo"' }),
  });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query("SET lock_timeout = '77ms'");
  await upgrade({ revisions: folder, database: client });
  expect((await client.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '77ms' }]);
  await client.end();
});

test('statements whose effects were taken away since are run again, once somebody says so', async () => {
  const two = 'CREATE INDEX CONCURRENTLY one ON t (id);\nCREATE UNIQUE INDEX CONCURRENTLY two ON t (id);';
  const files = (a: string) =>
    folderWith({
      'z.sql': sql('z', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
      'a.sql': sql('a', { revises: 'z', upgrade: a, downgrade: 'DROP TABLE t;' }),
      'b.sql': sql('b', { revises: 'a', upgrade: two, downgrade: 'DROP INDEX one;' }),
    });
  await run(files('CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1);')).catch(() => {});
  const mended = files('CREATE TABLE t (id int); INSERT INTO t VALUES (1);');
  await downgrade({ revisions: mended, database: database.url, target: 'z' });
  await expect(run(mended)).rejects.toMatchObject({ code: 'unfinished_step' });
  await retry({ revisions: mended, database: database.url, revision: 'b', anew: true });
  await run(mended);
  expect(
    await database.query("SELECT to_regclass('one')::text AS one, to_regclass('two')::text AS two"),
  ).toEqual([{ one: 'one', two: 'two' }]);
});

test('a check that fails after the last statement does not make the next run repeat it', async () => {
  const folder = folderWith({
    ...table,
    'b.sql': sql('b', {
      revises: 'a',
      header: '-- @transaction none',
      upgrade: 'CREATE TABLE log (id int);\nINSERT INTO log VALUES (1);',
      more: '-- @verify "t has three rows" expect 3\nSELECT count(*) FROM t;',
      downgrade: 'DROP TABLE log;',
    }),
  });
  await expect(run(folder)).rejects.toMatchObject({ code: 'step_failed' });
  await database.query('INSERT INTO t VALUES (3)');
  await run(folder);
  expect(await database.query('SELECT count(*)::int AS n FROM log')).toEqual([{ n: 1 }]);
});

test('mending the statement that failed does not begin anew', async () => {
  const files = (second: string) =>
    folderWith({
      ...table,
      'b.sql': sql('b', {
        revises: 'a',
        header: '-- @transaction none',
        upgrade: `CREATE TABLE one (id int);\n${second}`,
        downgrade: 'DROP TABLE one;',
      }),
    });
  await run(files('CREATE TABLE two (id nosuchtype);')).catch(() => {});
  expect((await run(files('CREATE TABLE two (id int);'))).to).toEqual(['b']);
});
