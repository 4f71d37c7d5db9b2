import type { RepairOptions, RepairResult } from '../evidence/repair.js';

/**
 * Runs exactly the revisions that the version table claims and the schema contradicts, in order, and sets the rows.
 *
 * The rows are lowered first to what really ran, so that they never claim more than is there, and rise with the steps;
 * where later revisions were run on top of a missing one, they stay (rows can't say that).
 *
 * @throws `repair_refused` where that isn't possible, with the reasons: then nothing was changed
 */
export async function repair(options: RepairOptions): Promise<RepairResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { repairDatabase } = await import('../evidence/repair.js');
  return repairDatabase(await checkOptions('repair', options));
}
