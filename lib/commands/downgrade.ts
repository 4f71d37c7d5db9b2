import type { ApplyResult } from '../apply/apply.js';
import type { DowngradeOptions } from '../apply/downgrade.js';
import type { SwitchOptions, SwitchResult } from '../apply/switch.js';

export type { DowngradeOptions, SwitchOptions, SwitchResult };

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

/**
 * Brings a database from another git branch to this one: down to what both have, with the downgrades that the ledger keeps of
 * revisions that no file has, and up to the heads.
 * @throws `unknown_row` for a revision that no file has and that the ledger can't take back; `confirmation_needed` without
 * `confirm`; what `downgrade` and `upgrade` throw
 */
export async function switchDatabase(options: SwitchOptions): Promise<SwitchResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { switchTo } = await import('../apply/switch.js');
  return switchTo(await checkOptions('switchDatabase', options));
}
