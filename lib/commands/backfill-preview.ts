import type { Preview } from '../backfill/host.js';
import { type BackfillPreview, previewing } from '../backfill/preview.js';
import { describeServer } from '../database/server.js';
import { withRollback } from '../database/transaction.js';
import { RevgraphError } from '../errors.js';
import { lookupOne } from '../graph/lookup.js';
import type { StepOptions } from '../run/options.js';
import { Tracker } from '../run/place.js';
import { type PreparedStep, prepare } from '../run/prepare.js';
import { perform } from '../run/work.js';
import type { BackfillPreviewOptions, BackfillPreviewResult } from './backfill.js';
import { newRun } from './new-run.js';
import { planOfOne } from './one-step.js';
import { type Locked, withDatabase } from './open.js';

/** See `previewBackfill`. */
export async function previewOf(options: BackfillPreviewOptions): Promise<BackfillPreviewResult> {
  const { mode = 'run', samples = 5 } = options;
  return withDatabase(options, async (opened) => {
    const { project, session, rows } = opened;
    const n = lookupOne(project.graph, options.revision);
    const revision = n < 0 ? options.revision : project.graph.idOf(n);
    const [prepared] = await prepare(planOfOne(revision, rows), project.revisions);
    if (prepared === undefined || !prepared.batched) throw notBatched(revision);
    const server = await describeServer(session, options.schema);
    const backfills = await tryBatches({ ...opened, server, lockKey: null }, options, prepared, {
      mode,
      samples,
    });
    if (backfills.length === 0) throw notBatched(revision);
    return { revision, mode, backfills };
  });
}

/** Runs a step whose batches are rolled back, and whatever else it does. @returns what its batches would do */
export async function tryBatches(
  locked: Locked,
  options: StepOptions,
  prepared: PreparedStep,
  preview: Preview,
): Promise<BackfillPreview[]> {
  const { rows, session } = locked;
  const backfills: BackfillPreview[] = [];
  const run = {
    ...newRun(locked, planOfOne(prepared.step.revision, rows), options, '', null),
    batching: previewing(preview, (seen) => backfills.push(seen)),
  };
  await withRollback(session, () => perform(run, prepared, new Tracker(), true));
  return backfills;
}

function notBatched(revision: string): RevgraphError {
  return new RevgraphError('usage', {
    message: `${revision} has no batches to try.`,
    hint: 'A dry run of batches is for revisions with @batch sections, or code that calls batches().',
  });
}
