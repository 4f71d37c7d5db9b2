import type { ApplyResult } from '../apply/apply.js';
import type { UpgradeOptions } from '../apply/upgrade.js';

export type { ApplyResult, UpgradeOptions };

/**
 * Upgrades a database to a target. Other processes that call this wait for the lock, then find nothing to do.
 *
 * @throws RevgraphError. Before the first step: errors of the files, the target, `@requires` and `@precheck`. Later:
 * `step_failed` with `applied`, `failed` and `remaining`; finished steps stay applied.
 */
export async function upgrade(options: UpgradeOptions): Promise<ApplyResult> {
  const { checkOptions } = await import('../config/check-options.js');
  // Loaded when something is to be run: lists need neither a driver nor a parser.
  const { upgradeDatabase } = await import('../apply/upgrade.js');
  return upgradeDatabase(await checkOptions('upgrade', options), async (opened) => {
    const { warnOfContradiction } = await import('../evidence/contradiction.js');
    await warnOfContradiction(opened);
  });
}
