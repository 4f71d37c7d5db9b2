import type { BackfillPreview } from '../backfill/preview.js';
import { describeServer } from '../database/server.js';
import { withRollback } from '../database/transaction.js';
import { RevgraphError } from '../errors.js';
import { lookupOne } from '../graph/lookup.js';
import { Tracker } from '../run/place.js';
import { prepare } from '../run/prepare.js';
import { doWork } from '../run/work.js';
import type { BackfillPreviewOptions, BackfillPreviewResult } from './backfill.js';
import { newRun } from './new-run.js';
import { withDatabase } from './open.js';

/** See `previewBackfill`. */
export async function previewOf(options: BackfillPreviewOptions): Promise<BackfillPreviewResult> {
  const { mode = 'run', samples = 5 } = options;
  const { previewing } = await import('../backfill/preview.js');
  return withDatabase(options, async (opened) => {
    const { project, session, rows } = opened;
    const n = lookupOne(project.graph, options.revision);
    const revision = n < 0 ? options.revision : project.graph.idOf(n);
    const step = { revision, direction: 'upgrade' as const, remove: [], add: [] };
    const plan = {
      direction: 'upgrade' as const,
      target: revision,
      from: rows,
      to: rows,
      steps: [step],
      merges: [],
    };
    const [prepared] = await prepare(plan, project.revisions);
    if (prepared === undefined || !prepared.batched) throw notBatched(revision);
    const backfills: BackfillPreview[] = [];
    const server = await describeServer(session, options.schema);
    const run = {
      ...newRun({ ...opened, server, lockKey: null }, plan, options, '', new Map()),
      batching: previewing({ mode, samples }, (seen) => backfills.push(seen)),
      preview: true,
    };
    // What its checks ask for isn't there: every batch was rolled back.
    await withRollback(session, () => doWork(run, { ...prepared, verifies: [] }, new Tracker()));
    if (backfills.length === 0) throw notBatched(revision);
    return { revision, mode, backfills };
  });
}

function notBatched(revision: string): RevgraphError {
  return new RevgraphError('usage', {
    message: `${revision} has no batches to try.`,
    hint: 'A dry run of batches is for revisions with @batch sections, or code that calls batches().',
  });
}
