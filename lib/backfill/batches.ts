import {
  addChunks,
  type Chunk,
  createBackfillTables,
  forget,
  type KeptDefinition,
  readChunks,
  setState,
} from '../database/backfill-state.js';
import { hasMark, writeAudit } from '../database/batch-marks.js';
import { type BatchSource, countRows, cuts, describeSource, lastKey } from '../database/batch-source.js';
import { type Quarantined, readQuarantine } from '../database/quarantine.js';
import { FailedTransaction, withTransaction } from '../database/transaction.js';
import { RevgraphError } from '../errors.js';
import type { BatchResult } from '../revision/batches.js';
import { changeRows } from './change-rows.js';
import type { Settled } from './definition.js';
import type { Work } from './effect.js';
import type { Host } from './host.js';
import { meter } from './meter.js';
import { resultOf } from './result.js';
import { retryRows } from './retry.js';
import { runRows } from './run-rows.js';
import { sideBySide } from './side-by-side.js';
import { sqlRows } from './sql-rows.js';
import { walk } from './walk.js';

/**
 * Runs a backfill, or goes on with one: every batch is a transaction that holds the change of its rows, the cursor and the
 * counts. Keyset order (see "seek method", use-the-index-luke.com); the upper bound is fixed when it begins.
 *
 * @throws `backfill_incomplete` while rows are in quarantine that nobody accepted; `backfill_changed`,
 * `backfill_cancelled`, `backfill_invalid`, `backfill_blocked`, `aborted`, `connection_lost`
 */
export async function runBatches(host: Host, settled: Settled): Promise<BatchResult> {
  const source = await describeSource(host.client, settled.kept);
  const found = await open(host, settled, source);
  if (found.every(({ state }) => state === 'done')) return resultOf(found);
  const tell = meter(host, settled.name, found);
  const before = await readQuarantine(host.client, host.schema, {
    revision: host.revision,
    name: settled.name,
  });
  const chunks = new Map(found.map((chunk) => [chunk.chunk, chunk]));
  const walked = await sideBySide(
    [host, ...(host.connections ?? [])],
    found.filter(({ state }) => state !== 'through'),
    async (one, chunk) =>
      walk(one, { settled, source, work: await workOf(one, settled, source), tell }, chunk),
  );
  for (const chunk of walked) chunks.set(chunk.chunk, chunk);
  const work = await workOf(host, settled, source);
  await retryRows(host, { settled, source, work, tell }, chunks, await wanted(host, settled, before));
  return close(host, settled, [...chunks.values()]);
}

/** Those that were there when this run began, and those that somebody asked for meanwhile. */
async function wanted(host: Host, { name }: Settled, before: readonly Quarantined[]): Promise<Quarantined[]> {
  const known = new Set(before.map(({ key }) => JSON.stringify(key)));
  const now = await readQuarantine(host.client, host.schema, { revision: host.revision, name });
  return now.filter(
    ({ key, tries, accepted }) => accepted === null && (tries === 0 || known.has(JSON.stringify(key))),
  );
}

export async function workOf(host: Host, settled: Settled, source: BatchSource): Promise<Work> {
  if (settled.section !== null) return sqlRows(host, settled, source);
  return settled.definition.change === undefined
    ? runRows(host, settled, source)
    : changeRows(host, settled, source);
}

/** The chunks of a backfill: those that are there, or new ones. What an earlier life of the revision left is forgotten. */
export async function open(host: Host, settled: Settled, source: BatchSource): Promise<Chunk[]> {
  const { client, schema, revision } = host;
  const { name } = settled;
  const ours = (chunks: readonly Chunk[]): Chunk[] => chunks.filter((chunk) => chunk.name === name);
  const there = ours(await readChunks(client, schema, revision));
  if (there.length > 0 && there.every(({ state }) => state !== 'finished')) {
    assertSame(revision, name, there[0]?.definition ?? null, settled.kept);
    return there;
  }
  const earlier = there[0]?.definition ?? null;
  if (settled.kept.mark !== null && (await hasMark(client, settled.kept, revision)) && earlier === null)
    throw new RevgraphError('backfill_marked', { revision, name, mark: markText(settled.kept) });
  // Marks that an earlier life of this revision left are still its own to take back.
  const definition = { ...settled.kept, fills: earlier?.fills ?? settled.kept.fills };
  const upper = await lastKey(client, source);
  const total = upper === null ? 0 : await countRows(client, source, { after: null, upTo: upper });
  await inTransaction(host, settled, async () => {
    for (const sql of createBackfillTables(schema)) await client.query(sql);
    await forget(client, schema, { revision, name });
    const ranges = await rangesOf(host, settled, source, upper, total);
    await addChunks(
      client,
      schema,
      ranges.map((range, chunk) => ({
        revision,
        name,
        chunk,
        state: 'running',
        definition,
        size: settled.size,
        ...range,
      })),
    );
  });
  return ours(await readChunks(client, schema, revision));
}

/** Chunks for every connection, and some more, so that none has much left when the others are through. */
const CHUNKS_PER_CONNECTION = 4;

async function rangesOf(
  { client, connections = [] }: Host,
  { group }: Settled,
  source: BatchSource,
  upper: string[] | null,
  total: number,
): Promise<Pick<Chunk, 'lower' | 'upper' | 'total'>[]> {
  const parts = connections.length === 0 ? 1 : (connections.length + 1) * CHUNKS_PER_CONNECTION;
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

/** A cursor means something only over the rows that it was made for. */
function assertSame(revision: string, name: string, kept: KeptDefinition | null, now: KeptDefinition): void {
  const what = ({ table, source, where, key }: KeptDefinition): string =>
    JSON.stringify([table, source, where, key]);
  if (kept === null || what(kept) === what(now)) return;
  throw new RevgraphError('backfill_changed', { revision, name });
}

/** A short transaction of our own. */
export async function inTransaction(
  host: Host,
  settled: Settled,
  action: () => Promise<void>,
): Promise<void> {
  const done = await withTransaction(host.client, async () => {
    await host.settle(settled);
    await action();
  });
  if (done instanceof FailedTransaction) throw done.cause;
}

/**
 * Nothing may be left in quarantine that nobody accepted. Writes the statistics.
 * @throws `backfill_incomplete`
 */
async function close(host: Host, settled: Settled, chunks: readonly Chunk[]): Promise<BatchResult> {
  const { client, schema, revision, emit } = host;
  const { name, definition } = settled;
  const left = (await readQuarantine(client, schema, { revision, name })).filter(
    ({ accepted }) => accepted === null,
  );
  if (left.length > 0)
    throw new RevgraphError('backfill_incomplete', {
      revision,
      failed: left.length,
      rows: left.slice(0, 3).map(({ key, error }) => ({ key, error })),
      stopped: false,
    });
  const result = resultOf(chunks);
  await inTransaction(host, settled, async () => {
    if (definition.audit !== undefined)
      await writeAudit(client, definition.audit, result, settled.kept.creates);
    await setState(client, schema, { revision, name }, 'done');
  });
  emit({ type: 'backfill-finished', ...result });
  return result;
}
