import type { ChangeResult } from './change.js';
import type { RunOptions } from './options.js';

export interface RepairOptions extends RunOptions {
  /** Revisions that are to be run although the schema does not contradict them. Needs a reason. */
  readonly run?: readonly string[] | undefined;
  /** Revisions that are held to have run, where nothing shows it. Needs a reason. */
  readonly assumeRan?: readonly string[] | undefined;
  /** Why, for the ledger. */
  readonly reason?: string | undefined;
}

/** A claimed revision as `repair` sees it. */
export interface Reviewed {
  readonly revision: string;
  /** `shown`: it ran · `drift`: it ran, but not all is as it left it · `none`: no trace · `missing`: it never ran */
  readonly evidence: 'shown' | 'drift' | 'none' | 'missing';
  /** Whether it is run now. */
  readonly run: boolean;
  readonly why: string | null;
}

export interface RepairResult extends ChangeResult {
  /** Every claimed revision, parents first. */
  readonly revisions: readonly Reviewed[];
}

/**
 * Runs exactly the revisions that the version table claims and the schema contradicts, in order, and sets the rows.
 *
 * The rows are lowered first to what really ran, so that they never claim more than is there, and rise with the steps;
 * where later revisions were run on top of a missing one, they stay (rows can't say that).
 *
 * @throws `repair_refused` where that isn't possible, with the reasons: then nothing was changed
 */
export async function repair(options: RepairOptions): Promise<RepairResult> {
  const { repairDatabase } = await import('./repairing.js');
  return repairDatabase(options);
}
