import type { Graph } from '../graph/graph.js';
import type { Releases } from './options.js';

/** The release that rows stand for, or null. */
export async function releaseOfRows(
  graph: Graph,
  releases: Releases | undefined,
  rows: readonly string[],
): Promise<string | null> {
  if (releases === undefined || rows.length === 0) return null;
  const { releaseOf } = await import('./releases.js');
  return releaseOf(graph, releases, graph.closureOf(rows));
}
