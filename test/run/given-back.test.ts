import { expect, onTestFinished, test } from 'vitest';
import { upgrade } from '../../lib/index.js';
import { freshDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* A revision gives the lock of its run back, and another run does the same revision meanwhile: only one of them stands. */

const GIVES_BACK = `/**
 * b
 * @revision b
 * @revises a
 */
export async function upgrade({ db }) {
  await db.query("INSERT INTO ran VALUES ('b')");
  await db.query('SELECT pg_advisory_unlock_all()');
  await globalThis.anotherRun?.();
}
`;

test('what another run has done since is not done again', async () => {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  const revisions = folderWith({
    'a.sql': sql('a', { upgrade: 'CREATE TABLE ran (id text);' }),
    'b.mjs': GIVES_BACK,
  });
  const kept = folderWith({
    'a.sql': sql('a', { upgrade: 'CREATE TABLE ran (id text);' }),
    'b.sql': sql('b', { revises: 'a', upgrade: "INSERT INTO ran VALUES ('b');" }),
  });
  const onceMore = async (): Promise<void> => {
    Object.assign(globalThis, { anotherRun: undefined });
    await upgrade({ revisions: kept, database: database.url });
  };
  Object.assign(globalThis, { anotherRun: onceMore });
  await expect(upgrade({ revisions, database: database.url })).rejects.toMatchObject({
    code: 'step_failed',
    details: { failed: 'b', remains: 'nothing' },
    cause: { code: 'lock_lost' },
  });
  expect(await database.query('SELECT id FROM ran')).toEqual([{ id: 'b' }]);
  const entries =
    "SELECT count(*)::int AS done FROM revgraph_ledger WHERE revision = 'b' AND outcome = 'done'";
  expect(await database.query(entries)).toEqual([{ done: 1 }]);
});
