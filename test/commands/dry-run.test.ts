import { describe, expect, test } from 'vitest';
import {
  boot,
  defineRevision,
  downgrade,
  isRevgraphError,
  type Revision,
  repair,
  status,
  switchDatabase,
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

test('a lock that guards no step outside a transaction', async () => {
  await upgrade(on([base]));
  const outside = with_({ transaction: 'none', upgrade: 'CREATE INDEX CONCURRENTLY i ON t_first (id)' });
  for (const dryRun of [true, false])
    await expect(upgrade({ ...on(outside), lock: 'row', dryRun })).rejects.toMatchObject({
      code: 'lock_guards_no_step',
    });
});

test('a schema that is not there, and that the first step does not make', async () => {
  for (const dryRun of [true, false])
    await expect(upgrade({ ...on([base]), schema: 'nope', dryRun })).rejects.toMatchObject({
      code: 'schema_missing',
    });
  expect(await tables()).toEqual([]);
  const makes = make('first', [], { upgrade: 'CREATE SCHEMA app; CREATE TABLE app.t_first (id int)' });
  for (const dryRun of [true, false])
    expect(await upgrade({ ...on([makes]), schema: 'app', dryRun })).toMatchObject({ to: ['first'] });
});

test("tables of others in another schema are nobody's here", async () => {
  await database.query('CREATE SCHEMA other; CREATE TABLE other.t (id int)');
  expect(await status(on([base]))).toMatchObject({ state: 'empty' });
  for (const dryRun of [true, false])
    expect(await boot({ ...on([base]), dryRun })).toMatchObject({ found: 'empty' });
});

test('a switch whose way up is refused takes nothing back', async () => {
  const work = make('work', ['first'], {
    upgrade: 'CREATE TABLE t_work (id int); INSERT INTO t_work VALUES (1)',
  });
  await upgrade(on([base, work]));
  const up = with_({ upgrade: 'ALTER TABLE t_first ADD COLUMN name text NOT NULL' });
  for (const dryRun of [true, false])
    await expect(switchDatabase({ ...on(up), dryRun, confirmed: true })).rejects.toMatchObject({
      code: 'preflight_refused',
    });
  expect(await tables()).toEqual(['t_first', 't_work']);
  // What the way down takes away is in nobody's way.
  const again = [base, make('other', ['first'], { upgrade: 'CREATE TABLE t_work (id bigint)' })];
  for (const dryRun of [true, false])
    expect((await switchDatabase({ ...on(again), dryRun, confirmed: true })).up.to).toEqual(['other']);
});
