import { describe, expect, test } from 'vitest';
import {
  downgrade,
  type Explanation,
  explain,
  type Revision,
  repair,
  stamp,
  status,
  upgrade,
} from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { databasePerTest, tableRevision as make } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* Why a revision is what it is on a database, and the command that goes on: which then does. */

const { database, on } = databasePerTest();
const told = ({ why }: Explanation) => why.join(' ');
const [a, b, c] = [make('a'), make('b', ['a']), make('c', ['b'])];
const all = [a, b, c];
const of = (revision: string, revisions: readonly Revision[] = all) =>
  explain({ ...on(revisions), revision });

describe('applied', () => {
  test('by an upgrade: who and when, what stands on it, and nothing to do', async () => {
    await upgrade({ ...on(all), actor: 'eve', application: 'shop 2.0' });
    const found = await of('b');
    expect(found).toMatchObject({
      revision: 'b',
      state: 'applied',
      today: null,
      next: null,
      on: ['a'],
      above: ['c'],
      lastEntry: { revision: 'b', direction: 'upgrade', outcome: 'done' },
      heldBy: null,
    });
    expect(told(found)).toMatch(
      /^b is applied: it is below c in revgraph_version\. The upgrade of b ran on \d{4}-\d\d-\d\d \d\d:\d\d UTC by eve on \S+ for shop 2\.0\. c stands on it/,
    );
    expect(told(await of('head'))).toMatch(/^c is applied: it is a row of revgraph_version\./);
  });

  test('by a stamp that covers it, with the reason', async () => {
    await stamp({ ...on(all), target: 'b', reason: 'made by hand', confirmed: true });
    const found = await of('a');
    expect(found).toMatchObject({ state: 'applied', lastEntry: { direction: 'stamp', revision: 'b' } });
    expect(told(found)).toMatch(/A stamp counted it as applied .*, with the reason: made by hand\./);
  });

  test('where no ledger says when', async () => {
    await database.query(
      "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL); INSERT INTO alembic_version VALUES ('b')",
    );
    expect(await of('a')).toMatchObject({ state: 'applied', lastEntry: null, next: null });
    expect(told(await of('a'))).toContain('no entry of the ledger that says when it ran');
    expect(await of('c')).toMatchObject({ state: 'pending', next: 'revgraph upgrade c' });
  });
});

describe('pending', () => {
  test('with what has to run first; the next command runs it', async () => {
    await upgrade({ ...on(all), target: 'a' });
    const found = await of('c');
    expect(found).toMatchObject({ state: 'pending', next: 'revgraph upgrade c', on: ['b'], above: [] });
    expect(told(found)).toBe(
      'c has not run on this database. It stands on 1 other revision that has to run first: b.',
    );
    expect((await status(on(all))).pending).toContain('c');
  });

  test('again: taken back, or forgotten by a stamp', async () => {
    await upgrade(on(all));
    await downgrade({ ...on(all), target: 'b' });
    expect(told(await of('c'))).toMatch(/^c is not applied: it was taken back\. The downgrade of c ran on /);
    await stamp({ ...on(all), target: 'a', confirmed: true });
    const found = await of('b');
    expect(found).toMatchObject({ state: 'pending', lastEntry: { direction: 'upgrade', outcome: 'done' } });
    expect(told(found)).toMatch(/^b is not applied: a later stamp does not count it\./);
  });

  test('on a database with tables and no version table, the evidence comes first', async () => {
    await database.query('CREATE TABLE t_a (id int)');
    expect(await of('a')).toMatchObject({ state: 'pending', next: 'revgraph stamp --auto' });
  });
});

test('held: what it waits for, also by way of what it stands on', async () => {
  const revisions = folderWith({
    'a.sql': sql('a', { upgrade: 'CREATE TABLE t (id int PRIMARY KEY, x int); INSERT INTO t VALUES (1);' }),
    'fill.sql': sql('fill', {
      revises: 'a',
      header: '-- @background',
      more: '-- @batch "fill" table t key id where "x IS NULL"\nUPDATE t SET x = 1 WHERE x IS NULL;',
    }),
    'use.sql': sql('use', { revises: 'fill', header: '-- @requires backfill fill', upgrade: 'SELECT 1;' }),
    'more.sql': sql('more', { revises: 'use', upgrade: 'SELECT 1;' }),
  });
  const options = { revisions, database: database.url };
  await upgrade({ ...options, target: 'a' });
  expect(await explain({ ...options, revision: 'use' })).toMatchObject({
    state: 'held',
    next: 'revgraph upgrade fill',
  });
  await upgrade({ ...options, target: 'fill' });
  expect(await explain({ ...options, revision: 'fill' })).toMatchObject({
    state: 'applied',
    next: 'revgraph backfill work',
  });
  const found = await explain({ ...options, revision: 'more' });
  expect(found).toMatchObject({
    state: 'held',
    next: 'revgraph backfill work',
    heldBy: [{ revision: 'use', backfill: 'fill', why: expect.stringContaining('not finished') }],
  });
  expect(told(found)).toMatch(
    /^more is held, because it stands on use, which is held: it requires the backfill/,
  );
});

describe('unfinished', () => {
  test('a failure that left nothing, with its cause', async () => {
    const broken = [a, make('b', ['a'], { upgrade: 'DROP TABLE nowhere' })];
    await expect(upgrade(on(broken))).rejects.toMatchObject({ code: 'step_failed' });
    const found = await of('b', broken);
    expect(found).toMatchObject({
      state: 'unfinished',
      next: 'revgraph upgrade b',
      lastEntry: { outcome: 'failed', sqlstate: '42P01' },
    });
    expect(told(found)).toMatch(
      /^The upgrade of b failed on .*: table "nowhere" does not exist \(SQLSTATE 42P01\)\. It failed at: DROP TABLE nowhere Nothing of it remains\. Fix the cause/,
    );
    await upgrade(on([a, b]));
    expect(await of('b', [a, b])).toMatchObject({ state: 'applied', lastEntry: { attempt: 2 } });
  });

  test('half of it done outside a transaction, failed or interrupted', async () => {
    const statements =
      'CREATE INDEX CONCURRENTLY i ON t_a (id);\nCREATE INDEX CONCURRENTLY j ON nowhere (id);';
    const outside = [a, make('b', ['a'], { upgrade: statements })];
    await expect(upgrade(on(outside))).rejects.toMatchObject({ code: 'step_failed' });
    expect(told(await of('b', outside))).toContain('1 of 2 statements is finished');
    await database.query("DELETE FROM revgraph_ledger WHERE outcome = 'failed'");
    const found = await of('b', outside);
    expect(found).toMatchObject({
      state: 'unfinished',
      next: 'revgraph upgrade b',
      lastEntry: { outcome: 'running' },
    });
    expect(told(found)).toContain('it goes on, or it was interrupted');
    expect(told(found)).not.toContain('Nothing of it remains');
  });

  test('code that may not run twice is not run again by a command', async () => {
    const upgrades = () => Promise.reject(new Error('half way'));
    const code = (idempotent: boolean) => [
      a,
      make('b', ['a'], { upgrade: upgrades, transaction: 'none', idempotent }),
    ];
    await expect(upgrade(on(code(false)))).rejects.toMatchObject({ code: 'step_failed' });
    const found = await of('b', code(false));
    expect(found).toMatchObject({ state: 'unfinished', next: null });
    expect(told(found)).toContain('add @idempotent');
    expect(await of('b', code(true))).toMatchObject({ next: 'revgraph upgrade b' });
  });

  test('a downgrade that failed leaves it applied', async () => {
    const stuck = [a, make('b', ['a'], { downgrade: 'DROP TABLE nowhere' })];
    await upgrade(on(stuck));
    await expect(downgrade({ ...on(stuck), target: 'a' })).rejects.toMatchObject({ code: 'step_failed' });
    const found = await of('b', stuck);
    expect(found).toMatchObject({ state: 'unfinished', next: 'revgraph undo b' });
    expect(told(found)).toMatch(/^The downgrade of b failed .* b is still applied\./);
  });
});

test('edited since it ran', async () => {
  await upgrade(on(all));
  const edited = [a, make('b', ['a'], { upgrade: 'CREATE TABLE t_b (id bigint)' }), c];
  const found = await of('b', edited);
  expect(found).toMatchObject({ state: 'edited', next: expect.stringContaining('revgraph accept b') });
  expect(told(found)).toContain('Its file has been edited since');
  expect(await of('a', edited)).toMatchObject({ state: 'applied' });
});

describe('rows and ledger that differ', () => {
  test('missed: repair runs it', async () => {
    await upgrade(on([a, make('c', ['a'])]));
    const found = await of('b');
    expect(found).toMatchObject({ state: 'missed', next: 'revgraph repair', above: ['c'], on: ['a'] });
    expect(told(found)).toMatch(
      /^b never ran here, but c, which stands on it, is applied\. It was inserted below/,
    );
    const more = [...all, make('d', ['c'])];
    expect(await of('d', more)).toMatchObject({ state: 'pending', next: 'revgraph repair' });
    await repair(on(all));
    expect(await of('b')).toMatchObject({ state: 'applied', next: null });
  });

  test('lost: the stamp that is named restores the row', async () => {
    await upgrade(on(all));
    await database.query("UPDATE revgraph_version SET revision = 'a'");
    const found = await of('b');
    expect(found).toMatchObject({ state: 'lost', next: 'revgraph stamp c --yes' });
    expect(told(found)).toContain('No row of revgraph_version claims b: the table holds a.');
    expect(await of('a')).toMatchObject({ state: 'applied' });
    await stamp({ ...on(all), target: 'c', confirmed: true });
    expect(await of('b')).toMatchObject({ state: 'applied' });
  });
});

describe('what no file has', () => {
  test('a row that is ahead, and what is pending beside it', async () => {
    await upgrade({ ...on(all), actor: 'eve' });
    const found = await of('c', [a, b]);
    expect(found).toMatchObject({ state: 'unknown', next: null, on: ['b'], lastEntry: { revision: 'c' } });
    expect(told(found)).toMatch(
      /^c is a row of revgraph_version, and no file has it\. It is ahead of this code: it stands on b \(ran .* by eve/,
    );
    const side = [a, b, make('side', ['b'])];
    expect(await of('side', side)).toMatchObject({ state: 'pending', next: 'revgraph explain c' });
    expect(await explain({ ...on(side), revision: 'side', unknownRows: 'allow' })).toMatchObject({
      next: 'revgraph upgrade side',
    });
    // What the row includes is in the ledger.
    expect(await of('b', side)).toMatchObject({ state: 'applied' });
  });

  test('an ancestor whose file was deleted, and one that was taken back', async () => {
    await upgrade(on(all));
    const found = await of('b', [a, make('c', ['a'])]);
    expect(found).toMatchObject({ state: 'deleted', next: null, on: ['a'], lastEntry: { revision: 'b' } });
    expect(told(found)).toContain('The ledger counts it as applied.');
    await downgrade({ ...on(all), target: 'a' });
    expect(told(await of('b', [a]))).toContain('It is not applied');
  });

  test('nowhere: the error of every command', async () => {
    await upgrade(on(all));
    await expect(of('zzzz')).rejects.toMatchObject({ code: 'unknown_revision', exitValue: 2 });
    await expect(of('base')).rejects.toMatchObject({ code: 'bad_target', exitValue: 2 });
  });
});

describe('names of the past', () => {
  test('a former name: what it is today, and why that is so', async () => {
    await upgrade(on(all));
    const same = { upgrade: 'CREATE TABLE t_b (id int)', downgrade: 'DROP TABLE t_b' };
    const renamed = [a, make('b2', ['a'], { ...same, formerly: ['b'] }), make('c', ['b2'])];
    const found = await of('b', renamed);
    expect(found).toMatchObject({ state: 'renamed', today: 'b2', next: null, above: ['c'] });
    expect(told(found)).toMatch(/^b is a former name of b2 \(@formerly\)\. b2 is applied: it is below c/);
    expect(await of('b2', renamed)).toMatchObject({ lastEntry: { revision: 'b' } });
  });

  test('a squash: all of it ran, or a part', async () => {
    await upgrade(on([a, b]));
    const whole = [make('s', [], { replaces: ['a', 'b'] })];
    expect(await of('s', whole)).toMatchObject({ state: 'applied', next: null });
    const found = await of('a', whole);
    expect(found).toMatchObject({ state: 'squashed', today: 's', lastEntry: { revision: 'a' } });
    expect(told(found)).toMatch(/^a is one of the revisions whose place the squash s took/);
    const part = [make('s', [], { replaces: ['a', 'b', 'c'] })];
    expect(await of('s', part)).toMatchObject({ state: 'below', next: null });
    expect(told(await of('s', part))).toContain('a, b ran here and c did not');
  });
});

test('nothing is written', async () => {
  await of('b');
  expect(
    await database.query("SELECT count(*)::int AS n FROM pg_class WHERE relname LIKE 'revgraph%'"),
  ).toEqual([{ n: 0 }]);
});

test('on the command line: sentences with the next command, or one document', async () => {
  const revisions = folderWith({
    'a.sql': sql('a', { upgrade: 'CREATE TABLE t_a (id int);' }),
    'b.sql': sql('b', { revises: 'a', upgrade: 'CREATE TABLE t_b (id int);' }),
  });
  const call = (...args: string[]) =>
    run('.', ['explain', ...args, '--revisions', revisions], { DATABASE_URL: database.url });
  const { exitValue, stdout } = await call('b');
  expect(exitValue).toBe(0);
  expect(stdout).toBe(`b  pending
  b has not run on this database.
  It stands on 1 other revision that has to run first: a.
→ revgraph upgrade b --revisions ${revisions}
`);
  const document = JSON.parse((await call('b', '--json')).stdout);
  expect(document).toMatchObject({ revision: 'b', state: 'pending', next: 'revgraph upgrade b' });
  expect(Object.keys(document)).toEqual(
    expect.arrayContaining(['revision', 'state', 'why', 'next', 'on', 'above', 'lastEntry', 'heldBy']),
  );
  const unknown = await call('nowhere');
  expect([unknown.exitValue, unknown.stdout]).toEqual([2, '']);
  expect(unknown.stderr).toContain('No revision, label or prefix matches "nowhere".');
  expect(JSON.parse((await call('nowhere', '--json')).stdout).error.code).toBe('unknown_revision');
});
