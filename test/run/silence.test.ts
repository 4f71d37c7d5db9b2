import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { status, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';
import { losingProxy } from '../support/proxy.js';

/* A network that drops everything and says nothing: given up in time, and nothing of the session stays behind. */

let template: TestDatabase;
beforeAll(async () => {
  template = await freshDatabase();
});
afterAll(() => template.drop());

const revisions = () =>
  folderWith({
    'a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);' }),
    'b.sql': sql('b', {
      revises: 'a',
      upgrade: 'INSERT INTO a VALUES (1);',
      more: '-- @verify "a" expect 1\nSELECT count(*) FROM a WHERE id = 1;',
    }),
    'c.sql': sql('c', {
      revises: 'b',
      header: '-- @transaction none',
      upgrade: 'INSERT INTO a VALUES (2);',
      downgrade: 'SELECT 1;',
    }),
  });
const LEFT = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'revgraph'`;

/** Moments of a run: its first word, the lock, a step that is one message, statements of others, the last word. */
const MOMENTS = [
  'server_version_num',
  'pg_try_advisory_lock',
  'CREATE TABLE a',
  'INSERT INTO a VALUES (1)',
  'SELECT count(*) FROM a',
  'INSERT INTO a VALUES (2)',
  'pg_advisory_unlock',
];

describe.each(['silence', 'deafness', 'half'] as const)('%s', (how) => {
  test.each(MOMENTS)('at %s', async (moment) => {
    const database = await freshDatabase(template.name);
    onTestFinished(() => database.drop());
    const proxy = await losingProxy(database.url, (text) => text.includes(moment), how);
    const begun = performance.now();
    const folder = revisions();
    const run = upgrade({ revisions: folder, database: proxy.url, silenceTimeoutMs: 1_500 });
    const error = await run.catch((thrown: unknown) => thrown);
    expect(proxy.lost()).not.toBeNull();
    expect(String(error)).toMatch(/no answer came for 2 s, and the server is not working on one/);
    expect(performance.now() - begun).toBeLessThan(15_000);
    // Its session is ended from outside, and the lock is free.
    for (let tries = 0; tries < 1000 && (await database.query(LEFT)).length > 0; tries++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await database.query(LEFT)).toEqual([]);
    await upgrade({ revisions: folder, database: database.url, lockWaitMs: 0 });
    expect(await database.query('SELECT array_agg(id ORDER BY id) AS ids FROM a')).toEqual([{ ids: [1, 2] }]);
  });
});

test('a statement that takes longer than that is waited for', async () => {
  const database = await freshDatabase(template.name);
  onTestFinished(() => database.drop());
  const slow = folderWith({ 'a.sql': sql('a', { upgrade: 'SELECT pg_sleep(4);' }) });
  expect((await upgrade({ revisions: slow, database: database.url, silenceTimeoutMs: 1_500 })).to).toEqual([
    'a',
  ]);
});

test('where the server can’t be reached at all it is given up, too', async () => {
  const database = await freshDatabase(template.name);
  onTestFinished(() => database.drop());
  const proxy = await losingProxy(
    database.url,
    (text) => text.includes('INSERT INTO a VALUES (1)'),
    'dead network',
  );
  const begun = performance.now();
  const run = upgrade({ revisions: revisions(), database: proxy.url, silenceTimeoutMs: 1_500 });
  await expect(run).rejects.toThrow(/could not be reached by another connection/);
  expect(performance.now() - begun).toBeLessThan(15_000);
});

test('commands that only look give up as well', async () => {
  const database = await freshDatabase(template.name);
  onTestFinished(() => database.drop());
  const proxy = await losingProxy(database.url, (text) => text.includes('revgraph_version'), 'silence');
  const looked = status({ revisions: revisions(), database: proxy.url, silenceTimeoutMs: 1_500 });
  await expect(looked).rejects.toMatchObject({ code: 'connection_lost' });
});

const ASK = `const { Client } = require('pg'); const [url, text] = process.argv.slice(1);
  const client = new Client({ connectionString: url });
  client.connect().then(() => client.query(text, ['to end'])).then(() => client.end());`;

test('what the server said while nobody asked is the cause', async () => {
  const end =
    'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1';
  const database = await freshDatabase(template.name);
  onTestFinished(() => database.drop());
  const run = upgrade({
    revisions: revisions(),
    database: database.url,
    application: 'to end',
    confirmed: true,
    onEvent: (event) => {
      // By another process, and waited for: nothing is asked meanwhile.
      if (event.type === 'planned')
        execFileSync(process.execPath, ['-e', ASK, database.url, end], { cwd: process.cwd() });
    },
  });
  const error = (await run.catch((thrown: unknown) => thrown)) as { message: string; hint: string };
  expect(`${error.message} ${error.hint}`).toMatch(/terminating connection due to administrator command/);
});
