import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/command-line.js';
import { freshDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

const A = sql('a', {
  upgrade:
    'CREATE TABLE people (id int PRIMARY KEY, name text, short text);\nINSERT INTO people SELECT n, n FROM generate_series(1, 50) n;',
  downgrade: 'DROP TABLE people;',
});
const FILL = `-- fills short
--
-- @revision fill
-- @revises a
-- @background

-- @batch "short names" table people key id size 10 fills short
UPDATE people SET short = left(name, 1) FROM batch WHERE people.id = batch.id;
`;

test('catalogue build --html writes the history of each table', async () => {
  const folder = folderWith({
    'revisions/a.sql': A,
    'revisions/b.sql': sql('b', { revises: 'a', upgrade: 'ALTER TABLE people ADD COLUMN age int;' }),
  });
  const { exitValue, stderr } = await run(folder, ['catalogue', 'build', '--html', 'out/history.html']);
  expect([exitValue, stderr]).toEqual([0, expect.any(String)]);
  const html = readFileSync(join(folder, 'out/history.html'), 'utf8');
  expect(html).toMatch(/<code>public\.people<\/code> · 2 revisions/);
  expect(html).toContain('+ column public.people.age: integer');
});

test('backfill work --html writes its course', async () => {
  const database = await freshDatabase();
  const folder = folderWith({ 'revisions/a.sql': A });
  expect((await run(folder, ['upgrade', '--url', database.url])).exitValue).toBe(0);
  const both = folderWith({ 'revisions/a.sql': A, 'revisions/fill.sql': FILL });
  expect((await run(both, ['upgrade', '--url', database.url])).exitValue).toBe(0);
  const worked = await run(both, ['backfill', 'work', '--html', 'course.html', '--url', database.url]);
  await database.drop();
  expect([worked.exitValue, worked.stderr]).toEqual([0, expect.any(String)]);
  expect(readFileSync(join(both, 'course.html'), 'utf8')).toContain('50 of 50 rows');
});
