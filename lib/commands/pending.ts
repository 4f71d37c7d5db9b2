import type { Graph } from '../graph/graph.js';
import { marked, reach } from '../graph/walk.js';

/**
 * What is surely not applied where the version table also holds rows that the graph doesn't have: what stands on a known
 * row, for if it were applied, that would be no row. What an unknown row includes nobody here knows.
 */
export function surelyPending(graph: Graph, rows: readonly string[]): string[] {
  const known = marked(graph.marksOf(rows));
  const applied = graph.closure(known);
  return graph.idsOf(marked(reach(graph.children, known)).filter((n) => applied[n] !== 1));
}
