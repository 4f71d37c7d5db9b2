import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { boot, script, stamp, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase } from '../support/databases.js';
import { databasePerTest, tableRevision as make } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* A run as another role than the one that connects: what is made belongs to that one. */

const { database, on } = databasePerTest();
const [owner, login, other] = ['rg_owner', 'rg_login', 'rg_other'].map((name) => `${name}_${process.pid}`);

beforeAll(async () => {
  const { query, drop } = await freshDatabase();
  await query(
    `CREATE ROLE ${owner}; CREATE ROLE ${other}; CREATE ROLE ${login} LOGIN PASSWORD 'pw' IN ROLE ${owner}, ${other}`,
  );
  await drop();
});
afterAll(async () => {
  const { query, drop } = await freshDatabase();
  await query(`DROP ROLE ${login}, ${owner}, ${other}`);
  await drop();
});
beforeEach(() => database.query(`GRANT CREATE ON SCHEMA public TO ${owner}, ${other}`));

const asLogin = (): string => {
  const url = new URL(database.url);
  url.username = login as string;
  url.password = 'pw';
  return url.href;
};
const owners = async () =>
  Object.fromEntries(
    (await database.query("SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public'")).map(
      (row) => [row.tablename, row.tableowner],
    ),
  );

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: asLogin() });
  // The database goes before the client does.
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

const revisions = [
  make('a1'),
  // Whoever changes its role in the middle changes it for itself.
  make('a2', ['a1'], {
    upgrade: `SET ROLE ${other}; CREATE TABLE t_a2 (id int)`,
    downgrade: 'DROP TABLE t_a2',
  }),
  make('a3', ['a2']),
];
const EXPECTED = {
  t_a1: owner,
  t_a2: other,
  t_a3: owner,
  revgraph_version: owner,
  revgraph_ledger: owner,
};

test('upgrade and boot', async () => {
  const options = { ...on(revisions), database: asLogin(), role: owner };
  expect((await upgrade({ ...options, target: 'a1' })).to).toEqual(['a1']);
  expect(await boot(options)).toMatchObject({ state: 'current' });
  expect(await owners()).toEqual(EXPECTED);
});

test('a lent client has its own role again', async () => {
  const client = await connected();
  await client.query(`SET ROLE ${other}`);
  await upgrade({ ...on(revisions), database: client, role: owner });
  expect(await owners()).toEqual(EXPECTED);
  expect((await client.query('SELECT current_user::text AS role')).rows).toEqual([{ role: other }]);
});

test('a script takes the role, and comes back to it', async () => {
  const { text } = await script({ ...on(revisions), role: owner, direction: 'upgrade', target: 'base:head' });
  const client = await connected();
  await client.query(text);
  expect(await owners()).toEqual(EXPECTED);
  const stamped = await stamp({ ...on(revisions), role: owner, target: 'a3', dryRun: true });
  expect(stamped.to).toEqual(['a3']);
});

test('one that is not there, or that may not be taken, is refused before anything is asked', async () => {
  const files = folderWith({ 'a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);' }) });
  const args = ['upgrade', '--revisions', '.', '--url', asLogin(), '--role'];
  const absent = await run(files, [...args, 'nobody_here']);
  expect(absent).toMatchObject({ exitValue: 2 });
  expect(absent.stderr).toContain('The role nobody_here can\'t be taken: role "nobody_here" does not exist');
  const forbidden = { ...on(revisions), database: asLogin(), role: 'postgres' };
  await expect(upgrade(forbidden)).rejects.toMatchObject({ code: 'role_refused' });
  expect(await owners()).toEqual({});
});
