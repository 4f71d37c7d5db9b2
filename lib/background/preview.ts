import { withDatabase } from '../access/open.js';
import { tryBatches } from '../apply/preview-batches.js';
import type { BackfillPreview } from '../backfill/preview.js';
import { describeServer } from '../database/connection/server.js';
import { RevgraphError } from '../errors/error.js';
import { lookupOne } from '../graph/lookup.js';
import { planOfOne } from '../plan/plan.js';
import type { StepOptions } from '../run/options.js';
import { prepare } from '../run/prepare.js';
import type { BackfillOptions } from './orders.js';
export interface BackfillPreviewOptions extends BackfillOptions, StepOptions {
  /** `run` (default): every batch is run and rolled back. `count`: rows are only counted. */
  readonly mode?: 'run' | 'count' | undefined;
  /** Rows that are shown before and after. Default 5. */
  readonly samples?: number | undefined;
}

export interface BackfillPreviewResult {
  readonly revision: string;
  readonly mode: 'run' | 'count';
  readonly backfills: readonly BackfillPreview[];
}

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

function notBatched(revision: string): RevgraphError {
  return new RevgraphError('usage', {
    message: `${revision} has no batches.`,
    hint: 'Name a revision with @batch sections, or one whose code calls batches().',
  });
}
