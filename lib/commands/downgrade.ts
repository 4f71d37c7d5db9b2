import type { ApplyResult } from '../apply/apply.js';
import type { DowngradeOptions } from '../apply/downgrade.js';

export type { DowngradeOptions };

/**
 * Downgrades a database to a target. The target stays applied.
 * @throws RevgraphError as `upgrade`; `irreversible` if a revision of the plan has no downgrade: nothing was run
 */
export async function downgrade(options: DowngradeOptions): Promise<ApplyResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { downgradeDatabase } = await import('../apply/downgrade.js');
  return downgradeDatabase(await checkOptions('downgrade', options));
}

/** Downgrades one revision, and everything above it. */
export async function undo(options: DowngradeOptions): Promise<ApplyResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { undoRevision } = await import('../apply/downgrade.js');
  return undoRevision(await checkOptions('undo', options));
}
