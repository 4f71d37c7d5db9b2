import { assertRecorded, judge } from '../access/judgement.js';
import type { Opened } from '../access/open.js';
import { splitUnknown } from '../access/unknown-rows.js';
import type { RunOptions } from '../config/options.js';
import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import type { Direction, Plan } from '../plan/plan.js';
import { planOfNothing } from '../plan/plan.js';

/** How a command turns rows into a plan. */
export interface Planner {
  readonly direction: Direction;
  readonly plan: (graph: Graph, rows: readonly string[]) => Plan;
}

/**
 * Plans against what the database says: the rows, the ledger, the policy for unknown rows and the minimum. Run, dry run and
 * checklist all ask here, so that none plans what another doesn't do.
 *
 * @throws `unknown_row`, `missed_revisions`, `below_minimum`, and what the planner throws
 */
export async function planFor(opened: Opened, planner: Planner, options: RunOptions): Promise<Plan> {
  const { graph } = opened.project;
  const known = await splitUnknown(opened, options);
  if (known === null) return planBeside(opened, planner);
  assertRecorded(graph, opened);
  const plan = planner.plan(graph, known);
  if (options.minimum !== undefined && plan.direction === 'upgrade' && plan.steps.length > 0)
    (await import('../project/releases.js')).assertMinimum(graph, options, known);
  return plan;
}

/**
 * A plan beside rows that the graph doesn't have, where the policy lets them be. What they include of this graph is in the
 * ledger; without one nothing is planned, for it would run again.
 */
function planBeside(opened: Opened, { direction, plan: planned }: Planner): Plan {
  const { project, rows, record } = opened;
  if (record === null || direction === 'downgrade') return planOfNothing(direction, rows);
  const { graph } = project;
  const { applied, missed } = judge(graph, opened);
  if (missed.length > 0) throw new RevgraphError('missed_revisions', { rows, missed });
  const plan = planned(graph, graph.idsOf(graph.maximal(graph.marksOf(applied))));
  // What an unknown row includes is no row: there is none to take away.
  let live = [...rows];
  const steps = plan.steps.map((step) => {
    const remove = step.remove.filter((row) => live.includes(row));
    live = [...live.filter((row) => !remove.includes(row)), ...step.add];
    return { ...step, remove };
  });
  return { ...plan, from: rows, to: live, steps };
}
