import { afterEach, beforeEach, expect, test } from 'vitest';
import { downgrade, log, script, upgrade, verify } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { ran } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* A revision that does nothing on purpose: folders of other tools have many of them. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

test('it goes up and down like any other, in a transaction or not, and by script', async () => {
  const nothing = (id: string, revises: string, header = '') =>
    sql(id, { revises, header, upgrade: '-- nothing to do on PostgreSQL', downgrade: '-- nothing' });
  const folder = folderWith({
    'a.sql': sql('a', { upgrade: 'CREATE TABLE t_a ();', downgrade: 'DROP TABLE t_a;' }),
    'b.sql': nothing('b', 'a'),
    'c.sql': nothing('c', 'b', '-- @transaction none'),
    'd.sql': sql('d', { revises: 'c', upgrade: 'CREATE TABLE t_d ();', downgrade: 'DROP TABLE t_d;' }),
  });
  const on = { revisions: folder, database: database.url };
  expect(ran(await upgrade(on))).toEqual(['a', 'b', 'c', 'd']);
  expect(await verify(on)).toMatchObject({ ok: true });
  expect((await log(on)).entries.map(({ outcome }) => outcome)).toEqual(Array(4).fill('done'));
  expect(ran(await downgrade({ ...on, target: 'a' }))).toEqual(['d', 'c', 'b']);
  expect((await script({ ...on, direction: 'upgrade', target: 'a:d' })).complete).toBe(true);
  expect(ran(await upgrade({ ...on, revisions: folder }))).toEqual(['b', 'c', 'd']);
});

test('what a section or a file lacks is told with what to write', async () => {
  const folder = folderWith({
    'revisions/a.sql': sql('a', { upgrade: '-- does not apply here', downgrade: 'SELECT 1;' }),
    'revisions/b.sql': '-- b\n--\n-- @revision b\n-- @revises a\n',
  });
  const { stdout, stderr } = await run(folder, ['check']);
  expect((stdout + stderr).match(/write `-- (@upgrade` with `-- )?nothing` below it/g)).toHaveLength(2);
});
