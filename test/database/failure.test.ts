import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withSession } from '../../lib/database/connection/connect.js';
import { downgrade, status, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* Whose error it is: what the database said becomes one of ours, what anybody else throws stays as it is. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const coded = (code: string): Error => Object.assign(new Error(`about ${code}`), { code });
const thrown = (action: Promise<unknown>): Promise<unknown> =>
  action.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error,
  );

const OTHERS: readonly (readonly [what: string, error: unknown])[] = [
  ['an error', new Error('not today')],
  ['a mistake', new TypeError('undefined is not a function')],
  ['a file that is missing', coded('ENOENT')],
  ['a right that is missing', coded('EPERM')],
  ['another service that does not answer', coded('ECONNREFUSED')],
  ['another database', Object.assign(new Error('syntax error'), { code: '42601', severity: 'ERROR' })],
  ['no error at all', 'a text'],
];

describe('what a callback throws comes out as it is', () => {
  const project = () => folderWith({ 'a.sql': sql('a', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }) });

  test.each(OTHERS)('%s', async (_, error) => {
    const options = { revisions: project(), database: database.url };
    await upgrade(options);
    const throwing = (): void => {
      throw error;
    };
    const rejecting = (): Promise<void> => Promise.reject(error);
    for (const confirm of [throwing, rejecting])
      expect(await thrown(downgrade({ ...options, target: 'base', confirm }))).toBe(error);
    expect((await status(options)).current).toEqual(['a']);
  });
});

describe('what is said to a query', () => {
  test('is an error of ours, with its SQLSTATE', async () => {
    const error = await thrown(withSession(database.url, {}, (session) => session.query('SELECT nothing')));
    expect(error).toMatchObject({ code: 'database_failed', details: { sqlstate: '42703' } });
  });

  test('is a lost connection where it was lost', async () => {
    const error = await thrown(
      withSession(database.url, {}, async (session) => {
        await session.query('SELECT pg_terminate_backend(pg_backend_pid())');
        await session.query('SELECT 1');
      }),
    );
    expect(error).toMatchObject({ code: 'connection_lost' });
  });

  test('is not ours where another connection said it', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const error = await thrown(withSession(database.url, {}, () => client.query('SELECT nothing')));
    await client.end();
    expect(error).toMatchObject({ code: '42703', name: 'error' });
  });
});

test('a mistake of ours is internal at the command line', async () => {
  const folder = folderWith({ 'a.sql': sql('a', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }) });
  const mistake = join(folder, 'mistake.cjs');
  writeFileSync(
    mistake,
    `const { sort } = Array.prototype;
     Array.prototype.sort = function (...how) {
       if (new Error().stack.includes('statusIn')) throw new TypeError('a mistake');
       return sort.apply(this, how);
     };`,
  );
  const { stdout, exitValue } = await run(
    folder,
    ['status', '--json', '--revisions', '.', '--url', database.url],
    { NODE_OPTIONS: `--require ${mistake}` },
  );
  expect([exitValue, JSON.parse(stdout)]).toMatchObject([1, { error: { code: 'internal' } }]);
});
