import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { copyInto } from '../../lib/database/bulk/copy.js';
import { withReadOnlySession } from '../../lib/database/connection/read-only.js';
import type { Queryable } from '../../lib/database/connection/session.js';
import { withSettings } from '../../lib/database/connection/settings.js';
import {
  assertFinished,
  FailedTransaction,
  withQuestion,
  withReadOnly,
  withRollback,
  withTransaction,
  withTrial,
} from '../../lib/database/connection/transaction.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';

/* A connection that breaks while something fails: the rollback fails as well, and is never what is reported. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

type Way = (client: Queryable, action: () => Promise<never>) => Promise<unknown>;

const WAYS: readonly (readonly [string, Way])[] = [
  ['withRollback', (client, action) => withRollback(client, action)],
  ['withReadOnly', (client, action) => withReadOnly(client, action)],
  ['withTrial', (client, action) => withTrial(client, action)],
  ['withQuestion', (client, action) => withQuestion(client, [['lock_timeout', '1s']], action)],
  ['withSettings', (client, action) => withSettings(client, [['lock_timeout', '1s']], action)],
  [
    'withTransaction',
    async (client, action) => {
      const outcome = await withTransaction(client, action);
      throw outcome instanceof FailedTransaction ? outcome.error : new Error('it did not fail');
    },
  ],
];

async function broken(
  way: (client: pg.Client, end: () => Promise<void>) => Promise<unknown>,
): Promise<unknown> {
  const client = new pg.Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  const end = async (): Promise<void> => {
    await client.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => {});
  };
  try {
    return await way(client, end).then(
      () => null,
      (error: unknown) => error,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

test.each(WAYS)('%s reports the first error, with what failed after it', async (_, way) => {
  const first = Object.assign(new Error('first'), { code: '25006' });
  const error = await broken((client, end) =>
    way(client, async () => {
      await end();
      throw first;
    }),
  );
  expect(error).toBe(first);
  expect(String((error as { rollbackFailure?: unknown }).rollbackFailure)).toMatch(
    /terminat|not queryable|closed/i,
  );
});

test.each(WAYS)('%s has nothing to attach where the end worked', async (_, way) => {
  const first = new Error('first');
  const error = await broken((client) => way(client, () => Promise.reject(first)));
  expect(error).toBe(first);
  expect(error).not.toHaveProperty('rollbackFailure');
});

test('a script that leaves its transaction open is told of, although its rollback fails', async () => {
  const error = await broken(async (client, end) => {
    await client.query('BEGIN');
    await end();
    await assertFinished(client);
  });
  expect(error).toMatchObject({
    message: expect.stringContaining('COMMIT is missing'),
    rollbackFailure: expect.any(Error),
  });
});

test('rows that can’t be made are what a COPY fails with, not their maker that can’t end', async () => {
  await database.query('CREATE TABLE rows_copied (id int)');
  const first = new Error('first');
  const rows = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.reject(first),
      return: () => Promise.reject(new Error('second')),
    }),
  };
  const error = await broken((client) => copyInto(client, 'rows_copied', rows));
  expect(error).toBe(first);
});

test('a question that fails does no harm to the next', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  onTestFinished(() => client.end());
  const patience = { eachMs: 1_000, allMs: 1_000 };
  const answers = await withReadOnlySession(client, { searchPath: null, patience }, async ({ ask }) => [
    await ask('SELECT nothing'),
    await ask('SELECT 1 AS one'),
  ]);
  expect(answers).toEqual([null, [{ one: 1 }]]);
});
