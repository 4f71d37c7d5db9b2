import type { Graph } from '../graph/graph.js';
import type { Plan, StampPlan, Step } from './plan.js';
import { readRows } from './rows.js';
import { upgradeStep } from './upgrade.js';

/** How a false stamp is made good. */
export interface RepairPlan {
  /** Before anything runs: the rows down to what really ran, as far as rows can say that. */
  readonly lower: StampPlan;
  /** The missing revisions, parents first. `from` are the lowered rows. */
  readonly plan: Plan;
}

/**
 * Runs exactly the revisions that are missing from what the rows claim.
 *
 * Rows can only say that everything below them ran. So they are lowered below the missing revisions that nothing stands on
 * which did run, and those move them up again as they run; a missing one below others that did run (a hole) leaves the
 * rows alone. Thus the rows never claim more than before, and after a crash the same judgement finds what is left.
 *
 * Example: a ← b ← c ← d, the row is d. Missing b and c, d ran: the row stays, b and c run. Missing b and d: the row goes
 * down to c, b runs, d runs and moves the row up.
 *
 * @param rows the version table
 * @param missing ids, all of them included by the rows
 */
export function planRepair(graph: Graph, rows: readonly string[], missing: readonly string[]): RepairPlan {
  const claimed = graph.closure(readRows(graph, rows));
  const gone = new Uint8Array(graph.size);
  for (const id of missing) gone[graph.numberOf(id) as number] = 1;
  const topmost = gone.slice();
  for (let n = graph.size - 1; n >= 0; n--)
    if (graph.children[n]?.some((child) => claimed[child] === 1 && topmost[child] !== 1)) topmost[n] = 0;
  const kept = claimed.map((mark, n) => (topmost[n] === 1 ? 0 : mark));
  const live = new Set(graph.maximal(kept));
  const lowered = graph.idsOf(live);
  const steps: Step[] = [];
  for (let n = 0; n < graph.size; n++)
    if (topmost[n] === 1) steps.push(upgradeStep(graph, live, n));
    else if (gone[n] === 1)
      steps.push({ revision: graph.idOf(n), direction: 'upgrade', remove: [], add: [] });
  const target = missing.join(' ');
  return {
    lower: {
      direction: 'stamp',
      target,
      from: rows,
      to: lowered,
      remove: rows.filter((row) => !lowered.includes(row)),
      add: lowered.filter((row) => !rows.includes(row)),
    },
    plan: { direction: 'upgrade', target, from: lowered, to: graph.idsOf(live), steps, merges: [] },
  };
}

/** Runs revisions that are missing below others that ran: the rows, which can't say less, stay as they are. */
export function planHoles(rows: readonly string[], missing: readonly string[]): RepairPlan {
  const target = missing.join(' ');
  const steps = missing.map((revision): Step => ({ revision, direction: 'upgrade', remove: [], add: [] }));
  return {
    lower: { direction: 'stamp', target, from: rows, to: rows, remove: [], add: [] },
    plan: { direction: 'upgrade', target, from: rows, to: rows, steps, merges: [] },
  };
}
