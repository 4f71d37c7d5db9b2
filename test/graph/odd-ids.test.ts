import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../lib/graph/build.js';
import { historyRange } from '../../lib/graph/history.js';
import { lookup } from '../../lib/graph/lookup.js';
import { planDowngrade, planUndo } from '../../lib/plan/downgrade.js';
import { planStamp } from '../../lib/plan/stamp.js';
import { planUpgrade } from '../../lib/plan/upgrade.js';
import { short, stamped } from '../plan/played.js';
import { problemsOf, refused } from './refused.js';
import { graphOf } from './shapes.js';

const LONGEST = 'x'.repeat(64);

/** Ordinary ids that a careless program takes for something else. */
const ODD = [
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  '10',
  '1',
  '0',
  '.',
  '_',
  LONGEST,
  '1e3',
];

describe.each(ODD)('id %s', (id) => {
  /*
   *          ┌ left  ┐
   * before ─ ┤       ├ after       the id is on every place in turn
   *          └ right ┘
   */
  const PLACES = ['before', 'left', 'right', 'after'];
  const diamond = (place: string) => {
    const [before, left, right, after] = PLACES.map((name) => (name === place ? id : name));
    return graphOf(`${before}`, `${left}: ${before}`, `${right}: ${before}`, `${after}: ${left} ${right}`);
  };

  test.each(PLACES)('as %s of a diamond: built, found, planned', (place) => {
    const graph = diamond(place);
    const at = graph.numberOf(id) as number;
    expect(graph.has(id)).toBe(true);
    expect(graph.get(id)?.revision).toBe(id);
    expect(lookup(graph, id)).toEqual([at]);
    expect(lookup(graph, `${id}@head`)).toEqual([3]);
    expect(historyRange(graph)).toEqual([...graph.ids].reverse());
    expect(historyRange(graph, `${id}:${id}`)).toEqual([id]);
    const [first, , , last] = graph.ids;
    const up = planUpgrade(graph, [], 'head');
    expect(short(graph, up)).toBe(`+${graph.ids.join(' +')} → ${last}`);
    const all = [...graph.ids].reverse().join(' -');
    expect(short(graph, planDowngrade(graph, up.to, 'base'))).toBe(`-${all} → base`);
    expect(short(graph, planUndo(graph, up.to, first as string))).toBe(`-${all} → base`);
    expect(short(graph, planUpgrade(graph, [], id))).toContain(`+${id} → `);
    expect(stamped(planStamp(graph, [last as string], [id]))).toBe(id);
  });

  test('as label, prerequisite and missing parent', () => {
    const graph = graphOf(`a #${id}`, `b: a`, `c: | ${id}`);
    expect(lookup(graph, id)).toEqual([graph.numberOf('a')]);
    expect(graph.get('b')?.labels).toEqual([id]);
    expect(graph.get('c')?.dependsOn).toEqual(['a']);
    expect(problemsOf(`b: ${id}`).problems).toMatchObject([{ code: 'missing_revision', missing: id }]);
    expect(problemsOf(`b: | ${id}`).problems).toMatchObject([{ code: 'missing_dependency', missing: id }]);
  });

  test('twice, in a ring, unknown', () => {
    expect(problemsOf(id, id).problems).toMatchObject([{ code: 'duplicate_revision', revision: id }]);
    expect(problemsOf(`${id}: other`, `other: ${id}`).problems).toEqual([
      { code: 'cycle', ring: [id, 'other'] },
    ]);
    expect(refused('unknown_revision', () => lookup(graphOf('other'), id)).details.name).toBe(id);
    expect(refused('unknown_row', () => planUpgrade(graphOf('other'), [id], 'head')).details.rows).toEqual([
      id,
    ]);
  });

  test('from an empty graph, nothing is there by inheritance', () => {
    const graph = buildGraph([]);
    expect(graph.has(id)).toBe(false);
    expect(graph.get(id)).toBeUndefined();
    expect(graph.ancestors(id)).toEqual([]);
  });
});

test('all of them in one chain, digits in no special order', () => {
  const chain = ODD.map((id, i) => (i === 0 ? id : `${id}: ${ODD[i - 1]}`));
  const graph = graphOf(...chain.toReversed());
  expect(graph.ids).toEqual(ODD);
  expect(planUpgrade(graph, [], 'head').steps.map((step) => step.revision)).toEqual(ODD);
});

describe('prefixes', () => {
  test('10 beside 1: each means itself, nothing is cut short', () => {
    const graph = graphOf('1', '10: 1', '100: 10', '1000: 100', '10000: 1000');
    expect(lookup(graph, '1')).toEqual([0]);
    expect(lookup(graph, '10')).toEqual([1]);
    expect(lookup(graph, '1000')).toEqual([3]);
  });

  test('a prefix of a name on Object.prototype', () => {
    const graph = graphOf('constructor', '__proto__: constructor', 'toString: __proto__');
    expect(lookup(graph, 'cons')).toEqual([0]);
    expect(lookup(graph, '__pr')).toEqual([1]);
    expect(lookup(graph, 'toSt')).toEqual([2]);
  });

  test('63 of 64 characters', () => {
    const graph = graphOf(`${'x'.repeat(63)}1`, `${'x'.repeat(63)}2`, `y${'x'.repeat(63)}`);
    expect(lookup(graph, `y${'x'.repeat(62)}`)).toEqual([2]);
    expect(refused('ambiguous_prefix', () => lookup(graph, 'x'.repeat(63))).details.matches).toHaveLength(2);
  });
});
