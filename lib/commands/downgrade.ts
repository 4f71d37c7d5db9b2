import { RevgraphError } from '../errors.js';
import { planDowngrade, planUndo } from '../plan/downgrade.js';
import type { Plan } from '../plan/plan.js';
import type { PreparedStep } from '../run/prepare.js';
import type { ChangeResult } from './change.js';
import { losses } from './losses.js';
import { namingOf } from './naming.js';
import type { RunOptions } from './options.js';
import type { Loss } from './preflight-check.js';

export interface DowngradeOptions extends RunOptions {
  /** `base`, an id or prefix, `-1`, `id-2`, `label@base`, a release … What it names stays applied. */
  readonly target: string;
  /**
   * Asked before anything runs, with the plan, what the revisions say of what is lost for good (`@loses`), and that with
   * the rows as counted; throw to refuse. Default: no question.
   */
  readonly confirm?: ((plan: Plan, lost: readonly string[], losses: readonly Loss[]) => void) | undefined;
}

const asks =
  ({ confirm }: DowngradeOptions) =>
  (plan: Plan, steps: readonly PreparedStep[], counted: readonly Loss[]): void =>
    confirm?.(plan, losses(plan, new Map(steps.map((s) => [s.step.revision, s.revision]))), counted);

/**
 * Takes a database down to a target and leaves the target applied.
 * @throws RevgraphError as `upgrade`; `irreversible` if a revision has no downgrade: then nothing was run
 */
export async function downgrade(options: DowngradeOptions): Promise<ChangeResult> {
  if (typeof options.target !== 'string')
    throw new RevgraphError('bad_target', { target: options.target, reason: 'a downgrade needs one' });
  const [{ change }, naming] = await Promise.all([import('./change.js'), namingOf(options.releases)]);
  return change(
    options,
    (graph, rows) => planDowngrade(graph, rows, naming.one(graph, options.target)),
    // What counts from the rows would lead elsewhere after a part of it ran.
    ({ to }) => `revgraph downgrade ${to.length > 1 ? options.target : (to[0] ?? 'base')}`,
    { confirm: asks(options) },
  );
}

/** Takes one revision away, with everything that stands on it. */
export async function undo(options: DowngradeOptions): Promise<ChangeResult> {
  const [{ change }, naming] = await Promise.all([import('./change.js'), namingOf(options.releases)]);
  return change(
    options,
    (graph, rows) => planUndo(graph, rows, naming.one(graph, options.target)),
    `revgraph undo ${options.target}`,
    { confirm: asks(options) },
  );
}
