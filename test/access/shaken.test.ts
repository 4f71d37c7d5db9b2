import { describe, expect, test } from 'vitest';
import { accept, boot, downgrade, repair, status, undo, upgrade } from '../../lib/index.js';
import { statusText } from '../../lib/render/status.js';
import { databasePerTest, tableRevision as make } from '../support/history.js';

/* Code that lacks a revision takes away what that stands on, and brings that back: what the revision did may be gone with it. */

const { database, on } = databasePerTest();

const n = make('n', ['r1'], {
  upgrade: 'ALTER TABLE t_r1 ADD COLUMN x int',
  downgrade: 'ALTER TABLE t_r1 DROP COLUMN x',
});
const newer = [make('r1', []), n, make('r2', ['n'])];
const older = [make('r1', []), make('r2', ['r1'])];

async function shaken(): Promise<void> {
  await upgrade(on(newer));
  await downgrade({ ...on(older), target: 'base', confirmed: true });
  await upgrade(on(older));
}

const columns = async () =>
  (
    await database.query(
      "SELECT attname FROM pg_attribute WHERE attrelid = 't_r1'::regclass AND attnum > 0 AND NOT attisdropped",
    )
  ).map(({ attname }) => attname);

describe('it is not called applied', () => {
  test('by status, an upgrade and a service that starts; both ways on are said', async () => {
    await shaken();
    expect(await status(on(newer))).toMatchObject({
      state: 'missed',
      missed: [{ revision: 'n', above: ['r2'], shaken: true }],
      unrecorded: ['n'],
    });
    const refused = {
      code: 'missed_revisions',
      message: expect.stringContaining(
        'n ran here; then what it stands on was taken back by code without it, and ran again',
      ),
      hint: expect.stringMatching(/revgraph accept n .*revgraph repair --revision n/),
    };
    await expect(upgrade(on(newer))).rejects.toMatchObject(refused);
    await expect(upgrade({ ...on(newer), missed: 'run' })).rejects.toMatchObject(refused);
    await expect(boot(on(newer))).rejects.toMatchObject({ code: 'missed_revisions' });
    await expect(repair(on(newer))).rejects.toMatchObject({ code: 'repair_refused' });
  });

  test('a repair of it runs it again', async () => {
    await shaken();
    await repair({ ...on(newer), run: ['n'], reason: 'it went with t_r1' });
    expect(await columns()).toContain('x');
    expect(await status(on(newer))).toMatchObject({ state: 'current', missed: [] });
  });

  test('who says that it is there is believed, until it happens again', async () => {
    await shaken();
    await database.query('ALTER TABLE t_r1 ADD COLUMN x int');
    await accept({ ...on(newer), revision: 'n', reason: 'made by hand' });
    expect(await status(on(newer))).toMatchObject({ state: 'current', missed: [] });
    await downgrade({ ...on(older), target: 'base', confirmed: true });
    await upgrade(on(older));
    expect(await status(on(newer))).toMatchObject({ state: 'missed' });
  });
});

test('of a row it is not said that it has no entry', async () => {
  await upgrade(on([make('r1'), make('n', ['r1'])]));
  const apart = on([make('r1'), make('n')]);
  await undo({ ...apart, target: 'r1', confirmed: true });
  await upgrade({ ...apart, target: 'heads' });
  const code = on([make('r1'), make('n', ['r1'])]);
  const found = await status(code);
  expect(found).toMatchObject({
    state: 'missed',
    missed: [{ revision: 'n', shaken: true }],
    unrecorded: ['n'],
  });
  expect(statusText(found)).toMatch(
    /missed {4}n ran, and what it stood on was taken back since; `revgraph explain n`/,
  );
  await expect(upgrade(code)).rejects.toMatchObject({ message: expect.not.stringContaining('no entry') });
});

test('code that takes it back along leaves nothing to doubt', async () => {
  await upgrade(on(newer));
  await downgrade({ ...on(newer), target: 'base', confirmed: true });
  await upgrade(on(newer));
  expect(await status(on(newer))).toMatchObject({ state: 'current', missed: [] });
});

test('what did not stand on it when it ran is not shaken by it', async () => {
  const beside = [make('r1', []), make('n', []), make('r2', ['r1', 'n'])];
  await upgrade(on(beside));
  await downgrade({ ...on([make('r1', []), make('r2', ['r1'])]), target: 'base', confirmed: true });
  await upgrade(on([make('r1', []), make('r2', ['r1'])]));
  const later = [make('r1', []), make('n', ['r1']), make('r2', ['n'])];
  expect((await status(on(later))).missed).toEqual([]);
});
