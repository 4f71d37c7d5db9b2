import { assertUnedited } from '../access/edited.js';
import { assertRecorded, type MissedRevision, missedRevisions } from '../access/judgement.js';
import type { Opened } from '../access/open.js';
import { splitUnknown } from '../access/unknown-rows.js';
import type { RunOptions } from '../config/options.js';
import type { Graph } from '../graph/graph.js';
import { COUNTS } from '../graph/target.js';
import { topsOf } from '../graph/tops.js';
import { planDowngrade, planDowngradeTo } from '../plan/downgrade.js';
import type { Direction, Plan, Step } from '../plan/plan.js';
import { planOfNothing } from '../plan/plan.js';
import { planUpgrade } from '../plan/upgrade.js';
import { defaultTarget } from '../project/head-problems.js';
import { idsNamed, type Naming } from '../project/targets.js';

/** How a command turns rows into a plan. */
export interface Planner {
  readonly direction: Direction;
  readonly plan: (graph: Graph, rows: readonly string[]) => Plan;
  /** Ids that were asked for; what is missed and not below them is left. Absent: everything is meant. */
  readonly asked?: (graph: Graph) => readonly string[];
}

/** What `upgrade [TARGET…]` asks for. */
interface Wanted extends Pick<RunOptions, 'lines'> {
  readonly target?: string | readonly string[] | undefined;
}

/** The plan of `upgrade [TARGET…]`: without a target to the one head, or to those of lines that are meant to stay apart. */
export function upgradeTo(
  graph: Graph,
  rows: readonly string[],
  naming: Naming,
  { target, lines }: Wanted,
): Plan {
  return planUpgrade(graph, rows, naming.all(graph, target ?? defaultTarget(graph, lines)));
}

/** The planner of `upgrade [TARGET…]`. */
export function upgradePlanner(naming: Naming, wanted: Wanted): Planner {
  const typed = [wanted.target ?? []].flat();
  // What counts from the rows names nothing.
  const isNamed = typed.length > 0 && !typed.some((one) => COUNTS.test(one) || one.startsWith('current'));
  return {
    direction: 'upgrade',
    plan: (graph, rows) => upgradeTo(graph, rows, naming, wanted),
    ...(isNamed ? { asked: (graph) => idsNamed(graph, naming, typed) } : {}),
  };
}

/** The plan of `downgrade TARGET`: a release leaves exactly what it has, a revision whatever does not stand on it. */
export function downgradeTo(graph: Graph, rows: readonly string[], naming: Naming, target: string): Plan {
  const release = naming.release(graph, target);
  return release === null
    ? planDowngrade(graph, rows, naming.one(graph, target))
    : planDowngradeTo(graph, rows, release, target);
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
  const plan =
    known === null ? planBeside(opened, planner, options) : planOn(opened, planner, known, options);
  if (plan.steps.length === 0) return plan;
  if (options.minimum !== undefined && plan.direction === 'upgrade' && known !== null)
    (await import('../project/releases.js')).assertMinimum(graph, options, known);
  await assertUnedited(opened, options);
  return plan;
}

function planOn(opened: Opened, planner: Planner, rows: readonly string[], options: RunOptions): Plan {
  const { graph } = opened.project;
  // Before the planner: rows that say too much would be told of as something else.
  const { missed } = assertRecorded(graph, opened, planner.direction === 'upgrade' ? options : planner);
  const plan = planner.plan(graph, rows);
  if (planner.direction === 'upgrade') return withMissed(plan, askedOf(graph, planner, missed));
  // One that stopped halfway goes on beside what is missed; what never ran is not taken back.
  const neverRan = missed.filter(({ revision }) => plan.steps.some((step) => step.revision === revision));
  if (neverRan.length > 0) throw missedRevisions(graph, opened, missed);
  return plan;
}

/** Of what is missed, that below what was asked for. */
function askedOf(
  graph: Graph,
  { asked }: Planner,
  missed: readonly MissedRevision[],
): readonly MissedRevision[] {
  if (asked === undefined) return missed;
  const below = graph.closureOf(asked(graph));
  return missed.filter(({ revision }) => below[graph.numberOf(revision) as number] === 1);
}

/** A plan with what is missed before it, in order. What stands above that ran: the rows stay, they can't say less. */
export function withMissed(plan: Plan, missed: readonly MissedRevision[]): Plan {
  if (missed.length === 0) return plan;
  const late: Step[] = missed.map(({ revision }) => ({
    revision,
    direction: 'upgrade',
    remove: [],
    add: [],
  }));
  return { ...plan, steps: [...late, ...plan.steps] };
}

/**
 * A plan beside rows that the graph doesn't have, where the policy lets them be. What they include of this graph is in the
 * ledger; without one nothing is planned, for it would run again.
 */
export function planBeside(opened: Opened, planner: Planner, options: RunOptions): Plan {
  const { direction, plan: planned } = planner;
  const { project, rows, record } = opened;
  if (direction === 'downgrade')
    opened.emit({
      type: 'warning',
      message: `nothing is taken back beside ${rows.filter((row) => !project.graph.has(row)).join(', ')}, which no file has and which may stand on it`,
    });
  if (record === null || direction === 'downgrade') return planOfNothing(direction, rows);
  const { graph } = project;
  const { applied, missed } = assertRecorded(graph, opened, options);
  const plan = planned(graph, topsOf(graph, applied));
  // What an unknown row includes is no row: there is none to take away.
  let live = [...rows];
  const steps = plan.steps.map((step) => {
    const remove = step.remove.filter((row) => live.includes(row));
    live = [...live.filter((row) => !remove.includes(row)), ...step.add];
    return { ...step, remove };
  });
  return withMissed({ ...plan, from: rows, to: live, steps }, askedOf(graph, planner, missed));
}
