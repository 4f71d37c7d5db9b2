import { alg, type Graph as Graphlib } from '@dagrejs/graphlib';
import { describe, expect, test } from 'vitest';
import type { Exchanged } from '../../lib/graph/exchange.js';
import type { Graph } from '../../lib/graph/graph.js';
import { CROSS_DEPENDENCY, DIAMOND, graphOf, TWIN_MERGE } from './shapes.js';

/** As graphlib's own functions take it. */
const forGraphlib = (graph: Graph): Graphlib => graph.toGraphlib() as unknown as Graphlib;

const edges = (exchanged: Exchanged): string[] =>
  exchanged.edges().map(({ v, w }) => `${v} > ${w} ${exchanged.edge(v, w)}`);

describe('toGraphlib', () => {
  test('nodes and edges, from parent to child', () => {
    const exchanged = DIAMOND.toGraphlib();
    expect(exchanged.nodes()).toEqual(['a', 'b', 'c', 'd']);
    expect(edges(exchanged)).toEqual(['a > b revises', 'a > c revises', 'b > d revises', 'c > d revises']);
    expect(exchanged.sources()).toEqual(['a']);
    expect(exchanged.sinks()).toEqual(['d']);
  });

  test('prerequisites are edges of their own kind; history has the last word', () => {
    expect(edges(CROSS_DEPENDENCY.toGraphlib())).toContain('core2 > shop2 depends-on');
    expect(edges(graphOf('a', 'b: a | a').toGraphlib())).toEqual(['a > b revises']);
  });

  test('labels are on the node', () => {
    expect(CROSS_DEPENDENCY.toGraphlib().node('shop2')).toEqual({ revision: 'shop2', labels: ['shop'] });
  });

  test('graphlib agrees on the order', () => {
    expect(alg.isAcyclic(forGraphlib(TWIN_MERGE))).toBe(true);
    expect(alg.topsort(forGraphlib(TWIN_MERGE))[0]).toBe('a');
  });

  /* constructor ─ __proto__ ─ toString ─ hasOwnProperty ─ 10 ─ 1 */
  test('ids that are names on Object.prototype are escaped, and nothing is polluted', () => {
    const before = Reflect.ownKeys(Object.prototype);
    const graph = graphOf(
      'constructor',
      '__proto__: constructor',
      'toString: __proto__',
      'hasOwnProperty: toString',
      '10: hasOwnProperty',
      '1: 10',
    );
    const exchanged = graph.toGraphlib();
    expect(alg.isAcyclic(forGraphlib(graph))).toBe(true);
    expect(alg.topsort(forGraphlib(graph)).map((name) => exchanged.node(name)?.revision)).toEqual(graph.ids);
    expect(exchanged.nodes().filter((name) => name.startsWith('id:'))).toHaveLength(4);
    expect(exchanged.predecessors('id:toString')).toEqual(['id:__proto__']);
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('an empty graph', () => {
    expect(graphOf().toGraphlib().nodeCount()).toBe(0);
  });
});
