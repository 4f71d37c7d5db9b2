import { beforeEach, describe, expect, test } from 'vitest';
import { downgrade, type LogEntry, log, stamp, upgrade } from '../../lib/index.js';
import { momentOf } from '../../lib/inspection/log.js';
import { run } from '../support/command-line.js';
import { databasePerTest, tableRevision as make } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* The ledger as a story: every attempt once, newest first, with what became of it. */

const { database, on } = databasePerTest();
const story = ({ entries }: { entries: readonly LogEntry[] }) =>
  entries.map(
    ({ direction, revision, outcome, attempt }) => `${direction} ${revision} ${outcome} ${attempt}`,
  );

const a = make('a');
const b = make('b', ['a']);
const both = [a, b];
/** `b` as it was before somebody mended it. */
const broken = make('b', ['a'], {
  upgrade: 'CREATE TABLE t_b (id int);\n-- why\nDROP TABLE nowhere\n  CASCADE;',
});

/** a; b fails twice and then runs; b down; stamp of b. */
async function live(): Promise<void> {
  const who = { actor: 'eve', application: 'shop 2.0' };
  for (let n = 0; n < 2; n++)
    await expect(upgrade({ ...on([a, broken]), ...who })).rejects.toMatchObject({ code: 'step_failed' });
  await upgrade({ ...on(both), ...who });
  await downgrade({ ...on(both), target: 'a' });
  await database.query('CREATE TABLE t_b (id int)');
  await stamp({ ...on(both), target: 'b', reason: 'its table was made by hand', confirmed: true });
}

test('who, when, what, how long, from where to where, and why', async () => {
  const before = Date.now();
  await live();
  const found = await log(on(both));
  expect(found).toMatchObject({ ledger: 'revgraph_ledger', more: false });
  expect(found.database).toContain(database.name);
  expect(story(found)).toEqual([
    'stamp b done 1',
    'downgrade b done 1',
    'upgrade b done 3',
    'upgrade b failed 2',
    'upgrade b failed 1',
    'upgrade a done 1',
  ]);
  const [stamped, down, done, failed] = found.entries as [LogEntry, LogEntry, LogEntry, LogEntry];
  expect(stamped).toMatchObject({ reason: 'its table was made by hand', message: null, rowsTo: ['b'] });
  expect(down).toMatchObject({ rowsFrom: ['b'], rowsTo: ['a'], application: null });
  expect(done).toMatchObject({
    actor: 'eve',
    application: 'shop 2.0',
    libraryVersion: '0.1.0',
    rowsFrom: ['a'],
    rowsTo: ['b'],
    parents: ['a'],
    message: null,
    statement: null,
  });
  expect(failed).toMatchObject({
    message: 'table "nowhere" does not exist',
    sqlstate: '42P01',
    statement: 'DROP TABLE nowhere',
    rowsFrom: ['a'],
    rowsTo: ['a'],
  });
  for (const { startedAt, finishedAt, ms } of found.entries) {
    expect(new Date(startedAt).toISOString()).toBe(startedAt);
    expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(finishedAt as string) - Date.parse(startedAt)).toBe(ms);
  }
});

describe('filters', () => {
  beforeEach(live);
  const only = async (filter: object) => story(await log({ ...on(both), ...filter }));

  test('direction, outcome and both', async () => {
    expect(await only({ direction: 'stamp' })).toEqual(['stamp b done 1']);
    expect(await only({ direction: 'downgrade' })).toEqual(['downgrade b done 1']);
    expect(await only({ outcome: 'failed' })).toEqual(['upgrade b failed 2', 'upgrade b failed 1']);
    expect(await only({ outcome: 'running' })).toEqual([]);
    expect(await only({ direction: 'upgrade', outcome: 'done' })).toEqual([
      'upgrade b done 3',
      'upgrade a done 1',
    ]);
  });

  test('a limit, which says that there are more; 0 is none', async () => {
    expect(await log({ ...on(both), limit: 2 })).toMatchObject({ more: true, entries: [{}, {}] });
    expect((await log({ ...on(both), limit: 2 })).entries).toHaveLength(2);
    expect(await log({ ...on(both), limit: 6 })).toMatchObject({ more: false });
    expect((await log({ ...on(both), limit: 0 })).entries).toHaveLength(6);
    // The number of an attempt does not depend on what is shown.
    expect(await only({ direction: 'upgrade', limit: 1 })).toEqual(['upgrade b done 3']);
  });

  test('since a date or within a duration', async () => {
    await database.query(
      "UPDATE revgraph_ledger SET started_at = now() - interval '3 days' WHERE outcome = 'failed'",
    );
    expect(await only({ since: '2d' })).not.toContain('upgrade b failed 2');
    expect(await only({ since: '4d', outcome: 'failed' })).toHaveLength(2);
    expect(await only({ since: '2000-01-01' })).toHaveLength(6);
    expect(await only({ since: '2999-01-01' })).toEqual([]);
    await expect(log({ ...on(both), since: 'yesterday' })).rejects.toMatchObject({ code: 'usage' });
  });

  test('a revision: by id, prefix and label, and the stamps that counted it', async () => {
    const labelled = [make('a', [], { labels: ['core'] }), b];
    const expected = ['stamp b done 1', 'upgrade a done 1'];
    expect(await only({ revision: 'a' })).toEqual(expected);
    expect(story(await log({ ...on(labelled), revision: 'core' }))).toEqual(expected);
    expect(await only({ revision: 'head', outcome: 'failed' })).toHaveLength(2);
    await expect(log({ ...on(both), revision: 'zzzz' })).rejects.toMatchObject({
      code: 'unknown_revision',
      exitValue: 2,
    });
  });
});

test('times without a zone are UTC; what is no day is none', () => {
  const now = new Date('2026-03-10T12:00:00Z');
  const iso = (typed: string) => momentOf(typed, now).toISOString();
  expect(iso('7d')).toBe('2026-03-03T12:00:00.000Z');
  expect(iso('90m')).toBe('2026-03-10T10:30:00.000Z');
  expect(iso('2026-01-31')).toBe('2026-01-31T00:00:00.000Z');
  expect(iso('2026-01-31 08:30')).toBe('2026-01-31T08:30:00.000Z');
  expect(iso('2026-01-31T08:30+01:00')).toBe('2026-01-31T07:30:00.000Z');
  expect(iso('999999999w')).toBe('1970-01-01T00:00:00.000Z');
  for (const wrong of ['', 'd', '7', '-7d', '2026-02-31', '2026-13-01', '2026-01-31T25:00', 'soon'])
    expect(() => momentOf(wrong, now), wrong).toThrow('neither a date nor a duration');
});

describe('outside a transaction, where the ledger has an entry per statement', () => {
  const outside = make('b', ['a'], {
    upgrade: 'CREATE INDEX CONCURRENTLY i ON t_a (id);\nCREATE INDEX CONCURRENTLY j ON nowhere (id);',
    downgrade: undefined,
  });
  beforeEach(async () => {
    await expect(upgrade(on([a, outside]))).rejects.toMatchObject({ code: 'step_failed' });
  });
  const entries = async () => (await database.query('SELECT entry FROM revgraph_ledger')).length;

  test('a failure is one attempt, with what is finished', async () => {
    expect(await entries()).toBe(4);
    const found = await log(on([a, outside]));
    expect(story(found)).toEqual(['upgrade b failed 1', 'upgrade a done 1']);
    expect(found.entries[0]).toMatchObject({ progress: { finished: 1, statements: 2 } });
  });

  test('one that never came to an end is running', async () => {
    // As a process leaves it that was killed in the second statement.
    await database.query("DELETE FROM revgraph_ledger WHERE outcome = 'failed'");
    const found = await log({ ...on([a, outside]), outcome: 'running' });
    expect(story(found)).toEqual(['upgrade b running 1']);
    expect(found.entries[0]).toMatchObject({
      statement: 'CREATE INDEX CONCURRENTLY j ON nowhere (id)',
      finishedAt: null,
      ms: null,
    });
    await database.query('CREATE TABLE nowhere (id int)');
    await upgrade(on([a, outside]));
    expect(story(await log(on([a, outside])))).toEqual([
      'upgrade b done 2',
      'upgrade b running 1',
      'upgrade a done 1',
    ]);
  });
});

describe('what the graph no longer has', () => {
  test('a revision whose file is gone, by id and by prefix', async () => {
    await upgrade(on([a, make('plugin_1', ['a'])]));
    for (const revision of ['plugin_1', 'plug'])
      expect(story(await log({ ...on([a]), revision }))).toEqual(['upgrade plugin_1 done 1']);
    await upgrade({ ...on([a, make('plugin_1', ['a']), make('plugin_2', ['plugin_1'])]) });
    await expect(log({ ...on([a]), revision: 'plug' })).rejects.toMatchObject({
      code: 'ambiguous_prefix',
      details: { matches: ['plugin_1', 'plugin_2'] },
    });
  });

  test('former names: of a renamed revision, and of those whose place a squash took', async () => {
    await upgrade(on(both));
    const renamed = [a, make('b2', ['a'], { formerly: ['b'] })];
    for (const revision of ['b2', 'b'])
      expect(story(await log({ ...on(renamed), revision }))).toEqual(['upgrade b done 1']);
    const squashed = [make('s', [], { replaces: ['a', 'b'] })];
    expect(story(await log({ ...on(squashed), revision: 's' }))).toEqual([
      'upgrade b done 1',
      'upgrade a done 1',
    ]);
    expect(story(await log({ ...on(squashed), revision: 'a' }))).toEqual(['upgrade a done 1']);
  });
});

test('passwords that a statement sets are not repeated', async () => {
  const secret = [
    "ALTER ROLE nobody PASSWORD 'hu''nter2' NOLOGIN",
    "SELECT nothing('host=x password=hunter2 user=y')",
    "SELECT nothing('postgresql://me:hunter2@host/db')",
  ];
  for (const upgrades of secret)
    await expect(upgrade(on([make('a', [], { upgrade: upgrades })]))).rejects.toThrow();
  const { entries } = await log(on([a]));
  expect(entries.map(({ statement }) => statement)).toEqual([
    "SELECT nothing('postgresql://me:…@host/db')",
    "SELECT nothing('host=x password=… user=y')",
    "ALTER ROLE nobody PASSWORD '…' NOLOGIN",
  ]);
});

test('no ledger: nothing to tell, and none is made', async () => {
  expect(await log(on(both))).toMatchObject({ entries: [], more: false, ledger: null });
  expect(await database.query("SELECT to_regclass('revgraph_ledger') AS made")).toEqual([{ made: null }]);
});

test('another table of that name is an error, and no stack trace', async () => {
  // Its record can be read, and what only the log shows can't.
  await database.query(
    'CREATE TABLE revgraph_ledger (entry int, revision text, direction text, outcome text, parents text[], rows_from text[], rows_to text[], statistics jsonb)',
  );
  const revisions = folderWith({ 'a.sql': sql('a', { upgrade: 'SELECT 1;' }) });
  const { exitValue, stderr } = await run('.', ['log', '--revisions', revisions, '--url', database.url]);
  expect([exitValue, stderr]).toEqual([1, expect.stringMatching(/revgraph_ledger.*"\w+" does not exist/)]);
  expect(stderr).not.toMatch(/^\s+at /m);
});

describe('on the command line', () => {
  const revisions = () =>
    folderWith({
      'a.sql': sql('a', { upgrade: 'CREATE TABLE t_a (id int);', downgrade: 'DROP TABLE t_a;' }),
      'b.sql': sql('b', { revises: 'a', upgrade: 'DROP TABLE nowhere;' }),
    });
  const call = (folder: string, ...args: string[]) =>
    run('.', ['log', ...args, '--revisions', folder, '--url', database.url]);

  test('a few lines per attempt, or one document', async () => {
    const folder = revisions();
    const none = await call(folder);
    expect([none.exitValue, none.stdout]).toEqual([0, expect.stringMatching(/^There is no ledger in /)]);
    expect(none.stdout).not.toMatch(/:[^/@\s]+@/);
    await expect(upgrade({ revisions: folder, database: database.url, actor: 'eve' })).rejects.toThrow();
    const { exitValue, stdout } = await call(folder);
    expect(exitValue).toBe(0);
    expect(
      stdout.split('\n').map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}/, '')),
    ).toEqual([
      expect.stringMatching(/^upgrade b {2}failed after \d+ ms$/),
      expect.stringMatching(/^ {2}by eve on \S+, revgraph 0\.1\.0$/),
      '  rows: stays at a',
      '  error: table "nowhere" does not exist (SQLSTATE 42P01)',
      '  statement: DROP TABLE nowhere',
      expect.stringMatching(/^upgrade a {2}done in \d+ ms$/),
      expect.stringMatching(/^ {2}by eve on /),
      '  rows: base → a',
      '',
    ]);
    const limited = await call(folder, '--limit', '1');
    expect(limited.stdout).toContain('Only the newest 1 entry. To see all, use --limit 0.');
    const document = JSON.parse((await call(folder, 'b', '--outcome', 'failed', '--json')).stdout);
    expect(Object.keys(document)).toEqual(['entries', 'more', 'ledger', 'database']);
    expect(document.entries).toMatchObject([{ revision: 'b', sqlstate: '42P01', attempt: 1 }]);
  });

  test.each([
    [['--since', 'soon'], 'neither a date nor a duration'],
    [['--outcome', 'lost'], 'outcome'],
    [['nowhere'], 'No revision, label or prefix matches'],
  ])('%j is refused', async (args, says) => {
    const { exitValue, stdout, stderr } = await call(revisions(), ...args);
    expect([exitValue, stdout, stderr]).toEqual([2, '', expect.stringContaining(says)]);
  });
});
