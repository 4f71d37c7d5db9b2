import { describe, expect, test } from 'vitest';
import { judge } from '../../lib/access/judgement.js';
import { withOtherTool } from '../../lib/access/record/other-tool.js';
import type { RecordedEvent } from '../../lib/database/tables/record.js';
import { buildGraph } from '../../lib/graph/build.js';

/* What is applied is what was recorded, not what lies below the rows. */

const graph = (...nodes: readonly [id: string, ...parents: string[]][]) =>
  buildGraph(nodes.map(([id, ...revises]) => ({ id, revises })));
const ours = { column: 'revision', name: 'revgraph_version' };
const alembic = { column: 'version_num', name: 'alembic_version' };

const entry = (revision: string, more: Partial<RecordedEvent> = {}): RecordedEvent => ({
  revision,
  direction: 'upgrade',
  rowsFrom: [],
  rowsTo: [revision],
  covers: null,
  ...more,
});
/** Revisions that ran one after the other, from base. */
const ran = (...ids: readonly string[]) =>
  ids.map((id, i) => entry(id, { rowsFrom: ids.slice(Math.max(0, i - 1), i) }));
const stamp = (rowsTo: readonly string[], covers: readonly string[] | null) =>
  entry(rowsTo[0] ?? 'base', { direction: 'stamp', rowsTo, covers });

const chain = graph(['a'], ['b', 'a'], ['c', 'b']);

describe('missed: claimed by the rows, and never ran', () => {
  test('one that was inserted below', () => {
    // a ─ b ─ c, and b came after a and c had run
    expect(judge(chain, { rows: ['c'], record: ran('a', 'c'), table: ours })).toEqual({
      applied: ['a', 'c'],
      missed: [{ revision: 'b', above: ['c'] }],
      lost: [],
      shaken: [],
      halfDown: [],
    });
  });

  test('none, where all of them ran, or nothing is recorded', () => {
    expect(judge(chain, { rows: ['c'], record: ran('a', 'b', 'c'), table: ours }).missed).toEqual([]);
    for (const record of [null, []])
      expect(judge(chain, { rows: ['c'], record, table: ours })).toEqual({
        applied: ['a', 'b', 'c'],
        missed: [],
        lost: [],
        shaken: [],
        halfDown: [],
      });
  });

  test('one that was taken away and stands below again', () => {
    const record = [...ran('a', 'b'), entry('b', { direction: 'downgrade', rowsTo: ['a'] }), entry('c')];
    expect(judge(chain, { rows: ['c'], record, table: ours }).missed).toEqual([
      { revision: 'b', above: ['c'] },
    ]);
  });

  test('a stamp covers what it wrote down, and no more', () => {
    const covering = (covers: readonly string[] | null) =>
      judge(chain, { rows: ['c'], record: [stamp(['c'], covers)], table: ours }).missed;
    expect(covering(['a', 'b', 'c'])).toEqual([]);
    expect(covering(['a', 'c'])).toEqual([{ revision: 'b', above: ['c'] }]);
    // A stamp of an earlier version wrote down its rows only: all below them is believed.
    expect(covering(null)).toEqual([]);
  });

  test('what was there before the ledger began is believed', () => {
    const record = [entry('c', { rowsFrom: ['b'] })];
    expect(judge(chain, { rows: ['c'], record, table: ours }).missed).toEqual([]);
  });

  test('a removed ancestor hides nothing', () => {
    const without = graph(['a'], ['c', 'a']);
    const judged = judge(without, { rows: ['c'], record: ran('a', 'b', 'c'), table: ours });
    expect(judged).toEqual({ applied: ['a', 'c'], missed: [], lost: [], shaken: [], halfDown: [] });
  });
});

describe('lost: recorded as applied, and claimed by no row', () => {
  test('rows that are gone, or lower than what ran', () => {
    const record = ran('a', 'b', 'c');
    expect(judge(chain, { rows: [], record, table: ours }).lost).toEqual(['a', 'b', 'c']);
    expect(judge(chain, { rows: ['b'], record, table: ours }).lost).toEqual(['c']);
  });

  test('not beside a row that the graph does not have: it may include them', () => {
    const record = [...ran('a', 'b'), entry('later')];
    expect(judge(chain, { rows: ['later'], record, table: ours })).toMatchObject({
      applied: ['a', 'b'],
      lost: [],
    });
  });
});

test('rows of Alembic that Alembic moved are believed, both ways', () => {
  const record = [entry('b', { rowsFrom: ['a'], rowsTo: ['b'] })];
  const at = (row: string, table: typeof ours) =>
    judge(chain, withOtherTool(chain, { rows: [row], record, table }));
  expect(at('c', alembic)).toMatchObject({ missed: [], lost: [] });
  expect(at('a', alembic)).toMatchObject({ missed: [], lost: [] });
  expect(at('a', ours).lost).toEqual(['b']);
});

test('many missed ones are told without a walk for each', () => {
  const ids = Array.from({ length: 20_000 }, (_, i) => `r${i}`);
  const long = buildGraph(ids.map((id, i) => ({ id, revises: i === 0 ? [] : [`r${i - 1}`] })));
  const record = [stamp(['r19999'], ['r19999'])];
  const { missed } = judge(long, { rows: ['r19999'], record, table: ours });
  expect(missed).toHaveLength(19_999);
});

test('50,000 revisions that were taken back and ran again: not quadratic', () => {
  const ids = Array.from({ length: 50_000 }, (_, n) => `r${n}`);
  const long = graph(...ids.map((id, n): [string, ...string[]] => (n === 0 ? [id] : [id, `r${n - 1}`])));
  const up = ids.map((id, n) => entry(id, { parents: n === 0 ? [] : [`r${n - 1}`] }));
  const down = up.map((one): RecordedEvent => ({ ...one, direction: 'downgrade' })).reverse();
  const found = judge(long, { rows: ['r49999'], record: [...up, ...down, ...up], table: ours });
  expect([found.applied.length, found.missed]).toEqual([50_000, []]);
});
