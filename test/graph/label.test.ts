import { describe, expect, test } from 'vitest';
import type { Graph } from '../../lib/graph/graph.js';
import { FOREST, graphOf } from './shapes.js';

const bearers = (graph: Graph, label: string): string =>
  graph.ids.filter((id) => graph.get(id)?.labels.includes(label)).join(' ');

describe('labels spread over a line', () => {
  test('in a forest, over the whole tree', () => {
    expect(bearers(FOREST, 'shop')).toBe('shop1 shop2 shop3');
    expect(bearers(FOREST, 'blog')).toBe('blog1 blog2');
    expect(bearers(FOREST, 'mail')).toBe('mail1');
  });

  /*
   *     ┌ b #x ─ c
   * a ─ ┤
   *     └ d #y
   */
  test('to every descendant, and down to the branch point, which it leaves out', () => {
    const graph = graphOf('a', 'b #x: a', 'c: b', 'd #y: a');
    expect(bearers(graph, 'x')).toBe('b c');
    expect(bearers(graph, 'y')).toBe('d');
    expect(graph.get('a')?.labels).toEqual([]);
  });

  /* a ─ b ─ c #x */
  test('down a plain chain to its base', () => {
    expect(bearers(graphOf('a', 'b: a', 'c #x: b'), 'x')).toBe('a b c');
  });

  /*
   *               ┌ d
   * a ─ b #x ─ c ─┤
   *               └ e
   */
  test('not down, where the line above it is no plain chain', () => {
    expect(bearers(graphOf('a', 'b #x: a', 'c: b', 'd: c', 'e: c'), 'x')).toBe('b c d e');
  });

  /*
   *     ┌ b #x ┐
   * a ─ ┤      ├ d ─ e
   *     └ c #y ┘
   */
  test('over a merge point they meet, sorted', () => {
    const graph = graphOf('a', 'b #x: a', 'c #y: a', 'd: c b', 'e: d');
    expect(graph.get('e')?.labels).toEqual(['x', 'y']);
    expect(bearers(graph, 'x')).toBe('b d e');
  });

  test('a label has one bearer, whatever it reaches', () => {
    const graph = graphOf('a', 'b: a', 'c #x #y: b');
    expect([...graph.labels]).toEqual([
      ['x', 2],
      ['y', 2],
    ]);
  });
});
