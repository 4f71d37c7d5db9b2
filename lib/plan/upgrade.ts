import type { Graph } from '../graph/graph.js';
import { BASE } from '../graph/lookup.js';
import { topologicalOrder } from '../graph/order.js';
import { assertApart } from '../graph/overlap.js';
import { rowNumbers, upgradeTargets } from '../graph/target.js';
import type { Plan, Step } from './plan.js';
import { readRows } from './rows.js';

/**
 * Everything that `target` needs and `rows` does not include, parents first.
 * Rows after a step: rows − parents(r) + r, which always equals the maximal elements of the applied set.
 *
 * @param rows ids in the version table
 * @param target as typed (`head`, an id, `+2`, `label@head` …), or several absolute targets
 */
export function planUpgrade(graph: Graph, rows: readonly string[], target: string | readonly string[]): Plan {
  const targets = upgradeTargets(graph, rows, target).filter((n) => n !== BASE);
  assertApart(graph, targets);
  assertApart(graph, rowNumbers(graph, rows), 'rows');
  const current = readRows(graph, rows);
  const applied = graph.closure(current);
  const required = graph.closure(targets);
  const live = new Set(current);
  const steps: Step[] = [];
  for (let n = 0; n < graph.size; n++)
    if (required[n] === 1 && applied[n] !== 1) steps.push(upgradeStep(graph, live, n));
  return {
    direction: 'upgrade',
    target: typeof target === 'string' ? target : target.join(' '),
    from: [...rows],
    to: graph.idsOf(live),
    steps,
    merges: [],
  };
}

/**
 * The whole graph from base to heads in another valid order than the usual one; null if there is only one order. Two orders
 * that end in different schemas show that two revisions on different lines touch the same thing.
 */
export function planOtherOrder(graph: Graph): Plan | null {
  const order = topologicalOrder(graph.parents, graph.ids, 'greatest');
  if (order.every((n, position) => n === position)) return null;
  const live = new Set<number>();
  const steps = order.map((n) => upgradeStep(graph, live, n));
  return { direction: 'upgrade', target: 'heads', from: [], to: graph.idsOf(live), steps, merges: [] };
}

/** One revision upwards: its parents among the live rows give way to it. */
export function upgradeStep(graph: Graph, live: Set<number>, n: number): Step {
  const replaced = (graph.parents[n] ?? []).filter((parent) => live.delete(parent));
  live.add(n);
  return {
    revision: graph.idOf(n),
    direction: 'upgrade',
    remove: graph.idsOf(replaced),
    add: [graph.idOf(n)],
  };
}
