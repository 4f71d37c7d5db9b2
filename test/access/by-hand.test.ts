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

  test('goes on counting when what stood on it is taken back: our own entry names its parts', async () => {
    await downgrade({ ...on(after), target: 'sq' });
    expect(await status(on(after))).toMatchObject({ current: ['sq'], missed: [], lost: [] });
    expect(ran(await upgrade(on(after)))).toEqual(['r4', 'r5']);
    await downgrade({ ...on(after), target: 'base' });
    expect(await tables()).toEqual([]);
  });

  test('several, one upon the other', async () => {
    const more = [...BEFORE, make('r5', ['r4']), make('r6', ['r5'])];
    await upgrade(on(more));
    const two = [
      make('sa', [], { upgrade: sql('r1', 'r2') }),
      make('sb', ['sa'], { upgrade: sql('r3', 'r4', 'r5') }),
      make('r6', ['sb']),
      make('r7', ['r6']),
    ];
    expect(ran(await upgrade(on(two)))).toEqual(['r7']);
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
  ['one in between that is left out', squashed(sql('r1', 'r3'))],
  ['the last one left out', squashed(sql('r1', 'r2'))],
  [
    'a setting, which would last for what comes behind it',
    squashed(`SET search_path = public; ${sql('r1', 'r2', 'r3')}`),
  ],
])('%s: a revision that never ran', async (_, after) => {
  await expect(upgrade(on(after))).rejects.toMatchObject({ code: 'missed_revisions' });
  expect(await status(on(after))).toMatchObject({ state: 'missed', missed: [{ revision: 'sq' }] });
});

test('a squash under the id of its last part is not called edited, where every statement of it ran', async () => {
  const kept = (upgrade: string): Revision[] => [make('r3', [], { upgrade }), make('r4', ['r3'])];
  expect(await status(on(kept(sql('r1', 'r2', 'r3'))))).toMatchObject({ state: 'current', edited: [] });
  expect(await status(on(kept(sql('r1', 'r3', 'r2'))))).toMatchObject({ edited: ['r3'] });
});

test.each([
  'SET search_path = public',
  "DO $$ BEGIN EXECUTE 'SET search_' || 'path = public'; END $$",
  "SELECT set_config('search_' || 'path', 'public', false)",
  "UPDATE pg_settings SET setting = 'public' WHERE name = 'search_path'",
])('what a part sets ends with that part, and would not in the squash: %s', async (sets) => {
  await downgrade({ ...on(BEFORE), target: 'base' });
  const set = make('r1', [], { upgrade: `${sets}; CREATE TABLE t_r1 (id int)` });
  await upgrade(on([set, ...BEFORE.slice(1)]));
  const after = squashed(`${sets}; ${sql('r1', 'r2', 'r3')}`);
  await expect(upgrade(on(after))).rejects.toMatchObject({ code: 'missed_revisions' });
});

test('two that hold the same: nobody knows which', async () => {
  const two = [
    make('sa', [], { upgrade: sql('r1', 'r2', 'r3') }),
    make('sb', [], { upgrade: sql('r1', 'r2', 'r3') }),
    make('r4', ['sa', 'sb']),
  ];
  await expect(upgrade(on(two))).rejects.toMatchObject({ code: 'missed_revisions' });
});

test('a squash under the id of one of its parts, out of the real order, is edited', async () => {
  const kept = [BEFORE[0] as Revision, make('r2', ['r1'], { upgrade: sql('r3', 'r2') }), make('r4', ['r2'])];
  expect(await status(on(kept))).toMatchObject({ edited: ['r2'] });
});

test('what may have taken the place of what is gone is not run by itself, whatever is configured', async () => {
  const after = squashed(sql('r1', 'r2', 'r3').replace('t_r2 (id int)', 't_r2 (id bigint)'));
  const hint = expect.stringContaining('write `@replaces r1, r2, r3`');
  await expect(upgrade({ ...on(after), missed: 'run' })).rejects.toMatchObject({
    code: 'missed_revisions',
    hint,
  });
});

describe('what ran among its parts, or behind them', () => {
  const line = [make('r1'), make('k', ['r1'], { upgrade: 'INSERT INTO t_r1 VALUES (1)' }), make('r2', ['k'])];

  test('and is still there: in a new database it would run upon all of them', async () => {
    await downgrade({ ...on(BEFORE), target: 'base' });
    await upgrade(on([...line, make('top', ['r2'])]));
    const after = [
      make('sq', [], { upgrade: sql('r1', 'r2') }),
      make('k', ['sq'], { upgrade: 'INSERT INTO t_r1 VALUES (1)' }),
      make('top', ['k']),
    ];
    await expect(upgrade(on(after))).rejects.toMatchObject({ code: 'missed_revisions' });
  });

  test('and is gone, and in no squash', async () => {
    await downgrade({ ...on(BEFORE), target: 'base' });
    const side = make('side', ['r2'], { upgrade: 'DROP TABLE t_r1' });
    await upgrade({ ...on([...BEFORE.slice(0, 2), side, make('top', ['r2'])]), target: 'heads' });
    const after = [make('sq', [], { upgrade: sql('r1', 'r2') }), make('top', ['sq'])];
    const found = await status(on(after));
    expect(found.applied).not.toContain('sq');
  });
});
