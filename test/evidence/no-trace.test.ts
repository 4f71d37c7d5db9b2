import { afterEach, beforeEach, expect, test } from 'vitest';
import { check, identify } from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith } from '../support/project.js';
import { chainFiles } from './chain.js';

/* Revisions that leave no trace: which of them make an answer ambiguous, and what `check` proposes for the others. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

test.each([
  ['only grants', 'GRANT SELECT ON t TO PUBLIC; REVOKE INSERT ON t FROM PUBLIC;', 'exact'],
  ['sets default rights', 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;', 'exact'],
  ['only comments', "COMMENT ON TABLE t IS 'T';", 'exact'],
  ['only reads', 'SELECT 1;', 'exact'],
  ['sets something', "SET lock_timeout = '5s'; SELECT count(*) FROM t;", 'exact'],
  ['writes rows', 'INSERT INTO t VALUES (1);', 'ambiguous'],
  ['calls something', "SELECT pg_notify('a', 'b'), lo_create(0);", 'ambiguous'],
])('one that %s: %s is %s', async (_, upgrade, match) => {
  const revisions = folderWith(chainFiles({ a: 'CREATE TABLE t (id int);', b: upgrade }));
  await catalogueOf(revisions);
  await database.query('CREATE TABLE t (id int)');
  expect((await identify({ revisions, database: database.url })).match).toBe(match);
});

test('check proposes what is guarded, once, and verify proves it', async () => {
  const files = chainFiles({
    a: 'CREATE TABLE t (id int PRIMARY KEY);',
    b: 'CREATE TABLE IF NOT EXISTS u (id int); INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING;',
    c: 'GRANT SELECT ON t TO PUBLIC;',
  });
  const revisions = folderWith(files);
  const { ok, problems, proposals } = await check({ revisions });
  expect([ok, problems]).toEqual([true, []]);
  expect(proposals?.map(({ revision }) => revision)).toEqual(['b']);
  const said = await run(revisions, ['check', '--revisions', revisions]);
  expect([said.exitValue, said.stderr]).toEqual([
    0,
    expect.stringContaining('revgraph verify --idempotent b'),
  ]);
  await run(revisions, ['upgrade', '--revisions', revisions, '--url', database.url]);
  const proven = await run(revisions, [
    'verify',
    '--idempotent',
    'b',
    '--revisions',
    revisions,
    '--url',
    database.url,
  ]);
  expect(proven.exitValue).toBe(0);
  const declared = folderWith({
    ...files,
    'b.sql': (files['b.sql'] as string).replace('-- @revises a', '-- @revises a\n-- @idempotent'),
  });
  expect((await check({ revisions: declared })).proposals).toBeUndefined();
});
