import { type Opened, withDatabase, withLock } from '../access/open.js';
import type { ApplyResult } from '../apply/apply.js';
import { runPlan } from '../apply/apply.js';
import { rehearse } from '../apply/ready.js';
import { coveredBy } from '../apply/write-stamp.js';
import type { Plan } from '../plan/plan.js';
import { notRun } from '../run/run.js';
import type { DoctorFinding } from './finding.js';
import { type RepairOptions, type RepairReview, review } from './review.js';

export type { RepairOptions, RepairReview } from './review.js';

/** See `repair`. */
export async function repairDatabase(options: RepairOptions): Promise<RepairResult> {
  if (options.dryRun === true)
    return withDatabase(options, async (opened) => {
      const { plan, revisions, findings } = await review(opened, options);
      await rehearse(opened, plan, options, 'revgraph repair', {});
      const steps = notRun(plan);
      return { ...resultOf(opened, plan, { revisions, findings }), steps, dryRun: true };
    });
  return withLock(options, async (locked) => {
    const { plan, lower, revisions, findings, proof } = await review(locked, options);
    const result = resultOf(locked, plan, { revisions, findings });
    if (plan.steps.length === 0) return result;
    const ids = plan.steps.map(({ revision }) => revision).join(', ');
    const why = `repair: claimed, but never ran: ${ids}${options.reason === undefined ? '' : ` (${options.reason})`}`;
    const steps = await runPlan(locked, plan, options, 'revgraph repair', {
      proof,
      confirmed: options.confirmed,
      watch: async () => proof.committed(),
      stamp: {
        plan: lower,
        why,
        goesOn: true,
        ...(lower.remove.length + lower.add.length === 0 ? {} : { covers: claimedBut(locked, plan) }),
      },
    });
    return { ...result, steps };
  });
}

/** What the rows claim, without what is run now. */
function claimedBut({ project, rows, record }: Opened, { steps }: Plan): string[] {
  const runs = new Set(steps.map(({ revision }) => revision));
  return coveredBy(project.graph, rows, record).filter((id) => !runs.has(id));
}

function resultOf(
  { rows }: Opened,
  plan: Plan,
  seen: Pick<RepairResult, 'revisions' | 'findings'>,
): RepairResult {
  const none = { steps: [], losses: [], kept: [], dryRun: false };
  return { direction: 'upgrade', from: rows, to: plan.to, plan, ...seen, ...none };
}

export interface RepairResult extends ApplyResult {
  /** Every revision that the version table claims, parents first. */
  readonly revisions: readonly RepairReview[];
  /** What `doctor` found before anything was run. */
  readonly findings: readonly DoctorFinding[];
}
