import { afterEach, beforeEach, expect, test } from 'vitest';
import { defineRevision, downgrade, type Event, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
  await database.query(
    "CREATE TABLE t (id int PRIMARY KEY, a int, b text, meta jsonb NOT NULL DEFAULT '{}')",
  );
  await database.query('INSERT INTO t SELECT n, n FROM generate_series(1, 2500) n');
});
afterEach(() => database.drop());

test('change: set, skip, counts, ledger', async () => {
  const events: Event[] = [];
  const r = defineRevision({
    revision: 'fill',
    upgrade: async ({ batches }) => {
      await batches<{ id: number; a: number }>({
        table: 't',
        key: 'id',
        mark: 'meta.by',
        change: async (row, { skip }) =>
          row.a % 10 === 0 ? skip('round') : { set: { b: `v${row.a}` }, merge: { meta: { x: row.a } } },
      });
    },
    downgrade: ({ undo }) => undo(),
  });
  const options = { revisions: [r], database: database.url, onEvent: (e: Event) => events.push(e) };
  await upgrade(options);
  expect(
    await database.query(
      "SELECT count(*)::int n FROM t WHERE b = 'v' || a AND meta->>'by' = 'fill' AND (meta->>'x')::int = a",
    ),
  ).toEqual([{ n: 2250 }]);
  const [entry] = await database.query('SELECT statistics FROM revgraph_ledger');
  expect(entry).toMatchObject({
    statistics: {
      backfills: [{ scanned: 2500, changed: 2250, skipped: 250, failed: 0, reasons: { round: 250 } }],
    },
  });
    events.filter((e) => e.type === 'backfill-progress').slice(-1),
    await database.query('SELECT * FROM revgraph_backfill'),
  );
  await downgrade({ ...options, target: 'base' });
  expect(await database.query("SELECT count(*)::int n FROM t WHERE b IS NULL AND meta = '{}'")).toEqual([
    { n: 2500 },
  ]);
});

test('run: a bad row is split out and quarantined', async () => {
  const r = defineRevision({
    revision: 'fill',
    upgrade: async ({ batches }) => {
      await batches<{ id: number; a: number }>({
        table: 't',
        key: 'id',
        run: (rows, { db }) =>
          db.query('UPDATE t SET b = (10 / (a - 777))::text WHERE id = ANY($1)', [rows.map((r) => r.id)]),
      });
    },
  });
  const options = { revisions: [r], database: database.url };
  const error = await upgrade(options).catch((e: unknown) => e);
  expect(error).toMatchObject({
    code: 'backfill_incomplete',
    details: { failed: 1, rows: [{ key: ['777'], error: 'division by zero' }] },
  });
  expect(await database.query('SELECT count(*)::int n FROM t WHERE b IS NOT NULL')).toEqual([{ n: 2499 }]);
  await database.query('UPDATE t SET a = 0 WHERE id = 777');
  await upgrade(options);
  expect(await database.query('SELECT count(*)::int n FROM t WHERE b IS NOT NULL')).toEqual([{ n: 2500 }]);
  expect(
    await database.query('SELECT scanned::int, changed::int, failed::int, state FROM revgraph_backfill'),
  ).toEqual([{ scanned: 2500, changed: 2500, failed: 0, state: 'finished' }]);
});
