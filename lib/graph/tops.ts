import type { Graph } from './graph.js';

/** Ids of the rows that stand for `ids` and all below them, whether that is named or not; those of the graph, parents first. */
export function topsOf(
  graph: Pick<Graph, 'idsOf' | 'maximal' | 'closureOf'>,
  ids: Iterable<string>,
): string[] {
  return graph.idsOf(graph.maximal(graph.closureOf(ids)));
}
