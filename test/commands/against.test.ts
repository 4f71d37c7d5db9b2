import { describe, expect, test } from 'vitest';
import { check, defineRevision, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { databasePerTest } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* Revisions checked against a database: what a run or a start would be refused for, before anybody runs or starts. */

const { database, on } = databasePerTest();
const make = (
  revision: string,
  revises: readonly string[] = [],
  more: { breaksBefore?: string; upgrade?: string } = {},
) => defineRevision({ revision, revises, upgrade: `CREATE TABLE t_${revision} (id int)`, ...more });
const [a, b, c] = [make('a'), make('b', ['a']), make('c', ['b'])];
const against = async (revisions: ReturnType<typeof make>[], more: object = {}) => {
  const { ok, problems, against: found } = await check({ revisions, against: database.url, ...more });
  return { ok, codes: problems.map(({ code }) => code), problems, found };
};

describe('a database', () => {
  test('that is behind or current has no problem; without one nothing is asked', async () => {
    await upgrade(on([a, b]));
    expect(await against([a, b, c])).toMatchObject({
      ok: true,
      found: { state: 'behind', pending: ['c'], release: null },
    });
    expect(await check({ revisions: [a, b, c] })).toEqual({ ok: true, problems: [], against: null });
  });

  test('missed, edited and unknown revisions are problems, with what a run says', async () => {
    await upgrade(on([a, c].map((one) => (one === c ? make('c', ['a']) : one))));
    const found = await against([make('a', [], { upgrade: 'CREATE TABLE t_a (id bigint)' }), b, c]);
    expect(found).toMatchObject({ ok: false, codes: ['missed_revisions', 'edited_revisions'] });
    expect(found.problems[0]?.hint).toContain('revgraph repair');
    const elsewhere = await against([make('x'), make('y', ['x'])]);
    expect(elsewhere).toMatchObject({ ok: false, codes: ['unknown_row'], found: { state: 'ahead' } });
  });

  test('that is ahead serves this code; with @breaks-before it does not', async () => {
    await upgrade(on([a, b]));
    expect(await against([a])).toMatchObject({ ok: true, found: { state: 'ahead' } });
    await upgrade(on([a, b, make('d', ['b'], { breaksBefore: '2.0.0' })]));
    expect(await against([a], { releases: { '1.0.0': 'a' } })).toMatchObject({ codes: ['incompatible'] });
  });

  test('rows that are gone are told with the stamp that restores them', async () => {
    await upgrade(on([a, b]));
    await database.query('DELETE FROM revgraph_version');
    const { codes, problems } = await against([a, b]);
    expect([codes, problems[0]?.hint]).toEqual([['rows_lost'], expect.stringContaining('revgraph stamp b')]);
  });

  test('a graph that is none is not compared', async () => {
    await upgrade(on([a]));
    expect(await against([a, make('z', ['nowhere'])])).toMatchObject({
      ok: false,
      codes: ['missing_revision'],
      found: null,
    });
  });
});

describe('a release, before a rollback to it', () => {
  const releases = { '1.0.0': 'a', '1.1.0': 'b', '2.0.0': 'd' };
  const all = [a, b, c, make('d', ['c'], { breaksBefore: '1.1.0' })];
  const asked = async (release: string, more: object = {}) => {
    const { ok, found, problems } = await against(all, { releases, release, ...more });
    return { ok, reasons: found?.release?.reasons, hint: problems[0]?.hint ?? null };
  };

  test('runs where its revisions ran, unless a later one says otherwise', async () => {
    await upgrade({ ...on(all), target: 'b' });
    expect(await asked('1.1.0')).toEqual({ ok: true, reasons: [], hint: null });
    expect(await asked('v2.0.0')).toEqual({
      ok: false,
      reasons: ['c, d never ran there'],
      hint: 'First bring that database up to the release.',
    });
    await upgrade(on(all));
    expect(await asked('1.1.0')).toMatchObject({ ok: true });
    expect(await asked('1.0.0')).toEqual({
      ok: false,
      reasons: ['d ran there, which code before 1.1.0 does not run on'],
      hint: 'First bring that database down to the release.',
    });
  });

  test('runs on what `runsOn` says', async () => {
    await upgrade({ ...on(all), target: 'c' });
    const runsOn = { '1.1.0': '>=b <c', '1.0.0': '>=a' };
    expect(await asked('1.1.0', { runsOn })).toMatchObject({ ok: false, reasons: ['c ran there'] });
    expect(await asked('1.0.0', { runsOn })).toMatchObject({ ok: true });
    await expect(asked('1.1.0', { runsOn: { '1.1.0': 'b' } })).rejects.toMatchObject({
      message: expect.stringContaining('is not a list such as `>=b2 <f6`'),
    });
    await expect(asked('9.0.0')).rejects.toMatchObject({ code: 'unknown_release' });
    await expect(check({ revisions: all, release: '1.0.0', releases })).rejects.toMatchObject({
      hint: 'Name one with --against URL.',
    });
  });
});

test('the command line says it, and exits with 4', async () => {
  await upgrade(on([a, b]));
  const folder = folderWith({
    'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE t_a (id int)' }),
    'revisions/b.sql': sql('b', { revises: 'a', upgrade: 'CREATE TABLE t_b (id int)' }),
    'revisions/c.sql': sql('c', { revises: 'b', upgrade: 'CREATE TABLE t_c (id int)' }),
    'revgraph.config.json': JSON.stringify({
      releases: { '1.0.0': 'b', '1.1.0': 'c' },
      runsOn: { '1.1.0': '>=c' },
    }),
  });
  const revgraph = (...args: string[]) => run(folder, ['check', '--against', database.url, ...args]);
  expect(await revgraph('--release', '1.0.0')).toMatchObject({
    exitValue: 0,
    stdout: expect.stringMatching(/^No problems found\.\nRelease 1\.0\.0 can run on postgresql:/),
  });
  expect(await revgraph('--release', '1.1.0')).toMatchObject({
    exitValue: 4,
    stdout: expect.stringContaining("Release 1.1.0 can't run on"),
  });
  const { stdout } = await revgraph('--json');
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    problems: [],
    against: { state: 'behind', current: ['b'], pending: ['c'] },
  });
  expect(stdout).not.toContain('only-for-tests');
});
