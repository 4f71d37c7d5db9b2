import { beforeEach, describe, expect, test } from 'vitest';
import {
  boot,
  downgrade,
  preflight,
  type Revision,
  readiness,
  repair,
  stamp,
  status,
  upgrade,
} from '../../lib/index.js';
import { databasePerTest, tableRevision } from '../support/history.js';

/* History that changes under a database: nothing is ever passed over in silence. */

const { database, on, rows, tables } = databasePerTest();
const make = (revision: string, revises: readonly string[] = [], dependsOn: readonly string[] = []) =>
  tableRevision(revision, revises, { dependsOn });

const BEFORE = [make('r0'), make('dev', ['r0'])];

/** How a revision comes to stand below an applied one. */
const HIDDEN: readonly [string, readonly Revision[]][] = [
  ['inserted below', [make('r0'), make('rel', ['r0']), make('dev', ['rel'])]],
  ['made a dependency', [make('r0'), make('rel', ['r0']), make('dev', ['r0'], ['rel'])]],
  [
    'on a line of its own that was made a dependency',
    [make('r0'), make('rel'), make('dev', ['r0'], ['rel'])],
  ],
  ['merged in', [make('r0'), make('rel', ['r0']), make('dev', ['r0', 'rel'])]],
];

describe.each(HIDDEN)('a revision that was %s', (_, after) => {
  beforeEach(() => upgrade(on(BEFORE)));
  const missed = { missed: [{ revision: 'rel', above: ['dev'] }] };
  const refused = { code: 'missed_revisions', exitValue: 4, details: missed };

  test('is refused by everything that would say current', async () => {
    await expect(upgrade({ ...on(after), target: 'heads' })).rejects.toMatchObject(refused);
    await expect(upgrade({ ...on(after), dryRun: true })).rejects.toMatchObject(refused);
    await expect(upgrade(on([...after, make('next', ['dev'])]))).rejects.toMatchObject(refused);
    await expect(preflight(on(after))).rejects.toMatchObject(refused);
    for (const policy of ['migrate', 'verify', 'wait'] as const)
      await expect(boot({ ...on(after), policy })).rejects.toMatchObject(refused);
    expect(await status(on(after))).toMatchObject({ state: 'missed', ...missed });
    expect(await readiness(on(after)).check()).toMatchObject({ ready: false, state: 'missed' });
    expect(await tables()).toEqual(['t_dev', 't_r0']);
  });

  test('is run by repair, which says so first, and exactly once', async () => {
    const dry = await repair({ ...on(after), dryRun: true });
    expect(dry.steps.map(({ revision }) => revision)).toEqual(['rel']);
    expect((await repair(on(after))).steps.map(({ revision }) => revision)).toEqual(['rel']);
    expect(await tables()).toEqual(['t_dev', 't_r0', 't_rel']);
    expect(await status(on(after))).toMatchObject({ state: 'current', missed: [] });
    expect((await upgrade({ ...on(after), target: 'heads' })).steps).toEqual([]);
    await downgrade({ ...on(after), target: 'base' });
    expect(await tables()).toEqual([]);
  });

  test('is counted as applied by nothing but a stamp that was confirmed', async () => {
    const word = { ...on(after), target: ['dev'], reason: 'its table is made by hand' };
    await expect(stamp(word)).rejects.toMatchObject({ code: 'confirmation_needed' });
    expect(await stamp({ ...word, dryRun: true })).toMatchObject({ neverRan: ['rel'] });
    expect((await stamp({ ...word, confirmed: true })).neverRan).toEqual(['rel']);
    expect(await status(on(after))).toMatchObject({ state: 'current', missed: [] });
    expect((await upgrade({ ...on(after), target: 'heads' })).steps).toEqual([]);
  });
});

describe('changes that hide nothing are no fault', () => {
  test('an ancestor that was deleted, or a line put on an older base', async () => {
    await upgrade(on([make('r0'), make('fix', ['r0']), make('dev', ['fix'])]));
    for (const after of [[make('r0'), make('dev', ['r0'])], [make('dev')]])
      expect(await status(on(after))).toMatchObject({ state: 'current', missed: [] });
    const more = [make('r0'), make('dev', ['r0']), make('next', ['dev'])];
    expect((await upgrade(on(more))).steps.map(({ revision }) => revision)).toEqual(['next']);
  });
});

describe('rows that are gone while the ledger says that revisions ran', () => {
  const revisions = [make('r0'), make('dev', ['r0'])];

  test.each([
    ['emptied', 'DELETE FROM revgraph_version'],
    ['dropped', 'DROP TABLE revgraph_version'],
    ['set back', "UPDATE revgraph_version SET revision = 'r0'"],
  ])('%s: refused before anything runs twice, and restored by the stamp that is named', async (_, tamper) => {
    await upgrade(on(revisions));
    await database.query(tamper);
    const refused = { code: 'rows_lost', exitValue: 4, details: { restore: ['dev'] } };
    await expect(upgrade(on(revisions))).rejects.toMatchObject(refused);
    await expect(boot(on(revisions))).rejects.toMatchObject(refused);
    await expect(downgrade({ ...on(revisions), target: 'base' })).rejects.toMatchObject(refused);
    expect(await status(on(revisions))).toMatchObject({ state: 'lost' });
    expect(await readiness(on(revisions)).check()).toMatchObject({ ready: false, state: 'lost' });
    await stamp({ ...on(revisions), target: ['dev'], confirmed: true });
    expect(await status(on(revisions))).toMatchObject({ state: 'current', lost: [] });
    expect(await rows()).toEqual(['dev']);
  });
});

describe('a change of rows is read back in its transaction', () => {
  const more = [...BEFORE, make('next', ['dev'])];

  test.each([
    [
      'put back by a trigger',
      `CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE revgraph_version SET revision = 'dev' WHERE revision = 'next'; RETURN NULL; END $$;
       CREATE TRIGGER back AFTER UPDATE ON revgraph_version FOR EACH ROW WHEN (NEW.revision = 'next') EXECUTE FUNCTION back()`,
    ],
    [
      'swallowed by a trigger',
      `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
       CREATE TRIGGER no BEFORE UPDATE ON revgraph_version FOR EACH ROW EXECUTE FUNCTION no()`,
    ],
    ['swallowed by a rule', 'CREATE RULE no AS ON UPDATE TO revgraph_version DO INSTEAD NOTHING'],
  ])('%s: the step is rolled back', async (_, tamper) => {
    await upgrade(on(BEFORE));
    await database.query(tamper);
    await expect(upgrade(on(more))).rejects.toMatchObject({
      code: 'step_failed',
      message: expect.stringContaining('changed during the run'),
    });
    expect(await tables()).toEqual(['t_dev', 't_r0']);
    expect(await rows()).toEqual(['dev']);
  });
});

describe('rows that no file has', () => {
  const core = [make('m1'), make('m2', ['m1'])];
  const plugin = [make('p1'), make('p2', ['p1'])];

  test('with allow, what is pending runs beside them, and they stay', async () => {
    await upgrade({ ...on([...core, ...plugin]), target: 'heads' });
    const more = [...core, make('m3', ['m2'])];
    await expect(upgrade(on(more))).rejects.toMatchObject({ code: 'unknown_row' });
    const done = await upgrade({ ...on(more), unknownRows: 'allow' });
    expect(done.steps.map(({ revision }) => revision)).toEqual(['m3']);
    expect(await rows()).toEqual(['m3', 'p2']);
    expect((await upgrade({ ...on([...more, ...plugin]), target: 'heads' })).steps).toEqual([]);
  });

  test('checklist, dry run and run plan the same', async () => {
    await upgrade({ ...on([...core, ...plugin]), target: 'heads' });
    const options = { ...on([...core, make('m3', ['m2'])]), unknownRows: 'allow' as const };
    const { steps, from, to } = await preflight(options);
    const dry = await upgrade({ ...options, dryRun: true });
    expect(steps).toEqual(['m3']);
    expect(dry.steps.map(({ revision }) => revision)).toEqual(steps);
    const done = await upgrade(options);
    expect(done.steps.map(({ revision }) => revision)).toEqual(steps);
    expect(from).toEqual(expect.arrayContaining(['m2', 'p2']));
    expect([...to].sort()).toEqual(await rows());
  });

  test('what an unknown row includes is not run again', async () => {
    await upgrade(on([...core, make('later', ['m2'])]));
    const side = [...core, make('side', ['m2'])];
    const done = await upgrade({ ...on(side), unknownRows: 'allow' });
    expect(done.steps.map(({ revision }) => revision)).toEqual(['side']);
    expect(await rows()).toEqual(['later', 'side']);
  });

  test('a stamp drops them only when that is said', async () => {
    await upgrade({ ...on([...core, ...plugin]), target: 'heads' });
    const word = { ...on(core), target: ['m2'] };
    expect(await stamp({ ...word, dryRun: true })).toMatchObject({ forgets: ['p2'] });
    await expect(stamp(word)).rejects.toMatchObject({ code: 'confirmation_needed' });
    await stamp({ ...word, unknownRows: 'allow', reason: 'the plugin is retired' });
    expect(await rows()).toEqual(['m2']);
  });
});

test('a boot that runs what is pending says current afterwards', async () => {
  await upgrade(on(BEFORE));
  const more = [...BEFORE, make('next', ['dev'])];
  expect(await boot(on(more))).toMatchObject({ found: 'behind', state: 'current', current: ['next'] });
});

test('a stamp below what ran says what will run again', async () => {
  await upgrade(on(BEFORE));
  const word = { ...on(BEFORE), target: ['r0'] };
  expect(await stamp({ ...word, dryRun: true })).toMatchObject({ runsAgain: ['dev'] });
  await expect(stamp(word)).rejects.toMatchObject({
    code: 'confirmation_needed',
    message: expect.stringContaining('dev'),
  });
});

test('a table of Alembic that is taken over writes down what it covered, once', async () => {
  await database.query(
    "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL); INSERT INTO alembic_version VALUES ('b')",
  );
  const revisions = [make('a'), make('b', ['a'])];
  await upgrade(on([...revisions, make('c', ['b'])]));
  const [first] = await database.query('SELECT direction, statistics FROM revgraph_ledger ORDER BY entry');
  expect(first).toMatchObject({ direction: 'stamp', statistics: { covers: ['a', 'b'] } });
  const below = [make('a'), make('x', ['a']), make('b', ['x']), make('c', ['b'])];
  await expect(upgrade(on(below))).rejects.toMatchObject({
    code: 'missed_revisions',
    details: { missed: [{ revision: 'x', above: ['b', 'c'] }] },
  });
});

test('a row that another one includes since a dependency was added hides nothing, and goes with it', async () => {
  await upgrade({ ...on([make('a'), make('o')]), target: 'heads' });
  expect(await rows()).toEqual(['a', 'o']);
  const after = [make('a'), make('o', [], ['a']), make('next', ['o'])];
  expect(await status(on(after))).toMatchObject({ state: 'behind', current: ['o'], pending: ['next'] });
  expect((await upgrade({ ...on(after), dryRun: true })).steps).toMatchObject([{ revision: 'next' }]);
  expect((await upgrade(on(after))).steps).toMatchObject([{ revision: 'next' }]);
  expect(await rows()).toEqual(['next']);
  await downgrade({ ...on(after), target: 'base' });
  expect([await rows(), await tables()]).toEqual([[], []]);
});
