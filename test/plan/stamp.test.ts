import { describe, expect, test } from 'vitest';
import type { Graph } from '../../lib/graph/graph.js';
import { planStamp } from '../../lib/plan/stamp.js';
import { refused } from '../graph/refused.js';
import { BRAID, CHAIN, CROSS_DEPENDENCY, DIAMOND, FOREST, THREE_WAY_MERGE } from '../graph/shapes.js';
import { stamped } from './played.js';

/** The rows after a stamp. */
const stamp = (graph: Graph, targets: string, ...rows: string[]): string =>
  stamped(planStamp(graph, rows, targets === '' ? [] : targets.split(' ')));

describe('chain', () => {
  /* a ─ b ─ c ─ d ─ e */
  test.each([
    ['c', '', 'c'],
    ['head', '', 'e'],
    ['heads', 'b', 'e'],
    ['b', 'd', 'b'],
    ['d', 'b', 'd'],
    ['base', 'd', 'base'],
    ['', 'd', 'base'],
    ['d', 'd', 'd'],
  ])('%s from %s', (targets, row, expected) => {
    expect(stamp(CHAIN, targets, ...(row === '' ? [] : [row]))).toBe(expected);
  });

  test('the plan says what goes and what comes', () => {
    expect(planStamp(CHAIN, ['b'], ['d'])).toEqual({
      direction: 'stamp',
      target: 'd',
      from: ['b'],
      to: ['d'],
      remove: ['b'],
      add: ['d'],
    });
    expect(planStamp(CHAIN, ['d'], ['d'])).toMatchObject({ remove: [], add: [] });
    expect(planStamp(CHAIN, ['d'], [])).toMatchObject({ target: 'base', remove: ['d'], add: [] });
  });
});

describe('lines', () => {
  /*
   *     ┌ b ┐
   * a ─ ┤   ├ d
   *     └ c ┘
   */
  test('rows on the line of the target give way, others stay', () => {
    expect(stamp(DIAMOND, 'c', 'b')).toBe('b c');
    expect(stamp(DIAMOND, 'd', 'b', 'c')).toBe('d');
    expect(stamp(DIAMOND, 'b', 'd')).toBe('b');
    expect(stamp(DIAMOND, 'a', 'b', 'c')).toBe('a');
    expect(stamp(BRAID, 'b1', 'c1', 'c2')).toBe('b1');
  });

  /*
   * shop1 ─ shop2 ─ shop3
   * blog1 ─ blog2
   * mail1
   */
  test('forest: other lines stay', () => {
    expect(stamp(FOREST, 'shop1', 'blog2', 'shop3')).toBe('blog2 shop1');
    expect(stamp(FOREST, 'shop@head', 'blog1')).toBe('blog1 shop3');
    expect(stamp(FOREST, 'shop@base', 'blog2', 'shop3')).toBe('blog2');
    expect(stamp(FOREST, 'base', 'blog2', 'shop3')).toBe('base');
    expect(stamp(FOREST, 'heads', 'blog1')).toBe('blog2 mail1 shop3');
  });

  /*
   * core1 ─ core2 ─ core3
   *            ╎
   * shop1 ─ shop2 ─ shop3
   */
  test('a row that a prerequisite implies gives way, too', () => {
    expect(stamp(CROSS_DEPENDENCY, 'shop2', 'core1', 'shop1')).toBe('shop2');
    expect(stamp(CROSS_DEPENDENCY, 'core1', 'shop3')).toBe('core1');
    expect(stamp(CROSS_DEPENDENCY, 'shop2', 'core3')).toBe('core3 shop2');
  });
});

describe('several targets', () => {
  test('are all stored', () => {
    expect(stamp(DIAMOND, 'b c', 'd')).toBe('b c');
    expect(stamp(THREE_WAY_MERGE, 'b1 a2', 'm')).toBe('a2 b1');
    expect(stamp(FOREST, 'shop2 blog1', 'mail1')).toBe('blog1 mail1 shop2');
    expect(planStamp(DIAMOND, [], ['b', 'c']).target).toBe('b c');
  });

  test('where one includes another, only the later one is a row, whatever their order', () => {
    expect(stamp(CHAIN, 'b d')).toBe('d');
    expect(stamp(CHAIN, 'd b')).toBe('d');
    expect(stamp(CROSS_DEPENDENCY, 'core1 shop2')).toBe('shop2');
  });

  test('the same one twice is one row', () => {
    expect(stamp(CHAIN, 'c c')).toBe('c');
  });
});

describe('rows that another row implies', () => {
  test('give way with it', () => {
    expect(stamp(CHAIN, 'e', 'd', 'b')).toBe('e');
    expect(stamp(CHAIN, 'c', 'd', 'b')).toBe('c');
  });
});

describe('what is refused', () => {
  test('counting', () => {
    for (const target of ['+1', '-1', 'shop@+1', 'shop@-1'])
      expect(refused('bad_target', () => planStamp(FOREST, ['shop2'], [target])).details.target).toBe(target);
  });

  test('unknown rows and targets, ambiguous heads', () => {
    expect(refused('unknown_row', () => stamp(CHAIN, 'b', 'ghost')).details.rows).toEqual(['ghost']);
    expect(refused('unknown_revision', () => stamp(CHAIN, 'zzz')).details.name).toBe('zzz');
    expect(refused('multiple_heads', () => stamp(FOREST, 'head')).details.heads).toHaveLength(3);
    expect(refused('not_in_branch', () => stamp(FOREST, 'shop@blog1')).details.revision).toBe('blog1');
    expect(refused('unknown_branch', () => stamp(FOREST, 'shopp@base')).details.name).toBe('shopp');
  });
});
