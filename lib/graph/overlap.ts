import { RevgraphError } from '../errors/error.js';
import type { Graph } from './graph.js';
import { reach } from './walk.js';

/** @throws `overlapping_requested` if one of `numbers` is an ancestor of another */
export function assertApart(
  graph: Graph,
  numbers: readonly number[],
  where: 'target' | 'rows' = 'target',
): void {
  const distinct = [...new Set(numbers)];
  if (distinct.length < 2) return;
  const below = reach(
    graph.parents,
    distinct.flatMap((n) => [...(graph.parents[n] ?? [])]),
  );
  const covered = distinct.filter((n) => below[n] === 1);
  if (covered.length === 0) return;
  const first = covered[0] as number;
  const above = distinct.find((n) => n !== first && graph.closure([n])[first] === 1) as number;
  throw new RevgraphError('overlapping_requested', {
    revision: graph.idOf(above),
    overlaps: [graph.idOf(first)],
    where,
  });
}
