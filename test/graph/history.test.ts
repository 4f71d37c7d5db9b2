import { describe, expect, test } from 'vitest';
import type { Graph } from '../../lib/graph/graph.js';
import { historyRange } from '../../lib/graph/history.js';
import { refused } from './refused.js';
import { BRAID, CHAIN, CROSS_DEPENDENCY, DIAMOND, FOREST, REDUNDANT_PARENT } from './shapes.js';

const history = (graph: Graph, range?: string, rows?: readonly string[]): string =>
  historyRange(graph, range, rows).join(' ');

describe('ranges of a chain', () => {
  /* a ─ b ─ c ─ d ─ e */
  test.each([
    [':', 'e d c b a'],
    ['b:d', 'd c b'],
    ['b:', 'e d c b'],
    [':c', 'c b a'],
    ['base:c', 'c b a'],
    ['c:head', 'e d c'],
    ['c:heads', 'e d c'],
    ['c:c', 'c'],
    [' b:d ', 'd c b'],
    ['b:+2', 'd c b'],
    ['-2:d', 'd c'],
    ['-2:head', 'e d c'],
    ['-9:b', 'b a'],
    [':head-1', 'd c b a'],
  ])('%s', (range, expected) => {
    expect(history(CHAIN, range)).toBe(expected);
  });

  test('without a range: everything, newest first', () => {
    expect(history(CHAIN)).toBe('e d c b a');
  });

  test('current stands for the rows', () => {
    expect(history(CHAIN, 'current:', ['c'])).toBe('e d c');
    expect(history(CHAIN, ':current', ['c'])).toBe('c b a');
    expect(history(CHAIN, ':current', [])).toBe('');
    expect(history(CHAIN, 'current:', [])).toBe('e d c b a');
    expect(history(CHAIN, 'current:+1', ['c'])).toBe('d c');
    expect(history(FOREST, 'current:current', ['blog1', 'shop2'])).toBe('shop2 blog1');
  });
});

describe('ranges of a braid', () => {
  /*
   *     ┌ b1 ┐       ┌ c1 ┐
   * a ─ ┤    ├ m1 ─ ┤    ├ m2
   *     └ b2 ┘       └ c2 ┘
   */
  test('both sides between two merge points', () => {
    expect(history(BRAID, 'm1:m2')).toBe('m2 c2 c1 m1');
    expect(history(BRAID, 'a:m1')).toBe('m1 b2 b1 a');
  });

  test('from one side: what lies above it, and not the other side', () => {
    expect(history(BRAID, 'b1:m1')).toBe('m1 b1');
    expect(history(BRAID, 'c1:')).toBe('m2 c1');
  });

  test('a redundant parent takes nothing away', () => {
    expect(history(REDUNDANT_PARENT, 'learning:again')).toBe('again facts merge learning');
  });
});

describe('lines', () => {
  test('label@base keeps only what bears the label', () => {
    expect(history(FOREST, 'shop@base:')).toBe('shop3 shop2 shop1');
    expect(history(FOREST, ':blog@head')).toBe('blog2 blog1');
    expect(history(FOREST, 'shop2:shop@head')).toBe('shop3 shop2');
  });

  test('a prerequisite belongs to what needs it, when the range starts at the base', () => {
    expect(history(CROSS_DEPENDENCY, ':shop2')).toBe('shop2 shop1 core2 core1');
    expect(history(CROSS_DEPENDENCY, 'shop1:shop2')).toBe('shop2 shop1');
  });
});

describe('what is no range', () => {
  test.each(['', 'a', 'a:b:c', '::'])('%j', (range) => {
    const { details, message } = refused('bad_range', () => historyRange(CHAIN, range));
    expect(details).toEqual({ range });
    expect(message).toContain(JSON.stringify(range));
  });

  test('the wrong way round', () => {
    const { details, message } = refused('not_an_ancestor', () => historyRange(CHAIN, 'd:b'));
    expect(details).toEqual({ target: 'd', of: ['b'] });
    expect(message).toContain('"d" is not an ancestor of b');
    refused('not_an_ancestor', () => historyRange(DIAMOND, 'b:c'));
  });

  test('with ends that the graph does not have', () => {
    expect(refused('unknown_revision', () => historyRange(CHAIN, 'ghost:')).details.name).toBe('ghost');
    expect(refused('unknown_row', () => historyRange(CHAIN, ':current', ['ghost'])).details.rows).toEqual([
      'ghost',
    ]);
  });
});
