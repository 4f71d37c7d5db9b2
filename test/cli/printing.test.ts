import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run, start } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* What can't be printed is no reason to stop in the middle. */

const BINARY = fileURLToPath(new URL('../../dist/bin/revgraph.js', import.meta.url));

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const files = {
  'a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);' }),
  'b.mjs': `/**
 * @revision b
 * @revises a
 */
export async function upgrade({ db }) {
  for (let line = 0; line < 50; line++) {
    console.log('a line of the revision '.repeat(100));
    console.error('and another one '.repeat(100));
    await db.query('SELECT 1');
  }
}
`,
  'c.sql': sql('c', { revises: 'b', upgrade: 'CREATE TABLE c (id int);' }),
};

describe('a run whose reader has gone', () => {
  test.each([
    ['standard output', ['stdout'], []],
    ['standard error', ['stderr'], []],
    ['both', ['stdout', 'stderr'], []],
    ['standard output, with --json', ['stdout'], ['--json']],
    ['standard error, with --json', ['stderr'], ['--json']],
  ] as const)('%s: goes on to its end', async (_, closed, flags) => {
    const { child, finished } = start(folderWith(files), [
      ...['upgrade', '--revisions', '.', '--url', database.url],
      ...flags,
    ]);
    for (const stream of closed) child[stream]?.destroy();
    const { exitValue, stdout } = await finished;
    expect(exitValue).toBe(0);
    expect(await database.query('SELECT revision FROM revgraph_version')).toEqual([{ revision: 'c' }]);
    if (flags.length > 0 && closed[0] === 'stderr') expect(JSON.parse(stdout)).toMatchObject({ to: ['c'] });
  });

  test('keeps the exit value of a failure', async () => {
    const broken = { ...files, 'c.sql': sql('c', { revises: 'b', upgrade: 'SELECT 1 / 0;' }) };
    const args = ['upgrade', '--revisions', '.', '--url', database.url];
    const read = await run(folderWith(broken), args);
    await database.query('DROP TABLE revgraph_version, revgraph_ledger, a');
    const { child, finished } = start(folderWith(broken), args);
    child.stdout?.destroy();
    child.stderr?.destroy();
    expect(read.exitValue).not.toBe(0);
    expect((await finished).exitValue).toBe(read.exitValue);
  });
});

test.runIf(existsSync('/dev/full'))('a full disk is told of when everything is done', async () => {
  const command = `exec '${process.execPath}' '${BINARY}' upgrade --revisions . --url '${database.url}' > /dev/full`;
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: folderWith(files), encoding: 'utf8' });
  expect(stderr).toMatch(/standard output.*ENOSPC/);
  expect(status).toBe((await run('.', ['heads', '--revisions', '/nowhere'])).exitValue);
  expect(await database.query('SELECT revision FROM revgraph_version')).toEqual([{ revision: 'c' }]);
});
