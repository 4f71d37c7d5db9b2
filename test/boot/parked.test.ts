import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { boot, type Event, retry, status, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* What fails for good is not tried for ever; what fails by chance is tried again at once. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const FAILS = (n: string) =>
  sql('b', { revises: 'a', upgrade: `SELECT 1 / (SELECT count(*)::int FROM gate) + ${n};` });
const folder = () =>
  folderWith({ 'a.sql': sql('a', { upgrade: 'CREATE TABLE gate (id int);' }), 'b.sql': FAILS('1') });
const on = (revisions: string) => ({ revisions, database: database.url });

async function failThrice(revisions: string): Promise<void> {
  for (let n = 0; n < 3; n++)
    await expect(boot(on(revisions))).rejects.toMatchObject({ code: 'step_failed' });
  const parked = {
    code: 'revision_parked',
    exitValue: 4,
    details: { revision: 'b', failures: 3, reason: 'division by zero' },
  };
  await expect(boot(on(revisions))).rejects.toMatchObject(parked);
  // It is not tried: nothing more is in the ledger.
  expect(
    await database.query("SELECT count(*)::int AS n FROM revgraph_ledger WHERE outcome = 'failed'"),
  ).toEqual([{ n: 3 }]);
}

test('a revision that failed three times is refused by boot; retry lets it be tried again', async () => {
  const revisions = folder();
  await failThrice(revisions);
  const failed = { revision: 'b', failures: 3, parked: true, reason: 'division by zero' };
  expect(await status(on(revisions))).toMatchObject({ state: 'behind', failed: [failed] });
  const { stdout } = await run(revisions, ['status', '--revisions', '.', '--url', database.url]);
  expect(stdout).toContain('b failed 3 times in a row: division by zero; boot does not try it again');
  await database.query('INSERT INTO gate VALUES (1)');
  await expect(boot(on(revisions))).rejects.toMatchObject({ code: 'revision_parked' });
  expect(await retry({ ...on(revisions), revision: 'b', reason: 'the data is there' })).toMatchObject({
    revision: 'b',
    was: 'failed',
  });
  expect((await boot(on(revisions))).state).toBe('current');
});

test('so does another text, and an upgrade by hand asks nobody', async () => {
  const revisions = folder();
  await failThrice(revisions);
  writeFileSync(join(revisions, 'b.sql'), FAILS('2'));
  expect(await status(on(revisions))).toMatchObject({ failed: [] });
  await expect(boot(on(revisions))).rejects.toMatchObject({ code: 'step_failed' });
  writeFileSync(join(revisions, 'b.sql'), FAILS('1'));
  await expect(boot(on(revisions))).rejects.toMatchObject({ code: 'revision_parked' });
  await expect(upgrade(on(revisions))).rejects.toMatchObject({ code: 'step_failed' });
});

test('another id is no other text: it stays refused under the new one, and retry counts for it', async () => {
  const revisions = folder();
  await failThrice(revisions);
  rmSync(join(revisions, 'b.sql'));
  const renamed = {
    revises: 'a',
    header: '-- @formerly b',
    upgrade: 'SELECT 1 / (SELECT count(*)::int FROM gate) + 1;',
  };
  writeFileSync(join(revisions, 'c.sql'), sql('c', renamed));
  const parked = { code: 'revision_parked', details: { revision: 'c', failures: 3 } };
  await expect(boot(on(revisions))).rejects.toMatchObject(parked);
  expect(await status(on(revisions))).toMatchObject({
    failed: [{ revision: 'c', failures: 3, parked: true }],
  });
  await retry({ ...on(revisions), revision: 'c', reason: 'once more' });
  expect(await status(on(revisions))).toMatchObject({ failed: [] });
  await expect(boot(on(revisions))).rejects.toMatchObject({ code: 'step_failed' });
  expect(await status(on(revisions))).toMatchObject({ failed: [{ revision: 'c', failures: 1 }] });
});

test('a deadlock, and a snapshot that was overtaken, are tried again', async () => {
  await database.query(
    'CREATE TABLE one (n int); CREATE TABLE two (n int); INSERT INTO one VALUES (1); INSERT INTO two VALUES (1)',
  );
  const other = new pg.Client({ connectionString: database.url });
  other.on('error', () => {});
  await other.connect();
  onTestFinished(() => other.end());
  // Each of its tries meets the other one in the middle, until that is through.
  await other.query("SET deadlock_timeout = '10s'; BEGIN; UPDATE one SET n = n + 1");
  const revisions = folderWith({
    'a.sql': sql('a', {
      upgrade:
        "SET LOCAL deadlock_timeout = '50ms';\nUPDATE two SET n = n + 1;\nSELECT pg_sleep(0.2);\nUPDATE one SET n = n + 1;",
    }),
    'b.sql': sql('b', {
      revises: 'a',
      upgrade:
        'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nSELECT count(*) FROM one;\nSELECT pg_sleep(0.3);\nUPDATE one SET n = n + 1;',
    }),
  });
  const retried: string[] = [];
  const waits: Promise<unknown>[] = [];
  const onEvent = (event: Event): void => {
    if (event.type === 'step-retried') retried.push(event.revision);
    if (event.type === 'step-started' && event.revision === 'b' && waits.length === 1)
      waits.push(
        new Promise((resolve) => setTimeout(resolve, 100)).then(() =>
          database.query('UPDATE one SET n = n + 10'),
        ),
      );
  };
  const run = upgrade({ ...on(revisions), onEvent, preflight: 'off' });
  await new Promise((resolve) => setTimeout(resolve, 150));
  waits.push(other.query('UPDATE two SET n = n + 1; COMMIT'));
  await run;
  await Promise.all(waits);
  expect(retried[0]).toBe('a');
  expect(await database.query('SELECT one.n AS one, two.n AS two FROM one, two')).toEqual([
    { one: 14, two: 3 },
  ]);
});
