import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../lib/graph/build.js';
import type { Graph } from '../../lib/graph/graph.js';
import {
  BRAID,
  CROSS_DEPENDENCY,
  DEPENDS_ON_OWN_ANCESTOR,
  DIAMOND,
  FOREST,
  graphOf,
  NOT_QUITE_TWIN_MERGE,
  nodeOf,
  REDUNDANT_PARENT,
  THREE_WAY_MERGE,
  TWIN_MERGE,
} from './shapes.js';

/** What stands out in a graph, on one line each. */
const seen = (graph: Graph): Record<string, string> => ({
  order: graph.ids.join(' '),
  heads: graph.heads.join(' '),
  bases: graph.bases.join(' '),
  branchPoints: graph.branchPoints.join(' '),
  mergePoints: graph.mergePoints.join(' '),
});

describe('what a graph says of itself', () => {
  test('nothing at all', () => {
    const graph = buildGraph([]);
    expect(graph.size).toBe(0);
    expect(seen(graph)).toEqual({ order: '', heads: '', bases: '', branchPoints: '', mergePoints: '' });
    expect(graph.effectiveHeads).toEqual([]);
  });

  /* a */
  test('one revision is base and head', () => {
    expect(seen(graphOf('a'))).toEqual({
      order: 'a',
      heads: 'a',
      bases: 'a',
      branchPoints: '',
      mergePoints: '',
    });
  });

  /*
   *     ┌ b ┐
   * a ─ ┤   ├ d
   *     └ c ┘
   */
  test('diamond', () => {
    expect(seen(DIAMOND)).toEqual({
      order: 'a b c d',
      heads: 'd',
      bases: 'a',
      branchPoints: 'a',
      mergePoints: 'd',
    });
  });

  /*
   *     ┌ b1 ┐       ┌ c1 ┐
   * a ─ ┤    ├ m1 ─ ┤    ├ m2
   *     └ b2 ┘       └ c2 ┘
   */
  test('braid', () => {
    expect(seen(BRAID)).toEqual({
      order: 'a b1 b2 m1 c1 c2 m2',
      heads: 'm2',
      bases: 'a',
      branchPoints: 'a m1',
      mergePoints: 'm1 m2',
    });
  });

  /*
   *     ┌ b1 ┬──── c1 ┐
   * a ─ ┼ b2 ┤        ├ d
   *     └ b3 ┴──── c2 ┘
   */
  test('twin merge', () => {
    expect(seen(TWIN_MERGE)).toEqual({
      order: 'a b1 b2 b3 c1 c2 d',
      heads: 'd',
      bases: 'a',
      branchPoints: 'a b1 b2 b3',
      mergePoints: 'c1 c2 d',
    });
    expect(seen(NOT_QUITE_TWIN_MERGE)).toMatchObject({ branchPoints: 'a b2', mergePoints: 'c1 c2 d' });
  });

  /*
   * a1 ─ b1 ┐     ┌ c1
   * a2 ─ b2 ┼ m ─ ┼ c2
   * a3 ─ b3 ┘     └ c3
   */
  test('three-way merge', () => {
    expect(seen(THREE_WAY_MERGE)).toEqual({
      order: 'a1 a2 a3 b1 b2 b3 m c1 c2 c3',
      heads: 'c1 c2 c3',
      bases: 'a1 a2 a3',
      branchPoints: 'm',
      mergePoints: 'm',
    });
  });

  /*
   * shop1 ─ shop2 ─ shop3
   * blog1 ─ blog2
   * mail1
   */
  test('forest', () => {
    expect(seen(FOREST)).toEqual({
      order: 'blog1 blog2 mail1 shop1 shop2 shop3',
      heads: 'blog2 mail1 shop3',
      bases: 'blog1 mail1 shop1',
      branchPoints: '',
      mergePoints: '',
    });
  });

  /*
   *        ┌ learning  ┬───────────────────┐
   * root ─ ┤           ├ merge ─ facts ─ again ─ last
   *        └ summaries ┘
   */
  test('redundant parent: a merge point like any other', () => {
    expect(seen(REDUNDANT_PARENT)).toEqual({
      order: 'root learning summaries merge facts again last',
      heads: 'last',
      bases: 'root',
      branchPoints: 'root learning',
      mergePoints: 'merge again',
    });
  });
});

describe('prerequisites', () => {
  /*
   * core1 ─ core2 ─ core3
   *            ╎
   * shop1 ─ shop2 ─ shop3
   */
  test('are no history: they make no head, base, branch point or merge point', () => {
    expect(seen(CROSS_DEPENDENCY)).toEqual({
      order: 'core1 core2 core3 shop1 shop2 shop3',
      heads: 'core3 shop3',
      bases: 'core1 shop1',
      branchPoints: '',
      mergePoints: '',
    });
  });

  /*
   * a    b depends on a: a is a head of history, yet nothing ends there
   * ╎
   * b
   */
  test('what something depends on is a head, but not where an upgrade ends', () => {
    const graph = graphOf('a', 'b: | a');
    expect(graph.heads).toEqual(['a', 'b']);
    expect(graph.effectiveHeads).toEqual(['b']);
    expect(graph.bases).toEqual(['a', 'b']);
    expect(graph.effectiveBases).toEqual(['a']);
  });

  test('order: a prerequisite comes first, even if its id is larger', () => {
    expect(graphOf('a: | z', 'b: a', 'z').ids).toEqual(['z', 'a', 'b']);
  });

  /* a ─ b ─ c, where b and c depend on a */
  test('depends on own ancestor: adds nothing', () => {
    expect(seen(DEPENDS_ON_OWN_ANCESTOR)).toMatchObject({ order: 'a b c', heads: 'c', branchPoints: '' });
    expect(DEPENDS_ON_OWN_ANCESTOR.get('c')).toMatchObject({ revises: ['b'], dependsOn: ['a'] });
    expect(DEPENDS_ON_OWN_ANCESTOR.get('b')).toMatchObject({ revises: ['a'], dependsOn: ['a'] });
  });

  test('are written as id, label, label@head or optional, and kept as ids', () => {
    const graph = graphOf('x1 #x', 'x2: x1', 'y: | x', 'z: | x@head ?x1 ?missing');
    expect(graph.get('y')?.dependsOn).toEqual(['x1']);
    expect(graph.get('z')?.dependsOn).toEqual(['x2', 'x1']);
  });

  test('named twice by different names count once', () => {
    const graph = graphOf('x1 #x', 'y: | x1 x x@head');
    expect(graph.get('y')?.dependsOn).toEqual(['x1']);
  });
});

describe('one revision', () => {
  test('as the graph sees it', () => {
    expect(DIAMOND.get('d')).toEqual({
      revision: 'd',
      revises: ['b', 'c'],
      dependsOn: [],
      labels: [],
      file: 'd.sql',
      isHead: true,
      isBase: false,
      isMergePoint: true,
      isBranchPoint: false,
    });
    expect(DIAMOND.get('a')).toMatchObject({ isHead: false, isBase: true, isBranchPoint: true });
    expect(DIAMOND.get('ghost')).toBeUndefined();
  });

  test('without a file has none', () => {
    expect(buildGraph([{ id: 'a' }]).get('a')?.file).toBeNull();
  });

  test('ancestors and descendants, itself left out', () => {
    expect(BRAID.ancestors('c1')).toEqual(['a', 'b1', 'b2', 'm1']);
    expect(BRAID.descendants('m1')).toEqual(['c1', 'c2', 'm2']);
    expect(CROSS_DEPENDENCY.ancestors('shop2')).toEqual(['core1', 'core2', 'shop1']);
    expect(CROSS_DEPENDENCY.descendants('core2')).toEqual(['core3', 'shop2', 'shop3']);
    expect(BRAID.ancestors('ghost')).toEqual([]);
  });

  test('parents named twice count once', () => {
    const graph = graphOf('a', 'b: a a');
    expect(graph.get('b')).toMatchObject({ revises: ['a'], isMergePoint: false });
  });
});

describe('order', () => {
  test('ties are broken by id, whatever the order of loading', () => {
    const texts = ['m: b a', 'b', 'a', 'z', 'c: m'];
    expect(graphOf(...texts).ids).toEqual(['a', 'b', 'm', 'c', 'z']);
    expect(graphOf(...texts.toReversed()).ids).toEqual(['a', 'b', 'm', 'c', 'z']);
  });

  test('a new revision goes between the old ones, which stay as they were', () => {
    const before = graphOf('b', 'd: b', 'f: b').ids;
    const after = graphOf('b', 'd: b', 'f: b', 'a', 'c: b', 'e: d f').ids;
    expect(before).toEqual(['b', 'd', 'f']);
    expect(after).toEqual(['a', 'b', 'c', 'd', 'f', 'e']);
    expect(after.filter((id) => before.includes(id))).toEqual(before);
  });
});

test('a graph is frozen', () => {
  expect(Object.isFrozen(DIAMOND)).toBe(true);
  expect(Object.isFrozen(DIAMOND.ids)).toBe(true);
});

test('input may be any iterable, read once', () => {
  function* nodes() {
    yield nodeOf('a');
    yield nodeOf('b: a');
  }
  expect(buildGraph(nodes()).ids).toEqual(['a', 'b']);
});
