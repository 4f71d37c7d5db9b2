import { describe, expect, test } from 'vitest';
import {
  accept,
  downgrade,
  forgetBackfill,
  repair,
  retry,
  script,
  stamp,
  status,
  undo,
  upgrade,
  workBackfills,
} from '../../lib/index.js';
import { databasePerTest, tableRevision as make } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';
import { stopFill, stoppingFill, stoppingRows } from '../support/stopping.js';

/* A backfill that stopped: what takes it back, stamps it, or lets it go on, and that nothing begins it anew unasked. */

const { database, on } = databasePerTest();
const rows = stoppingRows(database);
const mend = () => database.query('UPDATE p SET n = 0 WHERE id = 2');
const down = '\n-- @downgrade\nUPDATE p SET n = n - 1;';
const code = (header = '') =>
  on(
    folderWith({
      'r1.sql': sql('r1', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
      'f.sql': stoppingFill(header) + down,
    }),
  );
const older = () => on([make('r1', [], { upgrade: 'SELECT 1', downgrade: 'SELECT 1' })]);
const BACKGROUND = '-- @background\n';

async function stopped(header = '') {
  const at = code(header);
  await stopFill(at, header === BACKGROUND);
  expect(await rows()).toEqual([1, 8, 1]);
  return at;
}

describe('is not taken back for rows that it never changed', () => {
  test('by code that lacks its file', async () => {
    await stopped(BACKGROUND);
    const undone = undo({ ...older(), target: 'f', unknownRows: 'allow', confirmed: true });
    await expect(undone).rejects.toMatchObject({ code: 'backfill_without_mark' });
    expect(await rows()).toEqual([1, 8, 1]);
  });

  test('by a script, whenever that was made', async () => {
    const at = code(BACKGROUND);
    await upgrade({ ...at, target: 'r1' });
    await upgrade(at);
    const { text } = await script({ ...at, direction: 'downgrade', target: 'r1' });
    await workBackfills(at).catch(() => {});
    const later = await script({ ...at, direction: 'downgrade', target: 'f:r1' });
    for (const one of [text, later.text])
      await expect(database.query(one)).rejects.toThrow(/f began as a backfill and did not come to its end/);
    expect(await rows()).toEqual([1, 8, 1]);
  });
});

test('a stamp over it asks, and says so before', async () => {
  const at = await stopped();
  await expect(stamp({ ...at, target: 'f', reason: 'x' })).rejects.toMatchObject({
    code: 'confirmation_needed',
    message: expect.stringContaining('a backfill, of f did not come to its end'),
  });
  expect(await stamp({ ...at, target: 'f', dryRun: true })).toMatchObject({ halfDone: ['f'] });
  await stamp({ ...at, target: 'f', reason: 'x', confirmed: true });
});

test('in the background, and stamped away: an upgrade asks, and goes on where somebody says that it may', async () => {
  const at = await stopped(BACKGROUND);
  await stamp({ ...at, target: 'r1', reason: 'x', confirmed: true });
  await expect(upgrade(at)).rejects.toMatchObject({ code: 'unfinished_step' });
  await mend();
  await retry({ ...at, revision: 'f' });
  await upgrade(at);
  await workBackfills(at);
  expect(await rows()).toEqual([1, 1, 1]);
  expect(await status(at)).toMatchObject({ state: 'current', unfinished: [] });
});

test('or begins anew where somebody says that', async () => {
  const at = await stopped(BACKGROUND);
  await stamp({ ...at, target: 'r1', reason: 'x', confirmed: true });
  await expect(upgrade(at)).rejects.toMatchObject({ code: 'unfinished_step' });
  await database.query('UPDATE p SET n = 0');
  await forgetBackfill({ ...at, revision: 'f' });
  await upgrade(at);
  await workBackfills(at);
  expect(await rows()).toEqual([1, 1, 1]);
});

test('in the background, on ground that was taken away and ran again: what is advised goes on with it', async () => {
  const nothing = { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' };
  const files = { 'r1.sql': sql('r1', nothing), 'f.sql': stoppingFill(BACKGROUND) + down };
  const at = on(folderWith({ ...files, 'r2.sql': sql('r2', { revises: 'f', ...nothing }) }));
  for (const target of ['r1', 'f']) await upgrade({ ...at, target });
  await workBackfills(at).catch(() => {});
  await upgrade(at);
  const without = on([
    make('r1', [], { upgrade: 'SELECT 1', downgrade: 'SELECT 1' }),
    make('r2', ['r1'], { upgrade: 'SELECT 1', downgrade: 'SELECT 1' }),
  ]);
  await downgrade({ ...without, target: 'base', confirmed: true });
  await upgrade(without);
  await mend();
  const one = { ...at, revision: 'f', reason: 'x' };
  await expect(accept(one)).rejects.toMatchObject({
    hint: expect.stringContaining('revgraph repair --revision f'),
  });
  const repaired = { ...at, run: ['f'], reason: 'x' };
  await expect(repair(repaired)).rejects.toMatchObject({ code: 'unfinished_step' });
  expect(await retry(one)).toMatchObject({ next: 'revgraph repair --revision f' });
  await repair(repaired);
  await workBackfills(at);
  expect(await rows()).toEqual([1, 1, 1]);
});

test('whose row is gone by the end of its work is not recorded as done', async () => {
  const at = code(BACKGROUND);
  await mend();
  await upgrade({ ...at, target: 'r1' });
  await upgrade(at);
  await database.query(`CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      UPDATE revgraph_version SET revision = 'r1'; RETURN NULL; END $$;
    CREATE TRIGGER gone AFTER UPDATE ON p EXECUTE FUNCTION gone()`);
  await expect(workBackfills(at)).rejects.toMatchObject({ code: 'unfinished_step' });
  expect(
    await database.query(
      "SELECT outcome FROM revgraph_ledger WHERE revision = 'f' ORDER BY entry DESC LIMIT 1",
    ),
  ).toEqual([{ outcome: 'failed' }]);
});
