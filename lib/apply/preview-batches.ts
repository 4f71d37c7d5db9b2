import type { Locked } from '../access/open.js';
import type { Preview } from '../backfill/batch/context.js';
import { type BackfillPreview, previewing } from '../backfill/preview.js';
import { withRollback } from '../database/connection/transaction.js';
import { planOfOne } from '../plan/plan.js';
import type { StepOptions } from '../run/options.js';
import { Tracker } from '../run/place.js';
import type { PreparedStep } from '../run/prepare.js';
import { perform } from '../run/work.js';
import { newRun } from './new-run.js';

/** Runs a step whose batches are rolled back, and whatever else it does. @returns what its batches would do */
export async function tryBatches(
  locked: Locked,
  options: StepOptions,
  prepared: PreparedStep,
  preview: Preview,
): Promise<BackfillPreview[]> {
  const { rows, session } = locked;
  const backfills: BackfillPreview[] = [];
  const run = newRun(locked, planOfOne(prepared.step.revision, rows), options, '', null, {
    batching: previewing(preview, (seen) => backfills.push(seen)),
  });
  await withRollback(session, () => perform(run, prepared, new Tracker(), true));
  return backfills;
}
