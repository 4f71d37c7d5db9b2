import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  accept,
  defineRevision,
  downgrade,
  forgetBackfill,
  readiness,
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

/* A backfill that did not end, what is below it, and what its revision is by then: other code, a squash, a script. */

const { database, on } = databasePerTest();

const fill = (header = '') => `${stoppingFill(header)}\n-- @downgrade\nUPDATE p SET n = 0 WHERE id <> 2;`;
const zero = { upgrade: 'UPDATE p SET n = 0 WHERE id <> 2;', downgrade: 'UPDATE p SET n = 0 WHERE id <> 2;' };
const code = (header = '') => on(folderWith({ 'r1.sql': sql('r1', zero), 'f.sql': fill(header) }));
const older = () => on([make('r1', [], zero)]);
const rows = stoppingRows(database);
const again = async () => {
  await undo({ ...older(), target: 'r1', confirmed: true, unknownRows: 'allow' });
  await upgrade({ ...older(), unknownRows: 'allow' });
};
const unfinished = { code: 'unfinished_step', exitValue: 4 };
const mend = () => database.query('UPDATE p SET n = 0 WHERE id = 2');

async function stopped(header = '') {
  const at = code(header);
  await stopFill(at, header.includes('@background'));
  expect(await rows()).toEqual([1, 8, 1]);
  return at;
}

describe('in the background', () => {
  const lacking = () =>
    on([make('r1', [], zero), make('r2', ['r1'], { upgrade: 'SELECT 2', downgrade: 'SELECT 2' })]);
  const all = (header = '-- @background\n') =>
    on(
      folderWith({
        'r1.sql': sql('r1', zero),
        'f.sql': fill(header),
        'r2.sql': sql('r2', { revises: 'f', upgrade: 'SELECT 2;', downgrade: 'SELECT 2;' }),
      }),
    );

  test('its work is left where its ground was taken back, and neither a run nor an answer about a row ends that', async () => {
    const at = all();
    await upgrade({ ...at, target: 'r1' });
    await upgrade(at);
    await workBackfills(at).catch(() => {});
    await undo({ ...lacking(), target: 'r1', confirmed: true });
    await upgrade(lacking());
    await mend();
    expect((await workBackfills(at)).left).toMatchObject([
      { revision: 'f', why: expect.stringContaining('was taken back since') },
    ]);
    expect(await rows()).toEqual([0, 0, 0]);
    expect(await status(at)).toMatchObject({ state: 'missed' });
    await expect(repair({ ...at, run: ['f'], reason: 'again' })).rejects.toMatchObject(unfinished);
    await forgetBackfill({ ...at, revision: 'f' });
    await repair({ ...at, run: ['f'], reason: 'again' });
    await workBackfills(at);
    expect(await rows()).toEqual([1, 1, 1]);
  });

  test('what was put below it and ran since is asked about; retry goes on behind the last row', async () => {
    const at = await stopped('-- @background\n');
    writeFileSync(join(at.revisions, 'm.sql'), sql('m', { revises: 'r1', upgrade: 'UPDATE p SET n = n;' }));
    writeFileSync(join(at.revisions, 'f.sql'), fill('-- @background\n').replace('@revises r1', '@revises m'));
    await upgrade({ ...at, missed: 'run' });
    await mend();
    await expect(workBackfills(at)).rejects.toMatchObject(unfinished);
    expect(await retry({ ...at, revision: 'f' })).toMatchObject({ next: 'revgraph backfill work' });
    await workBackfills(at);
    expect(await rows()).toEqual([1, 1, 1]);
    expect(await status(at)).toMatchObject({ state: 'current', unfinished: [] });
  });
});

test('one that may run twice does not go on in the middle either', async () => {
  const at = await stopped('-- @idempotent\n');
  await again();
  await mend();
  await expect(upgrade(at)).rejects.toMatchObject(unfinished);
  await forgetBackfill({ ...at, revision: 'f' });
  await upgrade(at);
  expect(await rows()).toEqual([1, 1, 1]);
});

test('code that has no batches any more does not run beside those that were committed', async () => {
  await stopped();
  const plain = (header: object = {}) =>
    on([
      make('r1', [], zero),
      defineRevision({
        revision: 'f',
        revises: ['r1'],
        ...header,
        upgrade: ({ db }) => db.query('UPDATE p SET n = n + 1 WHERE id <> 2'),
        irreversible: 'a test',
      }),
    ]);
  await expect(upgrade(plain())).rejects.toMatchObject({
    ...unfinished,
    hint: expect.stringContaining('has no backfill any more'),
  });
  expect(await rows()).toEqual([1, 8, 1]);
  await upgrade(plain({ idempotent: true }));
  expect(await rows()).toEqual([2, 8, 2]);
});

test('one that was killed is tried again behind its last row', async () => {
  const at = await stopped();
  await database.query("DELETE FROM revgraph_ledger WHERE revision = 'f'");
  await again();
  await mend();
  await expect(upgrade(at)).rejects.toMatchObject(unfinished);
  await retry({ ...at, revision: 'f' });
  await upgrade(at);
  expect(await rows()).toEqual([0, 1, 0]);
});

test('a part of it is there: it is not accepted as one that is not needed', async () => {
  const at = on(
    folderWith({ 'r1.sql': sql('r1', zero), 'r2.sql': sql('r2', { revises: 'r1', upgrade: 'SELECT 2;' }) }),
  );
  await upgrade(at);
  writeFileSync(join(at.revisions, 'f.sql'), fill());
  writeFileSync(
    join(at.revisions, 'r2.sql'),
    sql('r2', { revises: 'f', upgrade: 'SELECT 2;', downgrade: 'SELECT 2;' }),
  );
  await expect(repair(at)).rejects.toMatchObject({ code: 'backfill_incomplete' });
  await expect(accept({ ...at, revision: 'f', reason: 'not needed' })).rejects.toMatchObject(unfinished);
  await mend();
  await repair(at);
  expect(await rows()).toEqual([1, 1, 1]);
});

test('a squash under its id does not run in its place', async () => {
  await stopped('-- @background\n');
  const squash = sql('f', {
    header: '-- @replaces r1, f',
    upgrade: 'UPDATE p SET n = n + 100;',
    downgrade: 'SELECT 1;',
  });
  const at = on(folderWith({ 'f.sql': squash, 'g.sql': sql('g', { revises: 'f', upgrade: 'SELECT 3;' }) }));
  const renamed = { code: 'backfill_renamed', message: expect.stringContaining('a squash without one') };
  await expect(upgrade(at)).rejects.toMatchObject(renamed);
  await expect(workBackfills(at)).rejects.toMatchObject(renamed);
  expect(await rows()).toEqual([1, 8, 1]);
});

test('under a squash that took its place: status tells that it waits', async () => {
  const at = code('-- @background\n');
  await upgrade({ ...at, target: 'r1' });
  await upgrade(at);
  const squash = sql('s', { header: '-- @replaces r1, f', upgrade: 'UPDATE p SET n = n + 100;' });
  console.log(
    (await status(on(folderWith({ 's.sql': squash })))).unfinished,
    await workBackfills(on(folderWith({ 's.sql': squash }))).catch((e) => e.message + e.hint),
  );
  expect(await status(on(folderWith({ 's.sql': squash })))).toMatchObject({
    state: 'current',
    unfinished: [{ revision: 'f', name: '', state: 'queued' }],
  });
});

describe('a script that was made before', () => {
  const g = sql('g', {
    revises: 'f',
    header: '-- @requires backfill f',
    upgrade: 'CREATE TABLE t_g (id int);',
  });

  test('does not run as plain statements what has begun as a backfill', async () => {
    const plain = on([make('r1', [], zero), make('f', ['r1'], { upgrade: 'UPDATE p SET n = n + 1' })]);
    await upgrade({ ...plain, target: 'r1' });
    const { text } = await script({ ...plain, direction: 'upgrade' });
    await expect(upgrade(code())).rejects.toMatchObject({ code: 'backfill_incomplete' });
    await expect(database.query(text)).rejects.toThrow(/f began as a backfill and did not come to its end/);
    expect(await rows()).toEqual([1, 8, 1]);
  });

  test.each([
    ['offline', 'f:g'],
    ['while it was done', undefined],
  ])('stops in front of what requires it: made %s', async (_, target) => {
    const at = on(folderWith({ 'r1.sql': sql('r1', zero), 'f.sql': fill('-- @background\n'), 'g.sql': g }));
    await mend();
    for (const one of ['r1', 'f']) await upgrade({ ...at, target: one });
    if (target === undefined) await workBackfills(at);
    const { text } = await script({
      ...at,
      direction: 'upgrade',
      ...(target === undefined ? {} : { target }),
    });
    if (target === undefined) {
      await undo({ ...at, target: 'f', confirmed: true });
      await upgrade({ ...at, target: 'f' });
    }
    await expect(database.query(text)).rejects.toThrow(/the backfill of f, which is required here/);
    await workBackfills(at);
    if (target !== undefined) await database.query(text);
  });

  test('of a stamp stops behind a step that began outside a transaction', async () => {
    const outside = { transaction: 'none', upgrade: 'CREATE TABLE t_a (id int); SELECT 1 / 0' } as const;
    const at = on([make('r1', [], zero), make('o', ['r1'], outside)]);
    await upgrade({ ...at, target: 'r1' });
    const { text } = await script({ ...at, direction: 'stamp', target: 'o' });
    await expect(upgrade(at)).rejects.toMatchObject({ code: 'step_failed' });
    await expect(database.query(text)).rejects.toThrow(/since this script was made/);
    expect(await status(at)).toMatchObject({ current: ['r1'] });
  });
});

describe('a squash that keeps the last id', () => {
  const parts = (n = 0) => [
    make('a1', [], { upgrade: 'UPDATE p SET n = n + 1 WHERE id = 1' }),
    ...(n > 2 ? [make('x', ['a1'])] : []),
    make('c3', [n > 2 ? 'x' : 'a1'], { upgrade: 'UPDATE p SET n = n + 1 WHERE id = 3' }),
  ];
  const both = 'UPDATE p SET n = n + 1 WHERE id = 1; UPDATE p SET n = n + 1 WHERE id = 3';

  test('and stopped halfway outside a transaction has begun all that older code knows of it', async () => {
    const squash = { replaces: ['a1', 'c3'], transaction: 'none' } as const;
    const newer = on([make('c3', [], { ...squash, upgrade: `${both}; SELECT 1 / 0` })]);
    await expect(upgrade(newer)).rejects.toMatchObject({ code: 'step_failed' });
    await expect(upgrade(on(parts()))).rejects.toMatchObject(unfinished);
    expect(await rows()).toEqual([1, 8, 1]);
  });

  test('breaks code that lacks one of the others, however it came', async () => {
    const squash = { replaces: ['a1', 'x', 'c3'], breaksBefore: '2.0.0', upgrade: both };
    const newer = [make('c3', [], squash)];
    await upgrade(on(newer));
    const old = { ...on(parts()), releases: { '1.0.0': 'c3' } };
    expect(await readiness(old).check()).toMatchObject({ ready: false });
    await stamp({ ...on(newer), target: 'c3', reason: 'again', confirmed: true });
    expect(await readiness(old).check()).toMatchObject({ ready: false });
    // Neither code that has all of its parts, nor code that has dropped their names.
    expect(await readiness({ ...on(parts(3)), releases: { '1.0.0': 'c3' } }).check()).toMatchObject({
      ready: true,
    });
    expect(await readiness(on([make('c3')])).check()).toMatchObject({ ready: true });
    await downgrade({ ...on(newer), target: 'c3', confirmed: true });
  });
});
