import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, start, until } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith } from '../support/project.js';

/* One terminal runs a backfill, another one gives it orders. */

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await freshDatabase();
  await database.query('CREATE TABLE t (id int PRIMARY KEY, n int, by text)');
  await database.query('INSERT INTO t SELECT n FROM generate_series(1, 1000) n');
  folder = folderWith({
    'revisions/fill.mjs': `/** @revision fill */
export const upgrade = ({ batches }) => batches({
  table: 't', key: 'id', size: 20, maxSize: 20, mark: 'by', concurrency: 1, targetMs: 100,
  change: async ({ id }) => { await new Promise((go) => setTimeout(go, Number(process.env.SLOW ?? 0))); return { set: { n: id } }; },
});
export const downgrade = ({ undo }) => undo();
`,
  });
});
afterEach(() => database.drop());

const revgraph = (...args: string[]) => run(folder, [...args, '--url', database.url]);
const document = async (...args: string[]) => JSON.parse((await revgraph(...args, '--json')).stdout);
const changed = async () => Number((await database.query('SELECT count(n) AS n FROM t'))[0]?.n);
const cursor = async () =>
  Number((await database.query('SELECT cursor ->> 0 AS n FROM revgraph_backfill'))[0]?.n);

async function underWay() {
  const upgrade = start(folder, ['upgrade', '--url', database.url, '--progress', '0.2'], { SLOW: '4' });
  await until(async () => (await changed().catch(() => 0)) >= 40, 'the first batches');
  return upgrade;
}

// A busy machine is slow now and then, not three times in a row.
test('a pause holds within 2 s; resume goes on at the cursor; the rest is told', { retry: 2 }, async () => {
  const upgrade = await underWay();
  const asked = Date.now();
  expect(await document('backfill', 'pause', 'fill')).toMatchObject({
    revision: 'fill',
    backfills: [{ revision: 'fill', name: 't', state: 'paused', total: 1000 }],
  });
  await until(() => upgrade.said().includes('is paused'), 'the pause');
  expect(Date.now() - asked).toBeLessThan(2_000);
  const [held, at] = [await changed(), await cursor()];
  await new Promise((go) => setTimeout(go, 400));
  expect([await changed(), await cursor()]).toEqual([held, at]);
  expect(held).toBe(at);
  expect(held).toBeLessThan(900);
  await document('backfill', 'resume', 'fill');
  const { exitValue, stderr, stdout } = await upgrade.finished;
  expect(exitValue).toBe(0);
  expect(stderr).toContain('fill: t continues');
  expect(stderr).toMatch(/fill: t: [\d ]+\/1 000 \(\d+ %\), [\d ]+ rows\/s, .* left, at key \d+/);
  expect(stderr).toMatch(/t: 1 000 rows: 1 000 changed, 0 skipped, 0 failed; \d+ batches/);
  expect(stdout).toContain('fill (head)');
  expect(await database.query('SELECT count(*)::int AS n FROM t WHERE n = id')).toEqual([{ n: 1000 }]);
  const [entry] = await database.query("SELECT statistics FROM revgraph_ledger WHERE outcome = 'done'");
  expect(entry).toMatchObject({ statistics: { backfills: [{ scanned: 1000, changed: 1000 }] } });
});

test('a cancelled one is refused, can be resumed, and can be undone', async () => {
  const upgrade = await underWay();
  await document('backfill', 'cancel', 'fill');
  const { exitValue, stderr } = await upgrade.finished;
  expect(exitValue).toBe(4);
  expect(stderr).toMatch(/The backfill of fill was cancelled\. The batches committed so far remain/);
  const held = await changed();
  expect((await revgraph('upgrade')).exitValue).toBe(4);
  expect(await document('backfill', 'status')).toMatchObject({
    backfills: [{ state: 'cancelled', scanned: held }],
  });
  expect(await document('backfill', 'undo', 'fill')).toMatchObject({ restored: held, remaining: 0 });
  expect(
    await database.query('SELECT count(*)::int AS n FROM t WHERE n IS NOT NULL OR by IS NOT NULL'),
  ).toEqual([{ n: 0 }]);
  expect((await document('backfill', 'status')).backfills).toEqual([]);
  expect((await revgraph('upgrade')).exitValue).toBe(0);
  expect(await changed()).toBe(1000);
});

test('Ctrl-C stops between two batches; the same command goes on', async () => {
  const upgrade = await underWay();
  upgrade.child.kill('SIGINT');
  const { exitValue } = await upgrade.finished;
  expect(exitValue).toBe(130);
  const held = await changed();
  expect(held).toBeLessThan(1000);
  expect(await document('backfill', 'status', 'fill')).toMatchObject({
    backfills: [{ state: 'interrupted', scanned: held }],
  });
  expect((await revgraph('backfill', 'status', '--exit-code')).exitValue).toBe(5);
  expect((await revgraph('upgrade')).exitValue).toBe(0);
  expect((await revgraph('backfill', 'status', '--exit-code')).exitValue).toBe(0);
});

test('a revision that has none', async () => {
  expect(await document('backfill', 'pause', 'fill')).toMatchObject({ error: { code: 'backfill_unknown' } });
  expect((await revgraph('backfill', 'status')).stdout).toContain('No backfill has started here.');
  expect((await revgraph('backfill')).stderr).toMatch(/Which of status, dry-run, pause/);
  expect((await revgraph('backfill', 'work')).stdout).toContain('No backfill is waiting in the background.');
});

test('a dry run counts and shows what would be, and changes nothing', async () => {
  const before = await database.query('SELECT * FROM t ORDER BY id');
  const seen = await document('backfill', 'dry-run', 'fill', '--samples', '2');
  expect(seen).toMatchObject({
    revision: 'fill',
    mode: 'run',
    backfills: [
      { name: 't', total: 1000, scanned: 1000, changed: 1000, skipped: 0, failed: 0, failures: [] },
    ],
  });
  expect(seen.backfills[0].samples).toMatchObject([
    { key: ['1'], before: { n: null }, after: { n: 1 } },
    { key: ['2'], before: { n: null }, after: { n: 2 } },
  ]);
  const text = (await revgraph('backfill', 'dry-run', 'fill', '--count')).stdout;
  expect(text).toMatch(/t: 1 000 rows to process\nNothing was changed\./);
  expect(await database.query('SELECT * FROM t ORDER BY id')).toEqual(before);
  const tables = await database.query("SELECT relname FROM pg_class WHERE relname LIKE 'revgraph%'");
  expect(tables).toEqual([]);
});

test('an order is given to the database that is meant, and nowhere else', async () => {
  writeFileSync(join(folder, 'revgraph.config.json'), '{"expect": {"database": "another"}}');
  for (const order of ['pause', 'resume', 'cancel', 'retry', 'undo'])
    expect(await document('backfill', order, 'fill'), order).toMatchObject({
      error: { code: 'wrong_database' },
    });
  const forgetting = await document('backfill', 'forget', 'fill');
  expect(forgetting).toMatchObject({ error: { code: 'confirmation_needed' } });
});
