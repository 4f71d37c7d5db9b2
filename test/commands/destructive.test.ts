import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { boot, type Event, preflight, stamp, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';
import { startServer } from '../support/server.js';

/* Upgrades that destroy rows, and servers that can't be written to. */

const FILES = {
  'a.sql': sql('a', { upgrade: 'CREATE TABLE t (id int, kept int); CREATE TABLE e (id int);' }),
  'b.sql': sql('b', { revises: 'a', upgrade: 'DROP TABLE e;' }),
  'c.sql': sql('c', { revises: 'b', upgrade: 'ALTER TABLE t DROP COLUMN kept;' }),
};

async function withRows() {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  const on = { revisions: folderWith(FILES), database: database.url };
  await upgrade({ ...on, target: 'a' });
  await database.query('INSERT INTO t VALUES (1, 1), (2, NULL), (3, 3)');
  const kept = async () =>
    (await database.query("SELECT FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'kept'"))
      .length === 1;
  return { database, on, kept };
}

const LOSSES = [{ revision: 'c', what: 'ALTER TABLE t DROP COLUMN kept', rows: 2 }];

test('an upgrade that destroys rows warns with the counts, and runs', async () => {
  const { on, kept } = await withRows();
  const events: Event[] = [];
  await upgrade({ ...on, onEvent: (event) => events.push(event) });
  const told = events.filter(({ type }) => type === 'warning');
  expect(told).toMatchObject([{ message: expect.stringContaining('2 rows will be lost') }]);
  expect(await kept()).toBe(false);
});

test.each([upgrade, boot])('ask: it runs when it is confirmed, and not before', async (verb) => {
  const { on, kept } = await withRows();
  const asked = verb({ ...on, destructive: 'ask' });
  await expect(asked).rejects.toMatchObject({
    code: 'confirmation_needed',
    exitValue: 4,
    details: { losses: LOSSES },
  });
  // Without the preflight, too.
  await expect(verb({ ...on, destructive: 'ask', preflight: 'off' })).rejects.toMatchObject({
    code: 'confirmation_needed',
  });
  expect(await kept()).toBe(true);
  await verb({ ...on, destructive: 'ask', confirmed: true });
  expect(await kept()).toBe(false);
});

test('ask: what destroys no rows is not asked for', async () => {
  const { on } = await withRows();
  expect((await upgrade({ ...on, target: 'b', destructive: 'ask' })).to).toEqual(['b']);
});

test('refuse: not even when it is confirmed', async () => {
  const { on, kept } = await withRows();
  const refused = upgrade({ ...on, destructive: 'refuse', confirmed: true });
  await expect(refused).rejects.toMatchObject({
    code: 'destruction_refused',
    exitValue: 4,
    details: { losses: LOSSES },
  });
  expect(await kept()).toBe(true);
});

test('the command line: the configuration says, a flag says otherwise', async () => {
  const { database, kept } = await withRows();
  const folder = folderWith({
    'revgraph.config.json': '{ "destructive": "refuse" }',
    ...Object.fromEntries(Object.entries(FILES).map(([name, text]) => [`revisions/${name}`, text])),
  });
  const command = (...args: string[]) => run(folder, ['upgrade', '--url', database.url, ...args]);
  const refused = await command('--yes');
  expect([refused.exitValue, refused.stderr]).toEqual([
    4,
    expect.stringContaining('c: ALTER TABLE t DROP COLUMN kept, 2 rows'),
  ]);
  expect((await command('--destructive', 'ask')).exitValue).toBe(4);
  expect(await kept()).toBe(true);
  expect((await command('--destructive', 'ask', '--yes')).exitValue).toBe(0);
  expect(await kept()).toBe(false);
});

test('a database whose transactions only read is named, by the preflight and by a run', async () => {
  const { database, on } = await withRows();
  await database.query(`ALTER DATABASE ${database.name} SET default_transaction_read_only = on`);
  const { checks } = await preflight(on);
  expect(checks.filter(({ status }) => status === 'no').map(({ name }) => name)).toEqual(['server_writable']);
  const error = {
    code: 'server_read_only',
    exitValue: 1,
    message: expect.stringContaining('default_transaction_read_only is on'),
  };
  await expect(upgrade(on)).rejects.toMatchObject(error);
  await expect(boot(on)).rejects.toMatchObject(error);
  await expect(stamp({ ...on, target: 'c' })).rejects.toMatchObject({ code: 'server_read_only' });
  // With nothing to run, nothing has to be written.
  expect((await upgrade({ ...on, target: 'a' })).steps).toEqual([]);
});

test('a standby is named', async () => {
  const server = await startServer(mkdtempSync(join(tmpdir(), 'revgraph-standby-')));
  onTestFinished(() => server.stop());
  const on = { revisions: folderWith(FILES), database: server.url };
  await upgrade({ ...on, target: 'a' });
  await server.standBy();
  const { ok, checks } = await preflight(on);
  expect([ok, checks.find(({ name }) => name === 'server_writable')?.found]).toEqual([
    false,
    'it is a standby',
  ]);
  await expect(upgrade(on)).rejects.toMatchObject({ code: 'server_read_only', details: { why: 'standby' } });
  expect((await boot({ ...on, target: 'a' })).state).toBe('current');
});
