import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { start, until } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* a ─ b (slow) ─ c, several processes on one real server */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const project = (seconds: number) =>
  folderWith({
    'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);', downgrade: 'DROP TABLE a;' }),
    'revisions/b.sql': sql('b', {
      revises: 'a',
      upgrade: `CREATE TABLE b (id int);\nSELECT pg_sleep(${seconds});`,
      downgrade: 'DROP TABLE b;',
    }),
    'revisions/c.sql': sql('c', {
      revises: 'b',
      upgrade: 'CREATE TABLE c (id int);',
      downgrade: 'DROP TABLE c;',
    }),
  });

const done = () =>
  database.query("SELECT revision FROM revgraph_ledger WHERE outcome = 'done' ORDER BY entry");
const sleeping = async () =>
  (
    await database.query(
      "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid() AND state = 'active' AND datname = current_database()",
    )
  ).length > 0;

test('two racing upgrades: each revision runs once; the loser waits and says for whom', async () => {
  const folder = project(1);
  const args = ['upgrade', 'head', '--url', database.url];
  const racers = [start(folder, args), start(folder, args)];
  const finished = await Promise.all(racers.map((racer) => racer.finished));
  expect(finished.map(({ exitValue }) => exitValue)).toEqual([0, 0]);
  expect(await done()).toEqual([{ revision: 'a' }, { revision: 'b' }, { revision: 'c' }]);
  const loser = finished.find(({ stdout }) => stdout.includes('Nothing to do'));
  expect(loser?.stderr).toMatch(/Waiting for the lock, held by revgraph \(pid \d+, user postgres/);
});

test('a bounded wait ends with exit value 6 and names the holder', async () => {
  const folder = project(3);
  const first = start(folder, ['upgrade', '--url', database.url]);
  await until(sleeping, 'the first run in its slow revision');
  const second = await start(folder, ['upgrade', '--url', database.url, '--lock-wait', '0.3', '--json'])
    .finished;
  expect(second.exitValue).toBe(6);
  expect(JSON.parse(second.stdout)).toMatchObject({ error: { code: 'lock_not_obtained' } });
  first.child.kill('SIGKILL');
  await first.finished;
});

test('kill -9 in the middle of a revision: the next upgrade completes the database', async () => {
  const folder = project(60);
  const first = start(folder, ['upgrade', '--url', database.url]);
  await until(sleeping, 'the first run in its slow revision');
  first.child.kill('SIGKILL');
  await first.finished;
  const quick = project(0);
  const second = await start(quick, ['upgrade', '--url', database.url]).finished;
  // The server notices within client_connection_check_interval that nobody listens, and gives the lock back.
  expect([second.exitValue, second.stdout]).toEqual([0, expect.stringMatching(/c \(head\)/)]);
  expect(await done()).toEqual([{ revision: 'a' }, { revision: 'b' }, { revision: 'c' }]);
});

test('Ctrl-C stops between two steps with exit value 130; the same command goes on', async () => {
  const folder = project(1.5);
  const first = start(folder, ['upgrade', '--url', database.url]);
  await until(sleeping, 'the first run in its slow revision');
  first.child.kill('SIGINT');
  const stopped = await first.finished;
  expect(stopped.exitValue).toBe(130);
  expect(stopped.stderr).toMatch(/Steps done: 2; not run: 1\./);
  const second = await start(folder, ['upgrade', '--url', database.url]).finished;
  expect(second.stdout).toMatch(/1\/1 {2}upgrade c/);
});

test('a table lock that is not to be had is tried again, and its holder is named', async () => {
  const folder = folderWith({
    'revisions/a.sql': sql('a', {
      upgrade: 'ALTER TABLE busy ADD COLUMN n int;',
      downgrade: 'ALTER TABLE busy DROP COLUMN n;',
    }),
  });
  await database.query('CREATE TABLE busy (id int)');
  const holder = new pg.Client({ connectionString: database.url, application_name: 'a long report' });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT * FROM busy');
  const run = start(folder, ['upgrade', '--url', database.url, '--lock-timeout', '0.2']);
  await until(() => /attempt 2/.test(run.said()), 'the second try');
  await holder.query('COMMIT');
  await holder.end();
  const { exitValue, stderr } = await run.finished;
  expect(exitValue).toBe(0);
  expect(stderr).toMatch(/a table is locked by pid \d+ \(a long report, user postgres, idle in transaction/);
});

test('two names for one version table are one lock', async () => {
  await database.query('CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)');
  await database.query("INSERT INTO alembic_version VALUES ('a'); CREATE TABLE a (id int)");
  const folder = project(1);
  const racers = [
    start(folder, ['upgrade', '--url', database.url]),
    start(folder, ['upgrade', '--url', database.url, '--version-table', 'alembic_version']),
  ];
  const finished = await Promise.all(racers.map((racer) => racer.finished));
  expect(finished.map(({ exitValue }) => exitValue)).toEqual([0, 0]);
  // The first entry is the adoption of what was there.
  expect(await done()).toEqual([{ revision: 'a' }, { revision: 'b' }, { revision: 'c' }]);
});
