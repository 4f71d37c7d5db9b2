import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, start, until } from '../support/command-line.js';
import { folderWith, sql } from '../support/project.js';

/* a ─ b on the embedded database of a project folder */

const project = (b = 'CREATE TABLE b (id int);') =>
  folderWith({
    'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);', downgrade: 'DROP TABLE a;' }),
    'revisions/b.sql': sql('b', { revises: 'a', upgrade: b, downgrade: 'DROP TABLE b;' }),
  });

test('it is the default, said on stderr, kept in .revgraph/db, and a second process waits for the first', async () => {
  const folder = project('CREATE TABLE b (id int); SELECT pg_sleep(2);');
  const first = start(folder, ['upgrade']);
  await until(() => /upgrade a/.test(first.said()), 'the first step of the first run');
  const second = start(folder, ['current', '--json']);
  const [one, two] = await Promise.all([first.finished, second.finished]);
  expect([one.exitValue, two.exitValue]).toEqual([0, 0]);
  expect(one.stderr).toMatch(/embedded database in \.revgraph\/db/);
  expect(two.stderr).toMatch(/Waiting: the embedded database is in use by process \d+/);
  expect(JSON.parse(two.stdout)).toMatchObject({ state: 'current', current: ['b'] });
  expect(existsSync(join(folder, '.revgraph/db/data/PG_VERSION'))).toBe(true);
});

test('kill -9 in the middle of a revision leaves a database that the next upgrade completes', async () => {
  const folder = project('CREATE TABLE b (id int); SELECT pg_sleep(600);');
  const first = start(folder, ['upgrade']);
  await until(() => /upgrade a/.test(first.said()), 'the first step');
  await new Promise((resolve) => setTimeout(resolve, 300));
  first.child.kill('SIGKILL');
  await first.finished;
  const mended = project();
  const { exitValue, stdout } = await run(mended, [
    'upgrade',
    '--url',
    `pglite:${join(folder, '.revgraph/db')}`,
  ]);
  expect([exitValue, stdout]).toEqual([0, expect.stringMatching(/1\/1 {2}upgrade b/)]);
});

test('extensions that a revision creates are loaded into it', async () => {
  const folder = folderWith({
    'revisions/a.sql': sql('a', {
      upgrade:
        'CREATE EXTENSION pg_trgm;\nCREATE TABLE a (t text);\nCREATE INDEX ON a USING gin (t gin_trgm_ops);',
      downgrade: 'DROP TABLE a;\nDROP EXTENSION pg_trgm;',
    }),
  });
  expect((await run(folder, ['upgrade'])).exitValue).toBe(0);
  expect((await run(folder, ['downgrade', 'base'])).exitValue).toBe(0);
});

test('an extension that it does not have is told before anything runs', async () => {
  const folder = folderWith({
    'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);', downgrade: 'DROP TABLE a;' }),
    'revisions/b.sql': sql('b', {
      revises: 'a',
      header: '-- @requires extension nosuch\n-- @requires postgres >=99',
      upgrade: 'SELECT 1;',
      downgrade: 'SELECT 1;',
    }),
  });
  const { exitValue, stdout, stderr } = await run(folder, ['upgrade']);
  expect([exitValue, stdout]).toEqual([4, '']);
  expect(stderr).toMatch(/extension nosuch is not available/);
  expect(stderr).toMatch(/requires PostgreSQL >=99/);
});
