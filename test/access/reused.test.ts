import { describe, expect, test } from 'vitest';
import { accept, boot, explain, readiness, repair, stamp, status, upgrade } from '../../lib/index.js';
import { statusText } from '../../lib/render/status.js';
import { databasePerTest, tableRevision as make, ran } from '../support/history.js';

/* The file of a revision was deleted, and another one got its id: the ledger's *done* is not a word on it. */

const { byScript, on, rows, tables } = databasePerTest();
const older = [make('r1'), make('x', ['r1']), make('r2', ['x'])];
const onTop = [make('r1'), make('r2', ['r1']), make('x', ['r2'], { makes: ['new'] })];
const beside = [make('r1'), make('r2', ['r1']), make('x', ['r1'], { makes: ['new'] })];

describe.each([
  ['on top of what stood on it', onTop],
  ['beside what stood on it', beside],
])('an id that is used again %s', (_, newer) => {
  test('is asked about, by all', async () => {
    await upgrade(on(older));
    const refused = {
      code: 'missed_revisions',
      message: expect.stringContaining('what ran here as x had another text'),
      hint: expect.stringMatching(/revgraph accept x .*revgraph repair --revision x/),
    };
    await expect(upgrade({ ...on(newer), target: 'heads' })).rejects.toMatchObject(refused);
    await expect(upgrade({ ...on(newer), target: 'heads', missed: 'run' })).rejects.toMatchObject(refused);
    await expect(boot({ ...on(newer), target: 'heads' })).rejects.toMatchObject(refused);
    expect(await readiness({ ...on(newer), target: 'heads' }).check()).toMatchObject({ ready: false });
    await expect(repair(on(newer))).rejects.toMatchObject({ code: 'repair_refused' });
    const found = await status(on(newer));
    expect(found).toMatchObject({ state: 'missed', missed: [{ revision: 'x', reused: true }] });
    expect(statusText(found)).toMatch(/missed {4}x ran with another text and in another place/);
    expect((await explain({ ...on(newer), revision: 'x' })).why.join(' ')).toMatch(/may be another revision/);
  });

  test('runs where it is another, and counts from then on', async () => {
    await upgrade(on(older));
    await repair({ ...on(newer), run: ['x'], reason: 'another one' });
    expect(await tables()).toEqual(['t_new', 't_r1', 't_r2', 't_x']);
    expect(await status(on(newer))).toMatchObject({ state: 'current', missed: [], edited: [] });
    const next = [...newer, make('r3', ['x', 'r2'])];
    expect(ran(await upgrade({ ...on(next), target: 'heads' }))).toEqual(['r3']);
  });

  test('does not run where it is the same', async () => {
    await upgrade(on(older));
    await accept({ ...on(newer), revision: 'x', reason: 'moved and edited' });
    expect(await status(on(newer))).toMatchObject({ state: 'current', missed: [], edited: [] });
    expect(await tables()).toEqual(['t_r1', 't_r2', 't_x']);
  });

  test('stays asked about, whatever is decided beside it', async () => {
    await upgrade(on([...older, make('e', ['r2'])]));
    const edited = [...newer, make('e', ['r2'], { makes: ['e', 'e2'] })];
    await accept({ ...on(edited), revision: 'e', reason: 'by hand' });
    expect(await status(on(edited))).toMatchObject({ state: 'missed', missed: [{ revision: 'x' }] });
  });
});

test('what was only moved, or only edited, is not asked about', async () => {
  await upgrade(on(older));
  const moved = [make('r1'), make('r2', ['r1']), make('x', ['r2'])];
  expect(await status(on(moved))).toMatchObject({ state: 'current', missed: [] });
  const edited = [make('r1'), make('x', ['r1'], { makes: ['new'] }), make('r2', ['x'])];
  expect(await status(on(edited))).toMatchObject({ state: 'current', missed: [], edited: ['x'] });
});

test('through what is gone as well', async () => {
  await upgrade(on([...older.slice(0, 2), make('y', ['x']), make('r2', ['y'])]));
  expect(await status(on(onTop))).toMatchObject({
    state: 'missed',
    missed: [{ revision: 'x', reused: true }],
  });
});

describe('a revision that was moved above what stood on it', () => {
  const moved = [make('r1'), make('r2', ['r1']), make('x', ['r2']), make('r3', ['x'])];

  test.each([{}, { lock: 'row' }, { lock: 'transaction' }] as const)('is gone on from, %o', async (lock) => {
    await upgrade(on(older));
    expect(ran(await upgrade({ ...on(moved), ...lock }))).toEqual(['r3']);
    expect(await rows()).toEqual(['r3']);
  });

  test('by a script', async () => {
    await upgrade(on(older));
    await byScript(moved);
    expect(await rows()).toEqual(['r3']);
  });

  test.each([{}, { lock: 'row' }] as const)('is stamped, %o', async (lock) => {
    await upgrade(on(older));
    await stamp({ ...on(moved), target: 'r1', reason: 'the rest is gone', confirmed: true, ...lock });
    expect(await rows()).toEqual(['r1']);
  });
});
