import type { Graph } from '../graph/graph.js';

/** Ids of revises ∪ depends on. */
export function parentsOf(graph: Graph, revision: string): string[] {
  const number = graph.numberOf(revision);
  return number === undefined ? [] : graph.idsOf(graph.parents[number] ?? []);
}
