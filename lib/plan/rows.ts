import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import { rowNumbers } from '../graph/target.js';

/**
 * The rows of a version table as numbers, in their order.
 * @throws `unknown_row` for an id that the graph doesn't have, `row_count_mismatch` for one that stands there twice
 */
export function readRows(graph: Graph, rows: readonly string[], table?: string): number[] {
  const known = rowNumbers(graph, rows, table);
  if (new Set(rows).size !== rows.length)
    throw new RevgraphError('row_count_mismatch', {
      table: table ?? 'revgraph_version',
      expected: [...new Set(rows)],
      found: rows,
    });
  return known;
}
