import type { KeptDowngrade } from '../access/kept.js';
import type { RunOptions } from '../config/options.js';
import { RevgraphError } from '../errors/error.js';
import { list, lossText, shellWord } from '../errors/words.js';
import { planUndo } from '../plan/downgrade.js';
import type { Plan } from '../plan/plan.js';
import type { DataLoss } from '../preflight/lines/line.js';
import { namingOf } from '../project/targets.js';
import type { PreparedStep } from '../run/prepare.js';
import { type ApplyResult, applyPlan } from './apply.js';
import { losses } from './losses.js';
import { downgradeTo } from './plan-for.js';

export interface DowngradeOptions extends RunOptions {
  /** `base`, an id or prefix, `-1`, `id-2`, `label@base`, a release … What it names stays applied. */
  readonly target: string;
  /**
   * Asked before anything runs, with the plan, what the revisions say of what is lost for good (`@loses`), and that with
   * the rows as counted; and with the downgrades that come from the ledger, because no file has them. Throw to refuse, or reject.
   * Default: no question.
   */
  readonly confirm?:
    | ((
        plan: Plan,
        lost: readonly string[],
        losses: readonly DataLoss[],
        kept: readonly KeptDowngrade[],
      ) => void | Promise<void>)
    | undefined;
  /** Take back revisions that no file has, with the downgrades that the ledger keeps. Default false: `confirmation_needed`. */
  readonly confirmed?: boolean | undefined;
}

/** Asks before anything is taken back. */
export const asks =
  ({ confirm, confirmed }: Pick<DowngradeOptions, 'confirm' | 'confirmed'>) =>
  (
    plan: Plan,
    steps: readonly PreparedStep[],
    lost: readonly DataLoss[],
    kept: readonly KeptDowngrade[],
  ): void | Promise<void> => {
    // Nobody here has seen this SQL in a file.
    if (kept.length > 0 && confirmed !== true) throw keptNeedsConfirmation(kept, lost);
    return confirm?.(
      plan,
      losses(plan, new Map(steps.map((s) => [s.step.revision, s.revision]))),
      lost,
      kept,
    );
  };

/** SQL that the ledger keeps is run only by who was shown it. */
function keptNeedsConfirmation(kept: readonly KeptDowngrade[], lost: readonly DataLoss[]): RevgraphError {
  return new RevgraphError('confirmation_needed', {
    what: `No file has ${list(kept.map(({ revision }) => revision))}`,
    consequence: [
      'it would be taken back with the downgrade that the ledger keeps:',
      ...kept.map(keptLine),
      ...lost.map((loss) => `  lost with ${lossText(loss)}`),
    ].join('\n'),
    losses: lost,
  });
}

/** Line by line as it stands: on one line a comment would hide what follows it. */
const keptLine = ({ revision, sql }: KeptDowngrade): string => {
  const text = sql?.trim() ?? 'it changed nothing';
  return `  ${revision}:${text.includes('\n') ? `\n${text.replace(/^/gm, '    ')}` : ` ${text}`}`;
};

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
