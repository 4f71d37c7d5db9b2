import { describe, expect, test } from 'vitest';
import type { Graph } from '../../lib/graph/graph.js';
import { planUpgrade } from '../../lib/plan/upgrade.js';
import { refused } from '../graph/refused.js';
import {
  BRAID,
  CHAIN,
  CROSS_DEPENDENCY,
  DEPENDS_ON_OWN_ANCESTOR,
  DIAMOND,
  FOREST,
  graphOf,
  NOT_QUITE_TWIN_MERGE,
  REDUNDANT_PARENT,
  THREE_WAY_MERGE,
  TWIN_MERGE,
} from '../graph/shapes.js';
import { played, short } from './played.js';

/** Steps of an upgrade, with the rows after each. */
const upgrade = (graph: Graph, target: string | readonly string[], ...rows: string[]): string[] =>
  played(graph, planUpgrade(graph, rows, target));

/** The same on one line, where the rows in between are obvious. */
const upgraded = (graph: Graph, target: string | readonly string[], ...rows: string[]): string =>
  short(graph, planUpgrade(graph, rows, target));

describe('chain', () => {
  /* a ─ b ─ c ─ d ─ e */
  test('from base to head', () => {
    expect(upgrade(CHAIN, 'head')).toEqual(['+a → a', '+b → b', '+c → c', '+d → d', '+e → e']);
  });

  test.each([
    ['head', 'c', '+d +e → e'],
    ['d', 'b', '+c +d → d'],
    ['+1', 'b', '+c → c'],
    ['b+2', 'a', '+b +c +d → d'],
    ['head-1', 'c', '+d → d'],
    ['heads', 'd', '+e → e'],
  ])('to %s from %s', (target, row, expected) => {
    expect(upgraded(CHAIN, target, row)).toBe(expected);
  });

  test('nothing to do: no steps, and the rows stay', () => {
    expect(upgraded(CHAIN, 'head', 'e')).toBe('→ e');
    expect(upgraded(CHAIN, 'b', 'd')).toBe('→ d');
    expect(upgraded(CHAIN, 'base', 'd')).toBe('→ d');
    expect(upgraded(CHAIN, 'base')).toBe('→ base');
    expect(upgraded(graphOf(), 'heads')).toBe('→ base');
  });
});

describe('merge points', () => {
  /*
   *     ┌ b ┐
   * a ─ ┤   ├ d
   *     └ c ┘
   */
  test('diamond', () => {
    expect(upgrade(DIAMOND, 'head')).toEqual(['+a → a', '+b → b', '+c → b c', '+d → d']);
    expect(upgrade(DIAMOND, 'd', 'b')).toEqual(['+c → b c', '+d → d']);
    expect(upgrade(DIAMOND, 'd', 'b', 'c')).toEqual(['+d → d']);
    expect(upgrade(DIAMOND, 'c', 'b')).toEqual(['+c → b c']);
  });

  test('what a merge step does to the rows, and what the plan says of itself', () => {
    const plan = planUpgrade(DIAMOND, ['b'], 'head');
    expect(plan).toEqual({
      direction: 'upgrade',
      target: 'head',
      from: ['b'],
      to: ['d'],
      steps: [
        { revision: 'c', direction: 'upgrade', remove: [], add: ['c'] },
        { revision: 'd', direction: 'upgrade', remove: ['b', 'c'], add: ['d'] },
      ],
      merges: [],
    });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  /*
   *     ┌ b1 ┐       ┌ c1 ┐
   * a ─ ┤    ├ m1 ─ ┤    ├ m2
   *     └ b2 ┘       └ c2 ┘
   */
  test('braid', () => {
    expect(upgrade(BRAID, 'head')).toEqual([
      '+a → a',
      '+b1 → b1',
      '+b2 → b1 b2',
      '+m1 → m1',
      '+c1 → c1',
      '+c2 → c1 c2',
      '+m2 → m2',
    ]);
  });

  /*
   *     ┌ b1 ┬──── c1 ┐
   * a ─ ┼ b2 ┤        ├ d
   *     └ b3 ┴──── c2 ┘
   */
  test('twin merge: the second one finds no rows of the branches any more', () => {
    expect(upgrade(TWIN_MERGE, 'head', 'b1', 'b2', 'b3')).toEqual(['+c1 → c1', '+c2 → c1 c2', '+d → d']);
    expect(upgrade(TWIN_MERGE, 'c2', 'c1')).toEqual(['+c2 → c1 c2']);
  });

  /* as above, but c1 merges b1 and b2, c2 merges b2 and b3 */
  test('not quite a twin merge', () => {
    expect(upgrade(NOT_QUITE_TWIN_MERGE, 'head', 'a')).toEqual([
      '+b1 → b1',
      '+b2 → b1 b2',
      '+b3 → b1 b2 b3',
      '+c1 → b3 c1',
      '+c2 → c1 c2',
      '+d → d',
    ]);
    expect(upgrade(NOT_QUITE_TWIN_MERGE, 'c1', 'c2')).toEqual(['+b1 → b1 c2', '+c1 → c1 c2']);
  });

  /*
   * a1 ─ b1 ┐     ┌ c1
   * a2 ─ b2 ┼ m ─ ┼ c2
   * a3 ─ b3 ┘     └ c3
   */
  test('three-way merge', () => {
    expect(upgrade(THREE_WAY_MERGE, 'm', 'b1', 'a2')).toEqual([
      '+a3 → a2 a3 b1',
      '+b2 → a3 b1 b2',
      '+b3 → b1 b2 b3',
      '+m → m',
    ]);
    expect(upgraded(THREE_WAY_MERGE, 'heads', 'm')).toBe('+c1 +c2 +c3 → c1 c2 c3');
    expect(upgraded(THREE_WAY_MERGE, 'c2', 'c1')).toBe('+c2 → c1 c2');
  });

  /*
   *        ┌ learning  ┬───────────────────┐
   * root ─ ┤           ├ merge ─ facts ─ again ─ last
   *        └ summaries ┘
   */
  test('redundant parent: never leaves two rows', () => {
    expect(upgrade(REDUNDANT_PARENT, 'head')).toEqual([
      '+root → root',
      '+learning → learning',
      '+summaries → learning summaries',
      '+merge → merge',
      '+facts → facts',
      '+again → again',
      '+last → last',
    ]);
    expect(planUpgrade(REDUNDANT_PARENT, ['facts'], 'again').steps).toEqual([
      { revision: 'again', direction: 'upgrade', remove: ['facts'], add: ['again'] },
    ]);
  });
});

describe('prerequisites', () => {
  /* a ─ b ─ c, where b and c depend on a */
  test('depends on own ancestor: as if it did not', () => {
    expect(upgrade(DEPENDS_ON_OWN_ANCESTOR, 'head')).toEqual(['+a → a', '+b → b', '+c → c']);
  });

  /*
   * core1 ─ core2 ─ core3
   *            ╎
   * shop1 ─ shop2 ─ shop3
   */
  test('come first, and their rows go where something stands on them', () => {
    expect(upgrade(CROSS_DEPENDENCY, 'shop@head')).toEqual([
      '+core1 → core1',
      '+core2 → core2',
      '+shop1 → core2 shop1',
      '+shop2 → shop2',
      '+shop3 → shop3',
    ]);
    expect(upgraded(CROSS_DEPENDENCY, 'heads', 'shop3')).toBe('+core3 → core3 shop3');
    expect(upgraded(CROSS_DEPENDENCY, 'core2', 'shop2')).toBe('→ shop2');
  });

  test('that are applied already, under a later row, are left alone', () => {
    expect(upgrade(CROSS_DEPENDENCY, 'shop2', 'core3', 'shop1')).toEqual(['+shop2 → core3 shop2']);
  });
});

describe('forest', () => {
  /*
   * shop1 ─ shop2 ─ shop3
   * blog1 ─ blog2
   * mail1
   */
  test('heads takes all lines', () => {
    expect(upgrade(FOREST, 'heads')).toEqual([
      '+blog1 → blog1',
      '+blog2 → blog2',
      '+mail1 → blog2 mail1',
      '+shop1 → blog2 mail1 shop1',
      '+shop2 → blog2 mail1 shop2',
      '+shop3 → blog2 mail1 shop3',
    ]);
  });

  test('label@head and label@+N leave other lines alone', () => {
    expect(upgraded(FOREST, 'shop@head', 'blog1', 'shop1')).toBe('+shop2 +shop3 → blog1 shop3');
    expect(upgraded(FOREST, 'shop@+1', 'blog1', 'shop1')).toBe('+shop2 → blog1 shop2');
  });

  test('several targets', () => {
    expect(upgraded(FOREST, ['blog@head', 'shop2'])).toBe('+blog1 +blog2 +shop1 +shop2 → blog2 shop2');
    expect(planUpgrade(FOREST, [], ['blog1', 'mail1']).target).toBe('blog1 mail1');
    expect(upgraded(FOREST, [], 'mail1')).toBe('→ mail1');
  });
});

describe('what is refused', () => {
  test('a target that includes another one', () => {
    const { details, message } = refused('overlapping_requested', () => upgrade(CHAIN, ['b', 'd']));
    expect(details).toEqual({ revision: 'd', overlaps: ['b'], where: 'target' });
    expect(message).toContain('d already includes b');
    refused('overlapping_requested', () => upgrade(CROSS_DEPENDENCY, ['core1', 'shop2']));
  });

  test('rows where one includes another', () => {
    const { details, message } = refused('overlapping_requested', () => upgrade(CHAIN, 'head', 'b', 'd'));
    expect(details).toEqual({ revision: 'd', overlaps: ['b'], where: 'rows' });
    expect(message).toContain('has d and also b, which d includes');
  });

  test('a row that stands there twice', () => {
    const { details } = refused('row_count_mismatch', () => upgrade(CHAIN, 'head', 'b', 'b'));
    expect(details).toEqual({ table: 'revgraph_version', expected: ['b'], found: ['b', 'b'] });
  });

  test('rows that the graph does not have, all of them', () => {
    const { details, message } = refused('unknown_row', () => upgrade(CHAIN, 'head', 'ghost', 'b', 'spook'));
    expect(details.rows).toEqual(['ghost', 'spook']);
    expect(message).toContain('ghost, spook');
  });

  test('head, where there are several', () => {
    expect(refused('multiple_heads', () => upgrade(FOREST, 'head')).details.heads).toEqual([
      'blog2',
      'mail1',
      'shop3',
    ]);
  });

  test('an unknown target', () => {
    expect(refused('unknown_revision', () => upgrade(CHAIN, 'zzz')).details.name).toBe('zzz');
  });
});
