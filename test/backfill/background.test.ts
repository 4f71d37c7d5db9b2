import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  backfillStatus,
  boot,
  check,
  defineRevision,
  downgrade,
  readiness,
  resumeBackfill,
  stamp,
  status,
  undoBackfill,
  upgrade,
  verify,
  verifyIdempotent,
  workBackfills,
} from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';

/* base ─ fill (background) ─ after ─ needs (requires backfill fill) ─ last */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const base = defineRevision({
  revision: 'base1',
  upgrade:
    'CREATE TABLE t (id int PRIMARY KEY, g int, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT n, n / 7 FROM generate_series(1, 5000) n',
});
const fill = defineRevision({
  revision: 'fill',
  revises: 'base1',
  background: true,
  verify: { title: 'all counted', sql: 'SELECT count(*) FROM t WHERE n <> 1', expect: 0 },
  upgrade: ({ batches }) =>
    batches({
      table: 't',
      key: 'id',
      size: 100,
      maxSize: 300,
      run: (rows, { db }) =>
        db.query('UPDATE t SET n = n + 1 WHERE id = ANY($1)', [rows.map(({ id }) => id)]),
    }),
});
const later = defineRevision({ revision: 'later', revises: 'fill', upgrade: 'CREATE TABLE later ()' });
const needs = defineRevision({
  revision: 'needs',
  revises: 'later',
  requires: 'backfill fill',
  upgrade: 'CREATE TABLE needs ()',
});
const last = defineRevision({ revision: 'last', revises: 'needs', upgrade: 'CREATE TABLE last ()' });
const revisions = [base, fill, later, needs, last];

const counted = async () => (await database.query('SELECT count(*)::int AS n FROM t WHERE n = 1'))[0]?.n;

test('an upgrade queues it and goes on; what requires it is refused before, and passes after', async () => {
  const options = { revisions, database: database.url };
  await upgrade({ ...options, target: 'base1' });
  await expect(upgrade(options)).rejects.toMatchObject({ code: 'requirement_unmet', exitValue: 4 });
  expect(await status(options)).toMatchObject({ current: ['base1'], backfills: [] });
  await upgrade({ ...options, target: 'later' });
  expect(await counted()).toBe(0);
  expect(await status(options)).toMatchObject({ current: ['later'], backfills: ['fill'] });
  await expect(upgrade(options)).rejects.toMatchObject({ code: 'requirement_unmet' });
  expect(await backfillStatus(options)).toMatchObject({ backfills: [{ revision: 'fill', state: 'queued' }] });
  const done = await workBackfills({ ...options, connections: 3 });
  expect(done).toMatchObject({
    worked: [{ revision: 'fill', backfills: [{ scanned: 5000, changed: 5000 }] }],
    left: [],
  });
  expect(await counted()).toBe(5000);
  expect(
    (await database.query('SELECT DISTINCT chunk FROM revgraph_backfill WHERE name <> $1', [''])).length,
  ).toBeGreaterThan(8);
  await upgrade(options);
  expect(await status(options)).toMatchObject({ state: 'current', backfills: [] });
});

test('a boot does what it can and waits for nothing; readiness tells', async () => {
  const options = { revisions, database: database.url };
  await upgrade({ ...options, target: 'base1' });
  expect(await boot(options)).toMatchObject({
    state: 'behind',
    current: ['later'],
    pending: ['needs', 'last'],
    held: ['needs', 'last'],
    steps: [{ revision: 'fill' }, { revision: 'later' }],
  });
  expect(await boot({ ...options, policy: 'verify' })).toMatchObject({ steps: [], held: ['needs', 'last'] });
  expect(await readiness(options).check()).toMatchObject({
    ready: true,
    held: ['needs', 'last'],
    backfills: ['fill'],
  });
  await workBackfills(options);
  expect(await readiness(options).check()).toMatchObject({
    ready: false,
    pending: ['needs', 'last'],
    held: [],
  });
  expect(await boot(options)).toMatchObject({
    state: 'current',
    steps: [{ revision: 'needs' }, { revision: 'last' }],
  });
});

test('on an empty database, or inline, it runs in place', async () => {
  await upgrade({ revisions, database: database.url });
  expect(await counted()).toBe(5000);
});

test('one that fails its verify is not finished', async () => {
  const options = { revisions, database: database.url };
  await upgrade({ ...options, target: 'base1' });
  await database.query('UPDATE t SET n = 5 WHERE id = 1');
  await upgrade({ ...options, target: 'later' });
  await expect(workBackfills(options)).rejects.toMatchObject({ code: 'step_failed' });
  await expect(upgrade(options)).rejects.toMatchObject({ code: 'requirement_unmet' });
  await database.query('UPDATE t SET n = 1 WHERE id = 1');
  expect(await workBackfills(options)).toMatchObject({ worked: [{ backfills: [{ changed: 5000 }] }] });
  await upgrade(options);
});

test('what is unfinished is not verified; a second pass over batches is proof of what is idempotent', async () => {
  const options = { revisions, database: database.url };
  await upgrade({ ...options, target: 'base1' });
  await upgrade({ ...options, target: 'later' });
  expect(await verify(options)).toMatchObject({ ok: true, checks: [] });
  await workBackfills(options);
  expect(await verify(options)).toMatchObject({ ok: true, checks: [{ revision: 'fill' }] });
  expect(await verifyIdempotent({ ...options, revision: 'fill' })).toMatchObject({
    idempotent: false,
    changed: [{ table: 't', updated: 5000 }],
  });
  const once = defineRevision({
    revision: 'once',
    revises: 'last',
    idempotent: true,
    upgrade: ({ batches }) =>
      batches({ table: 't', key: 'id', where: 'g <> 0', change: () => ({ set: { g: 0 } }) }),
  });
  const more = { ...options, revisions: [...revisions, once] };
  await upgrade(more);
  expect(await verifyIdempotent({ ...more, revision: 'once' })).toMatchObject({
    idempotent: true,
    changed: [],
  });
});

test('what is required has to come before: check says so, and so does a run', async () => {
  const aside = defineRevision({
    revision: 'aside',
    requires: 'backfill fill',
    upgrade: 'CREATE TABLE aside ()',
  });
  const lost = defineRevision({
    revision: 'lost',
    revises: 'aside',
    requires: 'backfill nothing',
    upgrade: 'SELECT 1',
  });
  const { problems } = await check({ revisions: [base, fill, aside, lost] });
  expect(problems.map(({ message }) => message).join('\n')).toMatch(
    /@requires backfill fill, which does not precede aside[\s\S]*@requires backfill nothing, which is not a revision/,
  );
  const options = { revisions: [base, fill, aside, lost], database: database.url };
  await expect(upgrade({ ...options, target: 'aside' })).rejects.toMatchObject({
    code: 'requirement_unmet',
    message: expect.stringContaining('which is not applied'),
  });
});

describe('what is taken back before it is through', () => {
  const marked = defineRevision({
    revision: 'fill',
    revises: 'base1',
    background: true,
    verify: { title: 'all', sql: 'SELECT count(*) FROM t WHERE n IS DISTINCT FROM 1', expect: 0 },
    upgrade: ({ batches }) =>
      batches({
        table: 't',
        key: 'id',
        mark: 'by',
        change: ({ id }) => (id === 13 ? null : { set: { n: 1 } }),
      }),
    downgrade: ({ undo: back }) => back(),
  });
  const waiting = defineRevision({
    revision: 'waiting',
    revises: 'fill',
    requires: 'backfill fill',
    upgrade: 'CREATE TABLE waiting ()',
  });
  const filled = async () => Number((await database.query('SELECT count(n) AS n FROM t'))[0]?.n);
  const prepare = async () => {
    const options = { revisions: [base, marked, waiting], database: database.url };
    await upgrade({ ...options, target: 'base1' });
    await database.query(
      'ALTER TABLE t ALTER n DROP NOT NULL, ALTER n DROP DEFAULT, ADD by text; UPDATE t SET n = NULL',
    );
    await upgrade({ ...options, target: 'fill' });
    return options;
  };

  test('an undo of what is in the background puts it back there: what requires it still waits', async () => {
    const options = await prepare();
    await expect(workBackfills(options)).rejects.toMatchObject({
      code: 'step_failed',
      details: { remains: 'batches' },
    });
    expect(await filled()).toBe(4999);
    expect(await undoBackfill({ ...options, revision: 'fill' })).toMatchObject({
      restored: 4999,
      remaining: 0,
    });
    expect(await filled()).toBe(0);
    expect(await backfillStatus(options)).toMatchObject({
      backfills: [{ revision: 'fill', state: 'cancelled' }],
    });
    await expect(upgrade(options)).rejects.toMatchObject({ code: 'requirement_unmet' });
    expect(await workBackfills(options)).toMatchObject({ worked: [], left: [{ revision: 'fill' }] });
    await resumeBackfill({ ...options, revision: 'fill' });
    await database.query('DELETE FROM t WHERE id = 13');
    expect(await workBackfills(options)).toMatchObject({ worked: [{ backfills: [{ changed: 4999 }] }] });
    await upgrade(options);
  });

  test('what was never begun is only taken out of the queue; what is not applied is not worked on', async () => {
    const options = { revisions: [base, { ...fill, body: fill.body }], database: database.url };
    await upgrade({ ...options, target: 'base1' });
    await upgrade(options);
    await stamp({ ...options, target: ['base1'], reason: 'a test', confirmed: true });
    expect(await workBackfills(options)).toMatchObject({
      worked: [],
      left: [{ why: 'it is no longer applied' }],
    });
    await upgrade(options);
    const reversible = defineRevision({
      revision: 'fill',
      revises: 'base1',
      background: true,
      upgrade: ({ batches }) => batches({ table: 't', key: 'id', run: () => {} }),
      downgrade: 'UPDATE t SET n = n - 1',
    });
    await downgrade({ ...options, revisions: [base, reversible], target: 'base1' });
    expect(await database.query('SELECT DISTINCT n FROM t')).toEqual([{ n: 0 }]);
    expect(await database.query('SELECT * FROM revgraph_backfill')).toEqual([]);
  });
});

test('many workers at once, and one after the other: it is done once', async () => {
  const options = { revisions: [base, fill], database: database.url };
  await upgrade({ ...options, target: 'base1' });
  for (let round = 0; round < 4; round++) {
    await database.query('DELETE FROM t WHERE id > 40; UPDATE t SET n = 0');
    await upgrade({ ...options, target: 'fill' });
    // Each begins a little later than the one before: some read the queue just before the first one is through.
    const workers = Array.from({ length: 8 }, async (_, n) => {
      await new Promise((next) => setTimeout(next, n * 8));
      return workBackfills(options);
    });
    await Promise.all(workers);
    expect(await database.query('SELECT DISTINCT n FROM t')).toEqual([{ n: 1 }]);
    await stamp({ ...options, target: ['base1'], reason: 'once more', confirmed: true });
  }
});

describe('a revision that somebody types', () => {
  const fill2 = defineRevision({ ...definitionOf('fill2'), revises: 'fill' });
  const fill3 = defineRevision({ ...definitionOf('fill3_gone'), revises: 'fill2' });

  test('is the one of exactly that id, whatever begins with it', async () => {
    const options = { revisions: [base, fill, fill2], database: database.url };
    await upgrade({ ...options, target: 'base1' });
    await upgrade(options);
    expect(await workBackfills({ ...options, revision: 'fill' })).toMatchObject({
      worked: [{ revision: 'fill' }],
      left: [],
    });
    await expect(workBackfills({ ...options, revision: 'fil' })).rejects.toMatchObject({
      code: 'prefix_too_short',
      details: { matches: ['fill', 'fill2'] },
    });
    await expect(workBackfills({ ...options, revision: 'fill' })).rejects.toMatchObject({
      code: 'backfill_unknown',
      details: { known: ['fill2'] },
    });
  });

  test('may be one whose file is gone', async () => {
    const all = { revisions: [base, fill, fill2, fill3], database: database.url };
    await upgrade({ ...all, target: 'base1' });
    await upgrade(all);
    const fewer = { ...all, revisions: [base, fill, fill2], unknownRows: 'allow' } as const;
    for (const revision of ['fill3_gone', 'fill3']) {
      expect((await backfillStatus({ ...fewer, revision })).backfills).toMatchObject([
        { revision: 'fill3_gone' },
      ]);
      expect(await workBackfills({ ...fewer, revision })).toMatchObject({
        left: [{ revision: 'fill3_gone', why: 'its file does not exist here' }],
      });
    }
    await expect(backfillStatus({ ...fewer, revision: 'fil' })).rejects.toMatchObject({
      code: 'prefix_too_short',
      details: { matches: ['fill', 'fill2', 'fill3_gone'] },
    });
    await expect(backfillStatus({ ...fewer, revision: 'none' })).rejects.toMatchObject({
      code: 'unknown_revision',
    });
  });
});

function definitionOf(revision: string) {
  return {
    revision,
    background: true,
    upgrade: ({
      batches,
    }: Parameters<Exclude<Parameters<typeof defineRevision>[0]['upgrade'], string | undefined>>[0]) =>
      batches({ table: 't', key: 'id', run: () => {} }),
  };
}
