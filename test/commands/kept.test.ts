import { describe, expect, test } from 'vitest';
import {
  accept,
  defineRevision,
  downgrade,
  history,
  log,
  status,
  switchDatabase,
  undo,
  upgrade,
} from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { databasePerTest, ran, tableRevision } from '../support/history.js';
import { folderWith, sql } from '../support/project.js';

/* What the ledger keeps of a revision takes it back where no file has it any more. */

const { database, on, rows, tables } = databasePerTest();
const [a, b, c] = [tableRevision('a'), tableRevision('b', ['a']), tableRevision('c', ['b'])];
const code = defineRevision({
  revision: 'code',
  revises: ['b'],
  upgrade: async () => {},
  downgrade: async () => {},
});

describe('code that lacks the file', () => {
  test('undoes a revision, and downgrades below it, once that is confirmed', async () => {
    await upgrade(on([a, b, c]));
    await expect(undo({ ...on([a]), target: 'c' })).rejects.toMatchObject({
      code: 'confirmation_needed',
      exitValue: 4,
      message: expect.stringContaining('c: DROP TABLE t_c'),
    });
    expect([await rows(), await tables()]).toEqual([['c'], ['t_a', 't_b', 't_c']]);
    const shown: unknown[] = [];
    const confirm = (_: unknown, __: unknown, ___: unknown, kept: unknown): void => void shown.push(kept);
    expect(ran(await undo({ ...on([a]), target: 'c', edited: 'refuse', confirmed: true, confirm }))).toEqual([
      'c',
    ]);
    expect(shown).toMatchObject([[{ revision: 'c', sql: 'DROP TABLE t_c' }]]);
    expect(ran(await downgrade({ ...on([a]), target: 'a', confirmed: true }))).toEqual(['b']);
    expect([await rows(), await tables()]).toEqual([['a'], ['t_a']]);
    expect(await status(on([a]))).toMatchObject({ state: 'current', unknown: [] });
    expect(ran(await upgrade(on([a, b, c])))).toEqual(['b', 'c']);
  });

  test('leaves a line of its own alone, and takes merge points and losses with it', async () => {
    const other = tableRevision('other');
    const merge = defineRevision({ revision: 'm', revises: ['b', 'other'] });
    await upgrade({ ...on([a, b, other, merge]), target: 'heads' });
    expect(ran(await downgrade({ ...on([a, other]), target: '-1', confirmed: true }))).toEqual(['m']);
    expect(await rows()).toEqual(['b', 'other']);
    expect(ran(await undo({ ...on([a, other]), target: 'b', confirmed: true }))).toEqual(['b']);
    expect(await rows()).toEqual(['a', 'other']);
  });

  test('what can not be taken back by SQL is refused as an unknown row is', async () => {
    await upgrade(on([a, b, code]));
    await expect(undo({ ...on([a]), target: 'code', confirmed: true })).rejects.toMatchObject({
      code: 'unknown_row',
    });
    await expect(downgrade({ ...on([a]), target: 'base', confirmed: true })).rejects.toMatchObject({
      code: 'unknown_row',
    });
    expect(await rows()).toEqual(['code']);
  });

  test('the line below may have been squashed or renamed since, and decisions may lie in between', async () => {
    const feature = tableRevision('feature', ['b']);
    await upgrade(on([a, b, feature]));
    const squashed = tableRevision('ab', [], {
      replaces: ['a', 'b'],
      upgrade: 'SELECT 1',
      downgrade: 'SELECT 1',
    });
    expect(await status(on([squashed]))).toMatchObject({
      unknown: [{ revision: 'feature', kept: true, on: ['ab'] }],
    });
    expect(ran(await undo({ ...on([squashed]), target: 'feature', confirmed: true }))).toEqual(['feature']);
    await upgrade(on([a, b, feature]));
    await accept({
      ...on([a, tableRevision('b', ['a'], { upgrade: 'CREATE TABLE t_b (id bigint)' }), feature]),
      revision: 'b',
      reason: 'meant',
    });
    const renamed = [a, tableRevision('b2', ['a'], { formerly: ['b'] })];
    expect(await status(on(renamed))).toMatchObject({
      unknown: [{ revision: 'feature', kind: 'ahead', kept: true, on: ['b2'] }],
    });
    expect(ran(await undo({ ...on(renamed), target: 'feature', confirmed: true }))).toEqual(['feature']);
  });

  test('nothing is kept where the configuration says so, of what was irreversible, and of more than a megabyte', async () => {
    const large = tableRevision('large', ['b'], {
      downgrade: `DROP TABLE t_large; -- ${'x'.repeat(2 ** 20)}`,
    });
    const stuck = defineRevision({
      revision: 'stuck',
      revises: 'large',
      irreversible: 'no',
      upgrade: 'SELECT 1',
    });
    await upgrade({ ...on([a, b]), keepDowngrades: false });
    await upgrade(on([a, b, large, stuck]));
    const kept = await database.query("SELECT revision FROM revgraph_ledger WHERE statistics ? 'downgrade'");
    expect(kept).toEqual([]);
  });

  test('the way back is that of the newest run, with its transaction; a log does not print it', async () => {
    const none = (index: string) =>
      defineRevision({
        revision: 'i',
        revises: 'a',
        transaction: 'none',
        upgrade: `CREATE INDEX CONCURRENTLY ${index} ON t_a (id)`,
        downgrade: `DROP INDEX CONCURRENTLY ${index}`,
      });
    await upgrade(on([a, none('one')]));
    await downgrade({ ...on([a, none('one')]), target: 'a' });
    await upgrade(on([a, none('two')]));
    expect(ran(await undo({ ...on([a]), target: 'i', confirmed: true }))).toEqual(['i']);
    expect(await database.query("SELECT 1 FROM pg_class WHERE relname IN ('one', 'two')")).toEqual([]);
    expect(JSON.stringify(await log({ ...on([a]) }))).not.toContain('DROP INDEX');
    expect(await history({ revisions: [a] })).toHaveLength(1);
  });
});

test('the command line shows the SQL and asks', async () => {
  const folder = folderWith({
    'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE t_a ();', downgrade: 'DROP TABLE t_a;' }),
  });
  await upgrade(on([tableRevision('a'), b]));
  const revgraph = (...args: string[]) => run(folder, [...args, '--url', database.url]);
  expect(await revgraph('undo', 'b')).toMatchObject({
    exitValue: 4,
    stderr: expect.stringContaining('b: DROP TABLE t_b'),
  });
  const dry = await revgraph('undo', 'b', '--dry-run');
  expect([dry.exitValue, dry.stdout]).toEqual([
    0,
    expect.stringMatching(/UNDO {2}b {2}no file has it[\s\S]*-- b, as the ledger keeps it\nDROP TABLE t_b/),
  ]);
  const done = await revgraph('undo', 'b', '--yes', '--json');
  expect(JSON.parse(done.stdout)).toMatchObject({
    steps: [{ revision: 'b' }],
    kept: [{ revision: 'b', sql: 'DROP TABLE t_b' }],
  });
  expect(await rows()).toEqual(['a']);
});

describe('switch', () => {
  const left = tableRevision('left', ['a']);
  const right = tableRevision('right', ['a']);

  test('goes down to what both branches have, and up to the heads of this one', async () => {
    await upgrade(on([a, left]));
    await expect(switchDatabase(on([a, right]))).rejects.toMatchObject({ code: 'confirmation_needed' });
    expect([await rows(), await tables()]).toEqual([['left'], ['t_a', 't_left']]);
    const planned = await switchDatabase({ ...on([a, right]), dryRun: true });
    const done = await switchDatabase({ ...on([a, right]), confirmed: true });
    expect([ran(done.down), ran(done.up)]).toEqual([['left'], ['right']]);
    expect([ran(planned.down), ran(planned.up), planned.up.to]).toEqual([
      ran(done.down),
      ran(done.up),
      done.up.to,
    ]);
    expect([await rows(), await tables()]).toEqual([['right'], ['t_a', 't_right']]);
    const back = await switchDatabase({ ...on([a, left]), confirmed: true });
    expect([ran(back.down), ran(back.up)]).toEqual([['right'], ['left']]);
  });

  test('takes nothing back where the way up would be refused, and a dry run says it', async () => {
    await upgrade(on([a, left]));
    for (const more of [{ requires: ['postgres >=99'] }, { upgrade: 'CREATE TABL x ()' }]) {
      const own = on([a, tableRevision('right', ['a'], more)]);
      for (const dryRun of [true, false])
        await expect(switchDatabase({ ...own, dryRun, confirmed: true })).rejects.toMatchObject({
          code: expect.stringMatching(/^(requirement_unmet|statement_unparsable)$/),
        });
      expect([await rows(), await tables()]).toEqual([['left'], ['t_a', 't_left']]);
    }
  });

  test('does nothing where the database is there, and only upgrades where nothing is in the way', async () => {
    expect(ran((await switchDatabase(on([a]))).up)).toEqual(['a']);
    const { down, up } = await switchDatabase(on([a, right]));
    expect([ran(down), ran(up)]).toEqual([[], ['right']]);
    expect(ran((await switchDatabase(on([a, right]))).up)).toEqual([]);
  });

  test.each([
    ['before the rename', [a, tableRevision('b', ['a'])]],
    ['after it', [a, tableRevision('b1', ['a'], { formerly: ['b'], upgrade: 'CREATE TABLE t_b ()' })]],
  ])('a revision that the other branch renamed, and that ran %s, is shared', async (_, first) => {
    const [, renamed] = [a, tableRevision('b1', ['a'], { formerly: ['b'], downgrade: 'DROP TABLE t_b' })];
    await upgrade(on(first));
    await upgrade(on([a, renamed, tableRevision('c', ['b1'])]));
    const main = on([a, b, tableRevision('right', ['b'])]);
    expect(await status(main)).toMatchObject({
      unknown: [{ revision: 'c', kept: true, on: ['b'] }],
      missed: [],
    });
    const { down, up } = await switchDatabase({ ...main, confirmed: true });
    expect([ran(down), ran(up)]).toEqual([['c'], ['right']]);
    expect([await rows(), await tables()]).toEqual([['right'], ['t_a', 't_b', 't_right']]);
  });

  test('several at the same time take each step once', async () => {
    await upgrade(on([a, left]));
    const all = await Promise.all(
      Array.from({ length: 6 }, () => switchDatabase({ ...on([a, right]), confirmed: true })),
    );
    expect(all.flatMap(({ down }) => ran(down))).toEqual(['left']);
    expect(all.flatMap(({ up }) => ran(up))).toEqual(['right']);
    expect([await rows(), await tables()]).toEqual([['right'], ['t_a', 't_right']]);
  });

  test('refuses what it can not take back, and says by whom it ran; the advice of a branch is to switch', async () => {
    await upgrade(on([a, b, code]));
    await expect(switchDatabase({ ...on([a, right]), confirmed: true })).rejects.toMatchObject({
      code: 'unknown_row',
    });
    await undo({ ...on([a, b, code]), target: 'code' });
    await expect(upgrade(on([a, right]))).rejects.toMatchObject({
      code: 'unknown_row',
      hint: expect.stringContaining('revgraph switch'),
    });
    await expect(upgrade({ ...on([a]), unknownRows: 'refuse' })).rejects.toMatchObject({
      hint: expect.stringContaining('revgraph undo b'),
    });
  });

  test('the command line asks, then goes', async () => {
    const folder = folderWith({
      'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE t_a (id int)', downgrade: 'DROP TABLE t_a' }),
      'revisions/right.sql': sql('right', {
        revises: 'a',
        upgrade: 'CREATE TABLE t_right ();',
        downgrade: 'DROP TABLE t_right;',
      }),
    });
    await upgrade(on([a, left]));
    await database.query('INSERT INTO t_left VALUES (1)');
    const revgraph = (...args: string[]) => run(folder, ['switch', ...args, '--url', database.url]);
    expect(await revgraph()).toMatchObject({
      exitValue: 4,
      stderr: expect.stringMatching(/left: DROP TABLE t_left\n {2}lost with left: .*1 row/),
    });
    expect((await revgraph('--dry-run')).stdout).toMatch(/UNDO {2}left[\s\S]*1\/1 {2}upgrade right/);
    const { exitValue, stdout } = await revgraph('--yes', '--json');
    expect([exitValue, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        direction: 'switch',
        from: ['left'],
        to: ['right'],
        steps: [{ revision: 'left' }, { revision: 'right' }],
        losses: [{ revision: 'left', rows: 1 }],
      },
    ]);
  });
});
