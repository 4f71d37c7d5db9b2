import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withAdvisoryLock } from '../../lib/database/connection/lock.js';
import { boot, EVENT_LEVELS, type Event, type EventOf, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* What every event has: a level, which its type decides. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const FILES = { 'a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);' }) };

test('each has the level of its type, also those that boot hands on', async () => {
  const events: Event[] = [];
  const schema = 'levels';
  await database.query(`CREATE SCHEMA ${schema}`);
  const revisions = folderWith(FILES);
  await boot({ revisions, database: database.url, schema, onEvent: (event) => events.push(event) });
  const types = events.map(({ type }) => type);
  expect(types).toEqual(['state-found', 'planned', 'step-started', 'step-finished']);
  for (const { type, level } of events) expect([type, level]).toEqual([type, EVENT_LEVELS[type]]);
});

test('a step that fails is told of, with the reason and the error code', async () => {
  const events: Event[] = [];
  const revisions = folderWith({
    ...FILES,
    'b.sql': sql('b', { revises: 'a', upgrade: 'SELECT 1/0;' }),
  });
  const run = upgrade({
    revisions,
    database: database.url,
    schema: 'levels',
    onEvent: (event) => events.push(event),
  });
  await expect(run).rejects.toMatchObject({ code: 'step_failed' });
  const failed = events.at(-1) as EventOf<'step-failed'>;
  expect(failed).toEqual({
    type: 'step-failed',
    level: 'error',
    revision: 'b',
    message: 'Revision b of a test',
    direction: 'upgrade',
    number: 1,
    total: 1,
    ms: expect.any(Number),
    code: 'step_failed',
    sqlstate: '22012',
    reason: 'division by zero',
  });
});

test('a run that waited for the lock tells how long; one that did not tells nothing', async () => {
  const holder = new pg.Client({ connectionString: database.url });
  const waiter = new pg.Client({ connectionString: database.url });
  await Promise.all([holder.connect(), waiter.connect()]);
  const told: string[] = [];
  const options = {
    onWaiting: () => void told.push('waits'),
    onObtained: (ms: number) => void told.push(typeof ms),
  };
  let second: Promise<void> | null = null;
  await withAdvisoryLock(holder, '7', options, async () => {
    second = withAdvisoryLock(waiter, '7', options, async () => void told.push('has it'));
    while (!told.includes('waits')) await new Promise((resolve) => setTimeout(resolve, 5));
  });
  await second;
  await Promise.all([holder.end(), waiter.end()]);
  expect(told).toEqual(['waits', 'number', 'has it']);
});
