import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { advised, type } from '../support/advice.js';
import { run, start, until } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* A backfill in place that did not come to its end: what is said, typed, leads there. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
  await database.query('CREATE TABLE t (id int PRIMARY KEY, v text, n int, by text)');
});
afterEach(() => database.drop());

const fillRows = (count: number, bad: number) =>
  database.query(
    `INSERT INTO t SELECT g, CASE WHEN g <= ${bad} THEN 'x' ELSE g::text END FROM generate_series(1, ${count}) g`,
  );
const mend = () => database.query("UPDATE t SET v = id::text WHERE v = 'x'");

const FILES = {
  'revisions/b.sql': sql('b', {
    more: `-- @batch "numbers" table t key id size 50
UPDATE t SET n = v::int WHERE id IN (SELECT id FROM batch)
-- @verify "every row has its number" expect 0
SELECT count(*) FROM t WHERE n IS NULL;`,
    downgrade: 'UPDATE t SET n = NULL;',
  }),
  'revisions/c.sql': sql('c', {
    revises: 'b',
    header: '-- @requires backfill b',
    upgrade: 'ALTER TABLE t ALTER n SET NOT NULL;',
    downgrade: 'ALTER TABLE t ALTER n DROP NOT NULL;',
  }),
};

const revgraph = (folder: string, ...args: string[]) => run(folder, [...args, '--url', database.url]);
const unfinished = async (folder: string) =>
  JSON.parse((await revgraph(folder, 'status', '--json')).stdout).unfinished;
const ended = async (folder: string) => {
  const { exitValue, stdout, stderr } = await revgraph(folder, 'upgrade');
  expect([exitValue, stdout + stderr]).toEqual([0, expect.stringContaining('c (head)')]);
  expect(await database.query('SELECT count(*)::int AS n FROM t WHERE n IS DISTINCT FROM id')).toEqual([
    { n: 0 },
  ]);
  expect(await unfinished(folder)).toEqual([]);
};

describe('rows in quarantine', () => {
  test('that are fixed: the next upgrade goes on, though a revision of the plan asks for the backfill', async () => {
    const folder = folderWith(FILES);
    await fillRows(200, 15);
    const { exitValue, stderr } = await revgraph(folder, 'upgrade');
    expect([exitValue, stderr.match(/row \d+ failed/g)?.length]).toEqual([4, 10]);
    expect(stderr).toContain('b: numbers: more rows fail; they are not printed one by one');
    expect(await unfinished(folder)).toEqual([
      { revision: 'b', name: 'numbers', state: 'incomplete', failed: 15, next: 'revgraph backfill status b' },
    ]);
    const shown = await revgraph(folder, 'backfill', 'status', 'b');
    expect([shown.stdout.match(/^ {2}failed/gm)?.length, shown.stdout]).toEqual([
      10,
      expect.stringContaining('  and 5 more'),
    ]);
    await mend();
    await ended(folder);
  });

  test('that were accepted, and a check finds them: the advice, typed, leads to the end', async () => {
    const folder = folderWith(FILES);
    await fillRows(100, 2);
    await revgraph(folder, 'upgrade');
    expect((await revgraph(folder, 'backfill', 'accept', 'b', '--reason', 'junk')).exitValue).toBe(0);
    const failed = await revgraph(folder, 'upgrade');
    expect([failed.exitValue, failed.stderr]).toEqual([
      1,
      expect.stringContaining('2 rows of its backfill were accepted as they are'),
    ]);
    expect(await unfinished(folder)).toMatchObject([{ state: 'done', next: 'revgraph upgrade b' }]);
    await mend();
    const [retry, upgrade] = advised(failed.stderr);
    expect([retry, upgrade]).toEqual([
      expect.stringMatching(/^revgraph backfill retry b/),
      expect.stringMatching(/^revgraph upgrade/),
    ]);
    for (const line of [retry, upgrade])
      expect(await type(folder, line ?? '', { DATABASE_URL: database.url })).toMatchObject({ exitValue: 0 });
    await ended(folder);
  });
});

test('one that would only come later in the run is asked to be a prerequisite', async () => {
  const folder = folderWith({
    'revisions/a.sql': sql('a', { header: '-- @requires backfill b', upgrade: 'SELECT 1;' }),
    'revisions/b.sql': FILES['revisions/b.sql'],
  });
  const { exitValue, stderr } = await revgraph(folder, 'upgrade', 'heads');
  expect([exitValue, stderr]).toEqual([
    4,
    expect.stringContaining('which this run would come to later. Name that revision in @depends-on as well'),
  ]);
  writeFileSync(
    join(folder, 'revisions/a.sql'),
    sql('a', { header: '-- @depends-on b\n-- @requires backfill b', upgrade: 'SELECT 1;' }),
  );
  expect((await revgraph(folder, 'upgrade', 'heads')).exitValue).toBe(0);
});

const SLOW = {
  'revisions/b.mjs': `/** @revision b */
export const upgrade = ({ batches }) => batches({
  table: 't', key: 'id', size: 20, maxSize: 20, mark: 'by', concurrency: 1,
  change: async ({ id }) => { await new Promise((go) => setTimeout(go, Number(process.env.SLOW ?? 0))); return { set: { n: id } }; },
});
export const downgrade = ({ undo }) => undo();
`,
  'revisions/c.sql': FILES['revisions/c.sql'],
};

test('paused, cancelled and killed ones are told by status, with the command that goes on', async () => {
  const folder = folderWith(SLOW);
  await fillRows(400, 0);
  const upgrade = start(folder, ['upgrade', '--url', database.url], { SLOW: '4' });
  const changed = async () => Number((await database.query('SELECT count(n) AS n FROM t'))[0]?.n);
  await until(async () => (await changed()) >= 40, 'the first batches');
  await revgraph(folder, 'backfill', 'pause', 'b');
  const resume = 'revgraph backfill resume b';
  expect(await unfinished(folder)).toMatchObject([{ revision: 'b', state: 'paused', next: resume }]);
  upgrade.child.kill('SIGKILL');
  await upgrade.finished;
  // One that begins now does not wait for an order that it can't know of.
  expect(await revgraph(folder, 'upgrade')).toMatchObject({
    exitValue: 4,
    stderr: expect.stringMatching(/The backfill of b is paused[\s\S]*`revgraph backfill resume b /),
  });
  expect(await revgraph(folder, 'upgrade', '--dry-run')).toMatchObject({
    exitValue: 4,
    stderr: expect.stringContaining('The backfill of b is paused'),
  });
  const explained = await revgraph(folder, 'explain', 'b', '--json');
  expect(JSON.parse(explained.stdout)).toMatchObject({ next: expect.stringContaining('backfill resume b') });
  await revgraph(folder, 'backfill', 'cancel', 'b');
  expect((await revgraph(folder, 'upgrade', '--dry-run')).stderr).toContain(
    'The backfill of b was cancelled',
  );
  expect((await revgraph(folder, 'status')).stdout).toContain(`backfill  b (t) was cancelled; \`${resume} `);
  expect((await revgraph(folder, 'backfill', 'resume', 'b')).exitValue).toBe(0);
  expect(await unfinished(folder)).toMatchObject([{ state: 'interrupted', next: 'revgraph upgrade b' }]);
  await ended(folder);
});

test('an undo of many rows asks first', async () => {
  const folder = folderWith({
    'revisions/b.sql': sql('b', {
      more: `-- @batch "numbers" table t key id size 5000 fills n mark by
UPDATE t SET n = id / (10500 - id) * 0 + id, by = 'b' WHERE id IN (SELECT id FROM batch)`,
      header: '-- @irreversible "no"',
    }),
  });
  await fillRows(10_500, 0);
  expect(await revgraph(folder, 'upgrade')).toMatchObject({ exitValue: 4 });
  const asked = await revgraph(folder, 'backfill', 'undo', 'b');
  expect([asked.exitValue, asked.stderr]).toEqual([
    4,
    expect.stringContaining('The undo of b takes back 10499 rows'),
  ]);
  expect(await database.query('SELECT count(n)::int AS n FROM t')).toEqual([{ n: 10_499 }]);
  expect((await revgraph(folder, 'backfill', 'undo', 'b', '--yes')).exitValue).toBe(0);
  expect(await database.query('SELECT count(n)::int AS n, count(by)::int AS by FROM t')).toEqual([
    { n: 0, by: 0 },
  ]);
});
