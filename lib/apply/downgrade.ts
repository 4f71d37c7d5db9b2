import type { RunOptions } from '../config/options.js';
import { RevgraphError } from '../errors/error.js';
import { shellWord } from '../errors/words.js';
import { planUndo } from '../plan/downgrade.js';
import type { Plan } from '../plan/plan.js';
import type { DataLoss } from '../preflight/lines/line.js';
import { namingOf } from '../project/targets.js';
import type { Revision } from '../revision/revision.js';
import type { PreparedStep } from '../run/prepare.js';
import { type ApplyResult, applyPlan } from './apply.js';
import { downgradeTo } from './plan-for.js';

export interface DowngradeOptions extends RunOptions {
  /** `base`, an id or prefix, `-1`, `id-2`, `label@base`, a release … What it names stays applied. */
  readonly target: string;
  /**
   * Asked before anything runs, with the plan, what the revisions say of what is lost for good (`@loses`), and that with
   * the rows as counted; throw to refuse, or reject. Default: no question.
   */
  readonly confirm?:
    | ((plan: Plan, lost: readonly string[], losses: readonly DataLoss[]) => void | Promise<void>)
    | undefined;
}

const asks =
  ({ confirm }: DowngradeOptions) =>
  (plan: Plan, steps: readonly PreparedStep[], counted: readonly DataLoss[]): void | Promise<void> =>
    confirm?.(plan, losses(plan, new Map(steps.map((s) => [s.step.revision, s.revision]))), counted);

/** See `downgrade`. */
export async function downgradeDatabase(options: DowngradeOptions): Promise<ApplyResult> {
  if (typeof options.target !== 'string')
    throw new RevgraphError('bad_target', {
      target: options.target,
      reason: 'a downgrade needs exactly one target',
    });
  const naming = await namingOf(options.releases);
  return applyPlan(
    options,
    {
      direction: 'downgrade',
      plan: (graph, rows) => downgradeTo(graph, rows, naming, options.target),
    },
    // What counts from the rows would lead elsewhere after a part of it ran.
    ({ to }) => `revgraph downgrade ${to.length > 1 ? shellWord(options.target) : (to[0] ?? 'base')}`,
    { confirm: asks(options) },
  );
}

/** See `undo`. */
export async function undoRevision(options: DowngradeOptions): Promise<ApplyResult> {
  const naming = await namingOf(options.releases);
  return applyPlan(
    options,
    {
      direction: 'downgrade',
      plan: (graph, rows) => planUndo(graph, rows, naming.one(graph, options.target)),
    },
    () => `revgraph undo ${shellWord(options.target)}`,
    { confirm: asks(options) },
  );
}

/** What a downgrade can't bring back or takes away for good, in the words of the revisions (`@loses`). */
export function losses(plan: Plan, revisions: ReadonlyMap<string, Revision>): string[] {
  return plan.steps.flatMap(({ revision }) => {
    const lost = revisions.get(revision)?.header.loses ?? null;
    return lost === null ? [] : [`${revision}: ${lost}`];
  });
}
