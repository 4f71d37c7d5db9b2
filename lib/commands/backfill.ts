import type { BackfillOptions, BackfillOrder } from '../background/orders.js';
import type { BackfillPreviewOptions, BackfillPreviewResult } from '../background/preview.js';
import type { BackfillReport } from '../background/report.js';
import type { WorkOptions, WorkResult } from '../background/work.js';
import type { DatabaseOptions, RunOptions } from '../config/options.js';
import type { UndoResult } from '../revision/batches.js';

/**
 * What the backfills of a revision would do to this database as it is. Writes nothing; numbers that a sequence hands out
 * are the only thing that PostgreSQL does not take back.
 * @throws `usage` if the revision has no batches
 */
export async function previewBackfill(options: BackfillPreviewOptions): Promise<BackfillPreviewResult> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await import('../background/preview.js')).previewOf(await checkOptions('previewBackfill', options));
}

/**
 * Runs what upgrades left to the background, one revision after the other, and verifies it. Any number of processes may call
 * it: each revision is one process' work, or with `queue` the work of all of them.
 * @throws what `upgrade` throws, `backfill_incomplete` and `backfill_cancelled` among it; the next call goes on
 */
export async function workBackfills(options: WorkOptions): Promise<WorkResult> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await import('../background/work.js')).work(await checkOptions('workBackfills', options));
}

const load = () => import('../background/orders.js');

/** How far every backfill is, or those of one revision. Creates nothing. */
export async function backfillStatus(
  options: DatabaseOptions & { readonly revision?: string | undefined },
): Promise<{ backfills: readonly BackfillReport[] }> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).reportBackfills(await checkOptions('backfillStatus', options));
}

/** Lets whoever works on a revision's backfills rest after the batch that is being run. @throws `backfill_unknown` */
export async function pauseBackfill(options: BackfillOptions): Promise<BackfillOrder> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).order(await checkOptions('pauseBackfill', options), 'pause');
}

/** Takes a pause, or a cancellation, back. @throws `backfill_unknown` */
export async function resumeBackfill(options: BackfillOptions): Promise<BackfillOrder> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).order(await checkOptions('resumeBackfill', options), null);
}

/** Stops a revision's backfills for good; they can be resumed or undone. @throws `backfill_unknown` */
export async function cancelBackfill(options: BackfillOptions): Promise<BackfillOrder> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).order(await checkOptions('cancelBackfill', options), 'cancel');
}

/** Has the rows in quarantine tried again by whoever works on the backfill, now or next. @throws `backfill_unknown` */
export async function retryBackfill(options: BackfillOptions): Promise<BackfillOrder & { rows: number }> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).retry(await checkOptions('retryBackfill', options));
}

/** Lets rows in quarantine stay as they are. @throws `backfill_unknown`; `usage` without a reason */
export async function acceptBackfill(
  options: BackfillOptions & {
    readonly reason: string;
    /** One row, by its key; default: all. */
    readonly key?: readonly string[] | undefined;
  },
): Promise<BackfillOrder & { rows: number }> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).acceptRows(await checkOptions('acceptBackfill', options));
}

/**
 * Forgets cursor, counts and quarantine of a backfill that is not finished, so that it begins anew. What its batches did
 * remains: only for a table that was made anew, or for work that may be done twice.
 * @throws `backfill_unknown`
 */
export async function forgetBackfill(
  options: RunOptions & { readonly revision: string },
): Promise<{ revision: string; forgotten: number }> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).forgetBackfill(await checkOptions('forgetBackfill', options));
}

/**
 * Takes back what the marks show of a backfill that is not finished: cancelled, failed or in the background. One whose
 * revision is applied is taken back by its downgrade.
 * @throws `backfill_unknown`, `backfill_without_mark`, `backfill_remains`
 */
export async function undoBackfill(
  options: RunOptions & { readonly revision: string },
): Promise<UndoResult & { revision: string }> {
  const { checkOptions } = await import('../config/check-options.js');
  return (await load()).undo(await checkOptions('undoBackfill', options));
}
