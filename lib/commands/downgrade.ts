import type { ApplyResult } from '../apply/apply.js';
import type { DowngradeOptions } from '../apply/downgrade.js';

export type { DowngradeOptions };

/**
 * Takes a database down to a target and leaves the target applied.
 * @throws RevgraphError as `upgrade`; `irreversible` if a revision has no downgrade: then nothing was run
 */
export async function downgrade(options: DowngradeOptions): Promise<ApplyResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { downgradeDatabase } = await import('../apply/downgrade.js');
  return downgradeDatabase(await checkOptions('downgrade', options));
}

/** Takes one revision away, with everything that stands on it. */
export async function undo(options: DowngradeOptions): Promise<ApplyResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { undoRevision } = await import('../apply/downgrade.js');
  return undoRevision(await checkOptions('undo', options));
}
