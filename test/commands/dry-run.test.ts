import { describe, expect, test } from 'vitest';
import {
  boot,
  defineRevision,
  downgrade,
  isRevgraphError,
  type Revision,
  repair,
  upgrade,
} from '../../lib/index.js';
import { databasePerTest, tableRevision as make } from '../support/history.js';

/* A dry run refuses what the run refuses, in the same words, and changes nothing. */

const { database, on, rows, tables } = databasePerTest();
const base = make('first', [], { upgrade: 'CREATE TABLE t_first (id int); INSERT INTO t_first VALUES (1)' });
const with_ = (more: Parameters<typeof make>[2]): Revision[] => [base, make('next', ['first'], more)];
let calls = 0;
const failing = defineRevision({
  revision: 'next',
  revises: ['first'],
  transaction: 'none',
  upgrade: async () => {
    calls += 1;
    throw new Error('in the middle');
  },
});

const SITUATIONS: readonly [string, string, readonly Revision[], object?][] = [
  [
    'what preflight says no to',
    'preflight_refused',
    with_({ upgrade: 'ALTER TABLE t_first ADD COLUMN name text NOT NULL' }),
  ],
  [
    'a precheck that is false',
    'check_failed',
    with_({ precheck: [{ title: 'no rows', sql: 'SELECT count(*) = 0 FROM t_first' }] }),
  ],
  ['a requirement', 'requirement_unmet', with_({ requires: ['postgres >=99'] })],
  [
    'rows that would be lost under the policy to refuse',
    'destruction_refused',
    with_({ upgrade: 'DROP TABLE t_first' }),
    { destructive: 'refuse' },
  ],
  ['code that stopped in the middle', 'unfinished_step', [base, failing]],
];

describe.each(SITUATIONS)('%s: %s', (_, code, revisions, more = {}) => {
  test('by upgrade and boot, with and without dryRun', async () => {
    await upgrade(on([base]));
    if (code === 'unfinished_step')
      await expect(upgrade(on(revisions))).rejects.toMatchObject({ code: 'step_failed' });
    const before = calls;
    const options = { ...on(revisions), ...more };
    const outcomes = [];
    for (const run of [upgrade, boot])
      for (const dryRun of [true, false])
        outcomes.push(
          await run({ ...options, dryRun }).then(
            () => 'ran',
            (error) => (isRevgraphError(error) ? `${error.code} ${error.message}` : String(error)),
          ),
        );
    expect(outcomes[0]).toMatch(new RegExp(`^${code} `));
    expect(new Set(outcomes)).toHaveLength(1);
    expect(calls).toBe(before);
    expect(await rows()).toEqual(['first']);
    expect(await tables()).toEqual(['t_first']);
  });
});

test('a server that takes no writes', async () => {
  await upgrade(on([base]));
  await database.query(`ALTER DATABASE "${database.name}" SET default_transaction_read_only = on`);
  for (const dryRun of [true, false])
    await expect(upgrade({ ...on(with_({})), dryRun })).rejects.toMatchObject({ code: 'server_read_only' });
});

test('a repair', async () => {
  await upgrade(on([base, make('next', ['first'])]));
  const missed = make('missed', ['first'], { requires: ['postgres >=99'] });
  for (const dryRun of [true, false])
    await expect(repair({ ...on([base, missed, make('next', ['missed'])]), dryRun })).rejects.toMatchObject({
      code: 'requirement_unmet',
    });
});

test('a way down shows what it loses, and is asked by nobody', async () => {
  await upgrade(on([base]));
  const asked: unknown[] = [];
  const confirm = () => {
    asked.push('asked');
  };
  const dry = await downgrade({ ...on([base]), target: 'base', dryRun: true, confirm });
  const run = await downgrade({ ...on([base]), target: 'base', confirm });
  expect(dry.losses).toEqual(run.losses);
  expect(dry.losses).not.toEqual([]);
  expect(asked).toEqual(['asked']);
});
