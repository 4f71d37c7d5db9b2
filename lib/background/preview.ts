import { withDatabase } from '../access/open.js';
import { tryBatches } from '../apply/preview-batches.js';
import type { BackfillPreview } from '../backfill/preview.js';
import { describeServer } from '../database/connection/server.js';
import { RevgraphError } from '../errors/error.js';
import { defaultsOf, type OptionsOf } from '../options/option.js';
import { BACKFILL } from '../options/verbs.js';
import { planOfOne } from '../plan/plan.js';
import type { StepOptions } from '../run/options.js';
import { prepare } from '../run/prepare.js';
import { named } from './named.js';
import type { BackfillOptions } from './orders.js';

export interface BackfillPreviewOptions
  extends BackfillOptions,
    StepOptions,
    OptionsOf<Pick<typeof BACKFILL, 'mode' | 'samples'>> {
  readonly revision: string;
}

export interface BackfillPreviewResult {
  readonly revision: string;
  readonly mode: 'run' | 'count';
  readonly backfills: readonly BackfillPreview[];
}

const DEFAULTS = defaultsOf(BACKFILL);

/** See `previewBackfill`. */
export async function previewOf(options: BackfillPreviewOptions): Promise<BackfillPreviewResult> {
  const { mode = DEFAULTS.mode, samples = DEFAULTS.samples } = options;
  return withDatabase(options, async (opened) => {
    const { project, session, rows } = opened;
    const revision = named(project.graph, options.revision, []);
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
  return new RevgraphError('backfill_absent', { revision });
}
