import { describe, expect, test } from 'vitest';
import {
  accept,
  boot,
  check,
  downgrade,
  explain,
  forget,
  readiness,
  repair,
  stamp,
  status,
  undo,
  upgrade,
} from '../../lib/index.js';
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

describe('what is said of others is no word on it', () => {
  const two = [
    make('r1'),
    n,
    make('m', ['n'], {
      upgrade: 'ALTER TABLE t_r1 ADD COLUMN y int',
      downgrade: 'ALTER TABLE t_r1 DROP COLUMN y',
    }),
    make('r2', ['m']),
    make('side'),
  ];
  const before = [...older, make('side')];
  const missed = async () => (await status(on(two))).missed.map(({ revision }) => revision);
  const prepare = async () => {
    await upgrade({ ...on(two), target: 'heads' });
    await undo({ ...on(before), target: 'r1', confirmed: true });
    await upgrade({ ...on(before), target: 'heads' });
    expect(await missed()).toEqual(['n', 'm']);
  };
  const edited = [...two.slice(0, -1), make('side', [], { upgrade: 'CREATE TABLE t_side (id bigint)' })];

  test('accepted one by one', async () => {
    await prepare();
    await accept({ ...on(two), revision: 'm', reason: 'it is there' });
    expect(await missed()).toEqual(['n']);
  });

  test.each([
    [
      'another that was edited is accepted',
      () => accept({ ...on(edited), revision: 'side', reason: 'meant' }),
    ],
    [
      'older code forgets a row',
      () => forget({ ...on(older), revision: 'side', reason: 'retired', confirmed: true }),
    ],
    ['rows are restored', () => stamp({ ...on(two), recorded: true, confirmed: true } as never)],
  ])('%s', async (_, say) => {
    await prepare();
    await say();
    expect(await missed()).toEqual(['n', 'm']);
  });

  test('if none of it is there, one command runs all of it', async () => {
    await prepare();
    await expect(upgrade(on(two))).rejects.toMatchObject({
      hint: expect.stringContaining('`revgraph repair --revision n --revision m --reason "…"` runs it'),
    });
    await expect(repair({ ...on(two), run: ['n'], reason: 'gone' })).rejects.toMatchObject({
      hint: expect.stringContaining('revgraph repair --revision n --revision m --reason'),
    });
    await repair({ ...on(two), run: ['n', 'm'], reason: 'gone' });
    expect(await columns()).toEqual(['id', 'x', 'y']);
    expect((await explain({ ...on(two), revision: 'n' })).state).toBe('applied');
  });
});

describe('a squash of which a part is shaken', () => {
  const both = {
    upgrade: 'CREATE TABLE t_r1 (id int, x int); CREATE TABLE t_r2 (id int)',
    downgrade: 'DROP TABLE t_r1, t_r2',
  };
  const squashes = {
    'with an id of its own': [make('s', [], { replaces: ['r1', 'n', 'r2'], ...both })],
    'under the last id': [make('r2', [], { replaces: ['r1', 'n', 'r2'], ...both })],
    'of the first two': [make('s', [], { replaces: ['r1', 'n'], ...both }), make('r2', ['s'])],
    'of the last two': [make('r1'), make('s', ['r1'], { replaces: ['n', 'r2'], ...both })],
  };

  test.each(Object.entries(squashes))('%s', async (_, code) => {
    await shaken();
    expect(await status(on(code))).toMatchObject({ state: 'missed', missed: [{ shaken: true }] });
    expect(await readiness(on(code)).check()).toMatchObject({ ready: false });
    expect(await check({ revisions: code, against: database.url })).toMatchObject({
      ok: false,
    });
    await expect(boot(on(code))).rejects.toMatchObject({ code: 'missed_revisions' });
  });

  const above = [make('s', [], { replaces: ['r1', 'n', 'r2'], ...both }), make('r3', ['s'])];
  const parts = [...newer, make('r3', ['r2'])];
  const lacking = [...older, make('r3', ['r2'])];

  test('also where the database was born with it', async () => {
    await upgrade(on(above));
    await downgrade({ ...on(lacking), target: 'base', confirmed: true });
    await upgrade(on(lacking));
    expect(await status(on(above))).toMatchObject({ state: 'missed', missed: [{ revision: 's' }] });
    expect(await status(on(parts))).toMatchObject({ state: 'missed', missed: [{ revision: 'n' }] });
  });

  test('and where only what is above that part was taken back, nothing is', async () => {
    await upgrade(on(above));
    await undo({ ...on(lacking), target: 'r2', confirmed: true });
    await upgrade(on(lacking));
    expect(await status(on(above))).toMatchObject({ state: 'current', missed: [] });
    expect(await status(on(parts))).toMatchObject({ state: 'current', missed: [] });
  });
});

test('where no row claims it, the stamp that is advised is true', async () => {
  await upgrade(on(newer));
  await downgrade({ ...on(older), target: 'base', confirmed: true });
  await upgrade({ ...on(older), target: 'r1' });
  await expect(upgrade(on(newer))).rejects.toMatchObject({
    code: 'rows_lost',
    hint: expect.stringContaining('`revgraph stamp r1 --yes` records that nothing of it is there'),
  });
  await stamp({ ...on(newer), target: 'r1', confirmed: true });
  await upgrade(on(newer));
  expect(await columns()).toEqual(['id', 'x']);
});

test('a row that this code lacks does not hide it', async () => {
  await shaken();
  await upgrade(on([...older, make('z', ['r2'])]));
  expect(await readiness(on(newer)).check()).toMatchObject({ ready: false });
  await expect(boot(on(newer))).rejects.toMatchObject({ exitValue: 4 });
  const allowed = { ...on([...newer, make('r3', ['r2'])]), unknownRows: 'allow' as const };
  await expect(upgrade(allowed)).rejects.toMatchObject({ code: 'missed_revisions' });
});
