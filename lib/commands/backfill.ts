import type { BackfillOptions, BackfillOrder } from '../background/orders.js';
import type { BackfillPreviewOptions, BackfillPreviewResult } from '../background/preview.js';
import type { BackfillReport } from '../background/report.js';
import type { WorkOptions, WorkResult } from '../background/work.js';
import type { DatabaseOptions, RunOptions } from '../config/options.js';
import type { UndoResult } from '../revision/batches.js';

/**
 * Shows what the backfills of a revision would change in this database: runs every batch and rolls it back. Only sequence
 * numbers are not given back.
 * @throws `usage` if the revision has no batches
 */
export async function previewBackfill(options: BackfillPreviewOptions): Promise<BackfillPreviewResult> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await import('../background/preview.js')).previewOf(await checkOptions('previewBackfill', options));
}

/**
 * Runs the backfills that upgrades queued for the background, one revision after the other, and verifies them. Any number of
 * processes may call this. Each revision is run by one process, or with `queue` by all of them.
 * @throws what `upgrade` throws, including `backfill_incomplete` and `backfill_cancelled`; the next call continues
 */
export async function workBackfills(options: WorkOptions): Promise<WorkResult> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await import('../background/work.js')).work(await checkOptions('workBackfills', options));
}

const load = () => import('../background/orders.js');

/** The progress of all backfills, or those of one revision. Creates nothing. */
export async function backfillStatus(
  options: DatabaseOptions & { readonly revision?: string | undefined },
): Promise<{ backfills: readonly BackfillReport[] }> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).reportBackfills(await checkOptions('backfillStatus', options));
}

/** Pauses a revision's backfills after the current batch, in whatever process runs them. @throws `backfill_unknown` */
export async function pauseBackfill(options: BackfillOptions): Promise<BackfillOrder> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).order(await checkOptions('pauseBackfill', options), 'pause');
}

/** Continues paused or cancelled backfills. @throws `backfill_unknown` */
export async function resumeBackfill(options: BackfillOptions): Promise<BackfillOrder> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).order(await checkOptions('resumeBackfill', options), null);
}

/** Stops a revision's backfills after the current batch. They can be resumed or undone. @throws `backfill_unknown` */
export async function cancelBackfill(options: BackfillOptions): Promise<BackfillOrder> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).order(await checkOptions('cancelBackfill', options), 'cancel');
}

/** Marks the rows in quarantine for another attempt by the current or the next run. @throws `backfill_unknown` */
export async function retryBackfill(options: BackfillOptions): Promise<BackfillOrder & { rows: number }> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).retry(await checkOptions('retryBackfill', options));
}

/** Accepts rows in quarantine as they are. @throws `backfill_unknown`; `usage` without a reason */
export async function acceptBackfill(
  options: BackfillOptions & {
    readonly reason: string;
    /** The key of one row, a value per key column. Default: all rows in quarantine. */
    readonly key?: readonly string[] | undefined;
  },
): Promise<BackfillOrder & { rows: number }> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).acceptRows(await checkOptions('acceptBackfill', options));
}

/**
 * Deletes cursor, counts and quarantine of an unfinished backfill, so that it starts again from the first row. Its committed
 * batches remain. Use it for a table that was re-created, or for work that may run twice.
 * @throws `backfill_unknown`
 */
export async function forgetBackfill(
  options: RunOptions & { readonly revision: string },
): Promise<{ revision: string; forgotten: number }> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).forgetBackfill(await checkOptions('forgetBackfill', options));
}

/**
 * Reverts the changes of an unfinished backfill, by its marks: one that is cancelled, failed or in the background. To revert a
 * finished one, downgrade its revision.
 * @throws `backfill_unknown`, `backfill_without_mark`, `backfill_remains`
 */
export async function undoBackfill(
  options: RunOptions & { readonly revision: string },
): Promise<UndoResult & { revision: string }> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).undo(await checkOptions('undoBackfill', options));
}
