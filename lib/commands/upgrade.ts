import type { ApplyResult } from '../apply/apply.js';
import type { UpgradeOptions } from '../apply/upgrade.js';

export type { ApplyResult, UpgradeOptions };

/**
 * Brings a database up to a target: one migrates, everybody else waits for the lock and finds nothing to do.
 *
 * @throws RevgraphError. Before anything ran: what loading, resolving the target, `@requires` and `@precheck` throw.
 * After it: `step_failed` with `applied`, `failed` and `remaining`; what was applied stays.
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
