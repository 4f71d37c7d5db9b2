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
