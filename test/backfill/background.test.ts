import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  backfillStatus,
  boot,
  check,
  defineRevision,
  readiness,
  status,
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
    /@requires backfill fill, which does not come before aside[\s\S]*@requires backfill nothing, which is no revision/,
  );
  const options = { revisions: [base, fill, aside, lost], database: database.url };
  await expect(upgrade({ ...options, target: 'aside' })).rejects.toMatchObject({
    code: 'requirement_unmet',
    message: expect.stringContaining('which is not applied'),
  });
});
