import pg from 'pg';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { lockDirectory } from '../../lib/database/connection/directory-lock.js';
import { type Event, status, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql, temporaryFolder } from '../support/project.js';

/* An abort while a run waits is obeyed at once, not when the wait is over. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
  await database.query('CREATE TABLE t (id int)');
});
afterEach(() => database.drop());

/** Holds t, so that nobody else gets it. */
async function holder(): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  // The database is dropped under it.
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN; LOCK TABLE t');
}

test.each([
  ['in a transaction', '', 'before b'],
  ['outside of one', '-- @transaction none', 'between two tries of a statement of b'],
])('between two tries of a step %s', { retry: 2 }, async (_, header, during) => {
  await holder();
  const revisions = folderWith({
    'a.sql': sql('a', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
    'b.sql': sql('b', { revises: 'a', header, upgrade: 'ALTER TABLE t ADD n int;', downgrade: 'SELECT 1;' }),
  });
  const abort = new AbortController();
  let asked = 0;
  const onEvent = (event: Event): void => {
    // The third pause takes 750 ms at least.
    if (event.type !== 'step-retried' || event.attempt !== 3) return;
    setTimeout(() => {
      asked = performance.now();
      abort.abort();
    }, 20);
  };
  const options = { revisions, database: database.url };
  const error = await upgrade({ ...options, lockTimeoutMs: 10, signal: abort.signal, onEvent }).catch(
    (e) => e,
  );
  expect(performance.now() - asked).toBeLessThan(500);
  expect(error).toMatchObject({ code: 'aborted', details: { during, applied: ['a'], remaining: ['b'] } });
  expect((await status(options)).current).toEqual(['a']);
});

// A busy machine is slow now and then, not three times in a row.
test('while another process has the embedded directory', { retry: 2 }, async () => {
  const directory = temporaryFolder();
  const lock = await lockDirectory(directory, 0);
  onTestFinished(() => lock.release());
  const abort = new AbortController();
  const begun = performance.now();
  const error = await lockDirectory(directory, 10_000, () => abort.abort(), abort.signal).catch((e) => e);
  expect(performance.now() - begun).toBeLessThan(90);
  expect(error).toMatchObject({ code: 'aborted', exitValue: 130 });
});
