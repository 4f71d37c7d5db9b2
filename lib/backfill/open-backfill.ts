import { hasMark } from '../database/batches/marks.js';
import { type BatchSource, countRows, cuts, lastKey } from '../database/batches/source.js';
import { forget } from '../database/tables/backfill-orders.js';
import {
  addChunks,
  type Chunk,
  type KeptDefinition,
  makeBackfillTables,
  readChunks,
} from '../database/tables/backfill-state.js';
import { RevgraphError } from '../errors/error.js';
import type { BackfillContext } from './batch/context.js';
import type { BatchSettings } from './batch/definition.js';
import { chunksOf, inTransaction } from './records.js';

/** The chunks of a backfill: those that are there, or new ones. What an earlier life of the revision left is forgotten. */
export async function openBackfill(
  context: BackfillContext,
  settings: BatchSettings,
  source: BatchSource,
): Promise<Chunk[]> {
  const { client, records, revision } = context;
  const { name } = settings;
  const all = await readChunks(client, records, revision);
  const there = all.filter((chunk) => chunk.name === name);
  const kept = { ...settings.kept, oid: source.oid };
  if (there.length > 0 && there.every(({ state }) => state !== 'finished')) {
    assertSame(revision, name, there[0]?.definition ?? null, kept);
    return there;
  }
  assertNoOther(all, name);
  const earlier = there[0]?.definition ?? null;
  if (settings.kept.mark !== null && (await hasMark(client, settings.kept, revision)) && earlier === null)
    throw new RevgraphError('backfill_marked', { revision, name, mark: markText(settings.kept) });
  // Marks that an earlier life of this revision left are still its own to take back.
  const definition = { ...kept, fills: earlier?.fills ?? kept.fills };
  const upper = await lastKey(client, source);
  const total = upper === null ? 0 : await countRows(client, source, { after: null, upTo: upper });
  await inTransaction(context, settings, async () => {
    await makeBackfillTables(client, records);
    await forget(client, records, { revision, name });
    const ranges = await rangesOf(context, settings, source, upper, total);
    await addChunks(
      client,
      records,
      ranges.map((range, chunk) => ({
        revision,
        name,
        chunk,
        state: 'running',
        definition,
        size: settings.size,
        ...range,
      })),
    );
  });
  return chunksOf(context, name);
}

/** Chunks for every connection, and some more, so that none has much left when the others are through. */
const CHUNKS_PER_CONNECTION = 4;

/** Jobs of a backfill that several processes share: whoever joins later finds some left. */
const MOST_JOBS = 64;

const partsFor = (connections: number): number =>
  connections === 1 ? 1 : connections * CHUNKS_PER_CONNECTION;

async function rangesOf(
  { client, share, connections = [] }: BackfillContext,
  { group }: BatchSettings,
  source: BatchSource,
  upper: string[] | null,
  total: number,
): Promise<Pick<Chunk, 'lower' | 'upper' | 'total'>[]> {
  const parts = share === undefined ? partsFor(connections.length + 1) : MOST_JOBS;
  if (upper === null || parts === 1) return [{ lower: null, upper, total }];
  const keys = await cuts(client, source, { after: null, upTo: upper }, { parts, group });
  const each = Math.ceil(total / (keys.length + 1));
  return [...keys, upper].map((upTo, i) => ({
    lower: keys[i - 1] ?? null,
    upper: upTo,
    total: Math.max(0, Math.min(each, total - i * each)),
  }));
}

const markText = ({ table, mark }: KeptDefinition): string =>
  `${table}.${mark?.column}${mark?.key === null ? '' : ` ->> '${mark?.key}'`}`;

/** One that was begun under another name would be begun again. @throws `backfill_changed` */
function assertNoOther(chunks: readonly Chunk[], name: string): void {
  const other = chunks.find(
    (chunk) =>
      chunk.name !== name && chunk.name !== '' && chunk.state !== 'done' && chunk.state !== 'finished',
  );
  if (other !== undefined)
    throw new RevgraphError('backfill_changed', { revision: other.revision, name: other.name });
}

/** A cursor means something only over the rows that it was made for. */
function assertSame(revision: string, name: string, kept: KeptDefinition | null, now: KeptDefinition): void {
  const what = ({ table, source, where, key, oid }: KeptDefinition): string =>
    JSON.stringify([table, source, where, key, oid ?? null]);
  if (kept === null || what(kept) === what(now)) return;
  throw new RevgraphError('backfill_changed', { revision, name });
}
