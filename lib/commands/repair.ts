import type { DriftRepair, RepairDriftOptions } from '../evidence/mending/repair-drift.js';
import type { RepairOptions, RepairResult } from '../evidence/repair.js';

/**
 * Runs exactly the revisions that are in the version table but never ran, in order, and sets the rows.
 *
 * The rows are first lowered to what the schema has, so that they never claim more, and rise with the steps. If later revisions
 * ran on top of a missing one, the rows stay, because they can't express that.
 *
 * @throws `repair_refused` if this is not possible, with the reasons: nothing was changed
 */
export async function repair(options: RepairOptions): Promise<RepairResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { repairDatabase } = await import('../evidence/repair.js');
  return repairDatabase(await checkOptions('repair', options));
}

/**
 * Makes objects that have drifted what their revisions made of them: runs the statements that `doctor` gives as `mends`, in one
 * transaction, which stays only if each of those objects is then as the catalogue has it. Nothing that may hold rows is dropped.
 *
 * @throws `confirmation_needed` without `confirmed`, with the statements; `repair_unforeseen`
 */
export async function repairDrift(options: RepairDriftOptions): Promise<DriftRepair> {
  const { checkOptions } = await import('../config/check-options.js');
  const { mendDatabase } = await import('../evidence/mending/repair-drift.js');
  return mendDatabase(await checkOptions('repairDrift', options));
}
