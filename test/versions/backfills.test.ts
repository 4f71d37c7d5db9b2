import { expect, test } from 'vitest';
import { defineRevision, downgrade, undo, upgrade, verify, workBackfills } from '../../lib/index.js';
import { folderWith, sql } from '../support/project.js';
import { VERSIONS, withPlace } from './everywhere.js';

const ROWS = `
  CREATE TABLE t (k text, id numeric(12, 2), n int NOT NULL DEFAULT 0, b text, meta jsonb, PRIMARY KEY (k, id)) PARTITION BY LIST (k);
  CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a');
  CREATE TABLE t_rest PARTITION OF t DEFAULT;
  INSERT INTO t (k, id) SELECT chr(97 + n % 5), n / 4.0 FROM generate_series(1, 3000) n;`;

const background = defineRevision({
  revision: 'count',
  revises: 'base1',
  background: true,
  verify: { title: 'all counted once', sql: 'SELECT count(*) FROM t WHERE n <> 1', expect: 0 },
  upgrade: ({ batches }) =>
    batches({
      table: 't',
      key: ['k', 'id'],
      group: 1,
      size: 200,
      run: (rows, { db }) =>
        db.query('UPDATE t SET n = n + 1 WHERE k = ANY($1)', [[...new Set(rows.map(({ k }) => k))]]),
    }),
});
const fill = defineRevision({
  revision: 'fill',
  revises: 'count',
  upgrade: ({ batches }) =>
    batches({
      table: 't',
      key: ['k', 'id'],
      mark: 'meta.by',
      change: ({ id }) => ({ set: { b: String(id) }, merge: { meta: { x: [1] } } }),
    }),
  downgrade: ({ undo: back }) => back(),
});

test.each(VERSIONS)('%s: batches, undo, the background, side by side', async (version) => {
  await withPlace(version, async ({ source, run }) => {
    await run(ROWS);
    const base = defineRevision({ revision: 'base1', upgrade: 'CREATE TABLE base1 ()' });
    const options = { revisions: [base, background, fill], database: source };
    await upgrade({ ...options, target: 'base1' });
    await upgrade(options);
    const connections = typeof source === 'string' ? 3 : 1;
    expect(await workBackfills({ ...options, connections })).toMatchObject({
      worked: [{ revision: 'count', backfills: [{ scanned: 3000, changed: 3000 }] }],
    });
    expect(await verify(options)).toMatchObject({ ok: true });
    await undo({ ...options, target: 'fill' });
    await run(
      'DO $$ BEGIN ASSERT (SELECT count(*) FROM t WHERE b IS NULL AND meta IS NULL AND n = 1) = 3000; END $$',
    );
  });
});

test.each(VERSIONS)('%s: a @batch section and what takes it back', async (version) => {
  await withPlace(version, async ({ source, run }) => {
    await run(ROWS);
    const revisions = folderWith({
      'fill.sql': sql('fill', {
        more: `-- @batch table t key k, id size 100 fills b mark meta.done
UPDATE t SET b = t.k || t.id, meta = coalesce(meta, '{}') || '{"done": "fill"}' FROM batch WHERE (t.k, t.id) = (batch.k, batch.id);`,
      }),
    });
    await run("UPDATE t SET meta = '{}'");
    await upgrade({ revisions, database: source });
    await run('DO $$ BEGIN ASSERT (SELECT count(*) FROM t WHERE b = k || id) = 3000; END $$');
    await downgrade({ revisions, database: source, target: 'base' });
    await run("DO $$ BEGIN ASSERT (SELECT count(*) FROM t WHERE b IS NULL AND meta = '{}') = 3000; END $$");
  });
});
