import pg from 'pg';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { boot, defineRevision, type Event } from '../../lib/index.js';
import { databasePerTest, tableRevision as make, ran } from '../support/history.js';

/* A server that restarts, or an administrator, ends the session of a boot: it begins anew, and every step is done once. */

const { database, on, tables } = databasePerTest();
let ended: number;
let times: number;
beforeEach(() => {
  ended = 0;
  times = 1;
});

/** Ends its own session so often before it does its work. */
const cut = defineRevision({
  revision: 'b1',
  revises: ['a1'],
  upgrade: async ({ db }) => {
    const { rows } = await db.query('SELECT pg_backend_pid() AS pid');
    if (ended++ < times) await database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await db.query('CREATE TABLE t_b1 (id int)');
  },
});
const revisions = [make('a1'), cut, make('c1', ['b1'])];

test('goes on where it was', async () => {
  const events: Event[] = [];
  const result = await boot({ ...on(revisions), onEvent: (event) => events.push(event) });
  expect(result).toMatchObject({ state: 'current', found: 'empty', current: ['c1'] });
  expect(ran(result)).toEqual(['a1', 'b1', 'c1']);
  expect(await tables()).toEqual(['t_a1', 't_b1', 't_c1']);
  expect(events.filter(({ type }) => type === 'database-waiting')).toHaveLength(1);
});

test('a pool gives another client', async () => {
  const pool = new pg.Pool({ connectionString: database.url });
  pool.on('error', () => {});
  onTestFinished(() => pool.end());
  expect(await boot({ ...on(revisions), database: pool })).toMatchObject({ state: 'current' });
});

test('not for ever', async () => {
  times = 10;
  await expect(boot(on(revisions))).rejects.toMatchObject({ code: 'step_failed' });
  expect(ended).toBe(3);
  expect(await tables()).toEqual(['t_a1']);
});

test('not on a client that was lent, and not for what a statement did wrong', async () => {
  const client = new pg.Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  await expect(boot({ ...on(revisions), database: client })).rejects.toMatchObject({ code: 'step_failed' });
  expect(ended).toBe(1);
  let tried = 0;
  const wrong = defineRevision({
    revision: 'b2',
    revises: ['a1'],
    upgrade: async ({ db }) => {
      tried++;
      await db.query('SELECT 1 / 0');
    },
  });
  await expect(boot(on([make('a1'), wrong]))).rejects.toMatchObject({ code: 'step_failed' });
  expect(tried).toBe(1);
});

test('an abort ends the wait', async () => {
  const stop = new AbortController();
  const onEvent = ({ type }: Event) => {
    if (type === 'database-waiting') stop.abort();
  };
  await expect(boot({ ...on(revisions), onEvent, signal: stop.signal })).rejects.toMatchObject({
    code: 'aborted',
    details: { applied: ['a1'] },
  });
});
