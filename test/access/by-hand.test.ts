import { beforeEach, describe, expect, test } from 'vitest';
import {
  boot,
  downgrade,
  type Event,
  type Revision,
  readiness,
  stamp,
  status,
  upgrade,
} from '../../lib/index.js';
import { databasePerTest, tableRevision as make, ran } from '../support/history.js';

/* A squash that was written by hand and does not say what it took the place of: the ledger and its statements do. */

const { on, tables } = databasePerTest();
const sql = (...ids: string[]): string =>
  ids.map((id) => `CREATE TABLE t_${id} (id int);`).join('\n-- next\n');
const BEFORE = [make('r1'), make('r2', ['r1']), make('r3', ['r2']), make('r4', ['r3'])];
const squashed = (upgrade: string): Revision[] => [
  make('sq', [], { upgrade, downgrade: 'DROP TABLE t_r3; DROP TABLE t_r2; DROP TABLE t_r1' }),
  make('r4', ['sq']),
  make('r5', ['r4']),
];

beforeEach(() => upgrade(on(BEFORE)));

describe('a squash without @replaces', () => {
  const after = squashed(sql('r1', 'r2', 'r3'));

  test('counts as applied where all of its statements ran, in their order, and says what its header lacks', async () => {
    const events: Event[] = [];
    expect(await status(on(after))).toMatchObject({
      state: 'behind',
      pending: ['r5'],
      missed: [],
      removed: [],
    });
    expect(ran(await upgrade({ ...on(after), onEvent: (event) => events.push(event) }))).toEqual(['r5']);
    const said = 'sq holds what ran here as r1, r2, r3, statement for statement, and counts as applied';
    expect(events).toContainEqual(expect.objectContaining({ message: expect.stringContaining(said) }));
    expect(await boot(on(after))).toMatchObject({ state: 'current' });
    expect(await readiness(on(after)).check()).toMatchObject({ ready: true });
    await downgrade({ ...on(after), target: 'base' });
    expect(await tables()).toEqual([]);
  });

  test('also behind a stamp, which hides what ran before it', async () => {
    await stamp({ ...on(BEFORE), target: 'r4' });
    expect(ran(await upgrade(on(after)))).toEqual(['r5']);
  });

  test('counts in a part of what is gone: a data fix that was left out', async () => {
    await downgrade({ ...on(BEFORE), target: 'base' });
    const fix = make('fix', ['r2'], {
      upgrade: 'INSERT INTO t_r1 VALUES (1)',
      downgrade: 'DELETE FROM t_r1',
    });
    await upgrade(on([...BEFORE.slice(0, 2), fix, make('r3', ['fix']), make('r4', ['r3'])]));
    expect(ran(await upgrade(on(after)))).toEqual(['r5']);
  });
});

test.each([
  ['one statement more', squashed(`${sql('r1', 'r2', 'r3')}; INSERT INTO t_r1 VALUES (1)`)],
  [
    'one statement that differs',
    squashed(sql('r1', 'r2', 'r3').replace('t_r2 (id int)', 't_r2 (id bigint)')),
  ],
  ['another order', squashed(sql('r2', 'r1', 'r3'))],
  ['the statements of one alone', squashed(sql('r2'))],
  ['nothing below what is above it', [...squashed(sql('r1', 'r2')).slice(0, 1), make('r4', ['sq'])]],
])('%s: a revision that never ran', async (_, after) => {
  await expect(upgrade(on(after))).rejects.toMatchObject({ code: 'missed_revisions' });
  expect(await status(on(after))).toMatchObject({ state: 'missed', missed: [{ revision: 'sq' }] });
});

test('a squash under the id of its last part is not called edited, where every statement of it ran', async () => {
  const kept = (upgrade: string): Revision[] => [make('r3', [], { upgrade }), make('r4', ['r3'])];
  expect(await status(on(kept(sql('r1', 'r2', 'r3'))))).toMatchObject({ state: 'current', edited: [] });
  expect(await status(on(kept(sql('r1', 'r3', 'r2'))))).toMatchObject({ edited: ['r3'] });
});
