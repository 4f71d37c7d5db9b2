import { type BatchSource, countRows, lastKey } from '../database/batches/source.js';
import { withReadOnly } from '../database/connection/transaction.js';
import { NOTHING_COUNTED } from '../database/tables/backfill-counts.js';
import type { Chunk } from '../database/tables/backfill-state.js';
import { RevgraphError } from '../errors/error.js';
import type { BatchResult } from '../revision/batches.js';
import type { Batching } from '../run/run.js';
import type { BackfillContext, Preview, Sample } from './batch/context.js';
import type { BatchSettings } from './batch/definition.js';
import { resultOf, totalOf } from './batch/result.js';
import { settingsOn, workOf } from './batches.js';
import { contextOf, definitionOf } from './batching.js';
import { meter } from './meter.js';
import { chunksOf } from './records.js';
import { walk } from './walk.js';

/** What a backfill would do. Nothing of it was kept. */
export interface BackfillPreview extends BatchResult {
  readonly table: string | null;
  /** Rows that there are to look at. */
  readonly total: number;
  readonly samples: readonly Sample[];
  /** Up to 20 rows that would go into quarantine. */
  readonly failures: readonly { readonly key: readonly string[]; readonly error: string }[];
}

const SHOWN = 20;

/** Batches of a dry run: each is run and rolled back, or rows are only counted. @param tell given every backfill */
export function previewing(preview: Preview, tell: (seen: BackfillPreview) => void): Batching {
  return {
    run: async (run, prepared, what) => {
      const seen = await previewBatches(
        { ...contextOf(run, prepared.revision), preview },
        definitionOf(what),
      );
      tell(seen);
      return seen;
    },
    undo: () => {
      throw new RevgraphError('internal', { reason: 'a dry run of an upgrade called undo' });
    },
  };
}

async function previewBatches(context: BackfillContext, given: BatchSettings): Promise<BackfillPreview> {
  const { client, preview } = context;
  const { settings, source } = await settingsOn(client, given);
  const chunks = await chunksToSee(context, settings, source);
  const total = totalOf(chunks) ?? 0;
  const samples: Sample[] = [];
  const failures: { key: readonly string[]; error: string }[] = [];
  const about = { table: settings.kept.table, total, samples, failures };
  if (preview?.mode === 'count') return { ...resultOf(chunks), ...about };
  const work = await workOf(context, settings, source);
  const tell = meter(context, settings.name, chunks);
  const done: Chunk[] = [];
  for (const begin of chunks)
    done.push(
      await walk(
        context,
        {
          settings,
          source,
          work,
          tell: (chunk, effect) => {
            samples.push(...effect.samples.slice(0, Math.max(0, (preview?.samples ?? 0) - samples.length)));
            failures.push(
              ...effect.failed.slice(0, SHOWN - failures.length).map(({ key, error }) => ({ key, error })),
            );
            tell(chunk);
          },
        },
        begin,
      ),
    );
  return { ...resultOf(done), ...about };
}

/** What is left of a backfill that has begun, or all of it, with nothing counted yet. */
async function chunksToSee(
  context: BackfillContext,
  settings: BatchSettings,
  source: BatchSource,
): Promise<Chunk[]> {
  const { client, revision } = context;
  const { name } = settings;
  const begun = (await chunksOf(context, name)).filter(
    ({ state }) => state === 'queued' || state === 'running',
  );
  const upper = begun.length > 0 ? null : await lastKey(client, source);
  const ranges = begun.length > 0 ? begun : [{ chunk: 0, lower: null, cursor: null, upper }];
  const chunks: Chunk[] = [];
  for (const { chunk, lower, cursor, upper: upTo } of ranges) {
    const range = { after: cursor ?? lower, upTo };
    const total = upTo === null ? 0 : await withReadOnly(client, () => countRows(client, source, range));
    chunks.push({ ...blank(revision, settings), chunk, lower, cursor, upper: upTo, total });
  }
  return chunks;
}

function blank(
  revision: string,
  { name, kept, size }: BatchSettings,
): Omit<Chunk, 'chunk' | 'lower' | 'cursor' | 'upper' | 'total'> {
  const now = new Date();
  return {
    revision,
    name,
    state: 'running',
    control: null,
    definition: kept,
    size,
    ...NOTHING_COUNTED,
    startedAt: now,
    updatedAt: now,
    finishedAt: null,
    working: true,
  };
}
