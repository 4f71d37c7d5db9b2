import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import { BASE, lookup, resolveBranch, splitBranch } from '../graph/lookup.js';
import { rowNumbers } from '../graph/target.js';
import { marked, reach } from '../graph/walk.js';
import type { StampPlan } from './plan.js';

/**
 * Moves the rows to `targets` without running anything. Rows on the line of a target are replaced by it; rows unrelated
 * to every target stay. `base` clears all rows, `label@base` those on the label's line.
 * Of several targets where one includes another, only the later one becomes a row.
 */
export function planStamp(graph: Graph, rows: readonly string[], targets: readonly string[]): StampPlan {
  const current = rowNumbers(graph, rows);
  const aims = (targets.length === 0 ? ['base'] : targets).map((target) => aim(graph, target));
  if (aims.length > 1 && aims.some((a) => a.to.length === 0))
    throw new RevgraphError('bad_target', {
      target: targets.join(' '),
      reason: 'base and a revision exclude each other',
    });
  const wanted = topmost(
    graph,
    aims.flatMap((a) => a.to),
  );
  const kept = current.filter((n) => !aims.some((a) => a.reaches(n)));
  const to = graph.idsOf(new Set([...kept, ...wanted]));
  return {
    direction: 'stamp',
    target: targets.join(' ') || 'base',
    from: [...rows],
    to,
    remove: rows.filter((row) => !to.includes(row)),
    add: to.filter((id) => !rows.includes(id)),
  };
}

interface Aim {
  readonly to: readonly number[];
  /** Whether a row is on the line of this target and gives way to it. */
  reaches(row: number): boolean;
}

function aim(graph: Graph, target: string): Aim {
  const { branch, name } = splitBranch(target);
  if (/^[+-]\d+$/.test(name) && !graph.has(target) && !graph.labels.has(target))
    throw new RevgraphError('bad_target', {
      target,
      reason: 'a stamp needs a revision, not a relative number',
    });
  const to = lookup(graph, target).filter((n) => n !== BASE);
  if (to.length === 0 && branch === null) return { to, reaches: () => true };
  const through = to.length > 0 ? to : [resolveBranch(graph, branch as string)];
  const lines = through.map((n) => graph.lineage(n, 'parents'));
  return { to, reaches: (row) => lines.some((line) => line[row] === 1) };
}

/** Those that no other one includes. */
function topmost(graph: Graph, numbers: readonly number[]): number[] {
  const below = reach(
    graph.parents,
    numbers.flatMap((n) => [...(graph.parents[n] ?? [])]),
  );
  return marked(graph.closure(numbers)).filter((n) => numbers.includes(n) && below[n] !== 1);
}
