import { describeSource } from '../database/batches/describe-source.js';
import { markFor, writeAudit } from '../database/batches/marks.js';
import type { BatchSource } from '../database/batches/source.js';
import { isHeld } from '../database/connection/lock.js';
import type { Queryable } from '../database/connection/session.js';
import { setState } from '../database/tables/backfill-orders.js';
import type { Chunk } from '../database/tables/backfill-state.js';
import type { Quarantined } from '../database/tables/quarantine.js';
import { RevgraphError } from '../errors/error.js';
import type { BatchResult } from '../revision/batches.js';
import type { Filling } from './batch/answers.js';
import { changeRows } from './batch/change-rows.js';
import type { BatchSettings } from './batch/definition.js';
import type { BatchWork } from './batch/effect.js';
import type { BackfillContext } from './batch/host.js';
import { resultOf } from './batch/result.js';
import { runRows } from './batch/run-rows.js';
import { sqlRows } from './batch/sql-rows.js';
import { rest } from './gate.js';
import { meter } from './meter.js';
import { openBackfill } from './open-backfill.js';
import { chunksOf, inTransaction, openRows } from './records.js';
import { retryRows } from './retry.js';
import { Leaderless, shareChunks } from './share.js';
import { sideBySide } from './side-by-side.js';
import { walk } from './walk.js';

const POLL_MS = 200;

/**
 * Runs a backfill, or goes on with one: every batch is a transaction that holds the change of its rows, the cursor and the
 * counts. Keyset order (see "seek method", use-the-index-luke.com); the upper bound is fixed when it begins.
 *
 * @throws `backfill_incomplete` while rows are in quarantine that nobody accepted; `backfill_changed`,
 * `backfill_cancelled`, `backfill_invalid`, `backfill_blocked`, `aborted`, `connection_lost`
 */
export async function runBatches(host: BackfillContext, given: BatchSettings): Promise<BatchResult> {
  const { settled, source } = await settleOn(host.client, given);
  const joins = host.share?.role === 'join';
  const found = joins ? await awaitChunks(host, settled) : await openBackfill(host, settled, source);
  if (found.every(({ state }) => state === 'done')) return resultOf(found);
  const tell = meter(host, settled.name, found);
  const before = await openRows(host, settled.name);
  const chunks = new Map(found.map((chunk) => [chunk.chunk, chunk]));
  const filling: Filling = {
    fills: found.map(({ definition }) => definition?.fills ?? []).find((fills) => fills.length > 0) ?? null,
  };
  const hosts = [host, ...(host.connections ?? [])];
  const walker = async (one: BackfillContext, chunk: Chunk): Promise<Chunk> =>
    walk(one, { settled, source, work: await workOf(one, settled, source, filling), tell }, chunk);
  const walked =
    host.share === undefined
      ? await sideBySide(
          hosts,
          found.filter(({ state }) => state !== 'through'),
          walker,
        )
      : await shareChunks(host, host.share, settled, hosts, walker);
  if (joins) return resultOf(await awaitEnd(host, settled));
  for (const chunk of walked) chunks.set(chunk.chunk, chunk);
  const work = await workOf(host, settled, source, filling);
  await retryRows(host, { settled, source, work, tell }, chunks, await wanted(host, settled, before));
  return close(host, settled, [...chunks.values()]);
}

/** A joiner waits for the chunks that the leader makes. */
async function awaitChunks(host: BackfillContext, { name }: BatchSettings): Promise<Chunk[]> {
  return until(host, name, (chunks) => chunks.length > 0);
}

/** … and for the end that the leader brings it to. */
async function awaitEnd(host: BackfillContext, { name }: BatchSettings): Promise<Chunk[]> {
  return until(host, name, (chunks) => chunks.every(({ state }) => state === 'done' || state === 'finished'));
}

async function until(
  host: BackfillContext,
  name: string,
  holds: (chunks: readonly Chunk[]) => boolean,
): Promise<Chunk[]> {
  for (;;) {
    const chunks = await chunksOf(host, name);
    if (holds(chunks)) return chunks;
    if (!(await isHeld(host.client, host.share?.leaderKey ?? ''))) throw new Leaderless();
    await rest(host, POLL_MS);
  }
}

/** Those that were there when this run began, and those that somebody asked for meanwhile. */
async function wanted(
  host: BackfillContext,
  settled: BatchSettings,
  before: readonly Quarantined[],
): Promise<Quarantined[]> {
  const known = new Set(before.map(({ key }) => JSON.stringify(key)));
  return (await openRows(host, settled.name)).filter(
    ({ key, tries }) => tries === 0 || known.has(JSON.stringify(key)),
  );
}

/** A definition and the rows that it is about. @throws `backfill_invalid` */
export async function settleOn(
  client: Queryable,
  given: BatchSettings,
): Promise<{ settled: BatchSettings; source: BatchSource }> {
  const source = await describeSource(client, given.kept);
  const mark = markFor(given.kept, source.types);
  return { settled: { ...given, kept: { ...given.kept, mark } }, source };
}

export async function workOf(
  host: BackfillContext,
  settled: BatchSettings,
  source: BatchSource,
  filling: Filling = { fills: null },
): Promise<BatchWork> {
  if (settled.section !== null) return sqlRows(host, settled, source);
  return settled.definition.change === undefined
    ? runRows(host, settled, source)
    : changeRows(host, settled, source, filling);
}

/**
 * Nothing may be left in quarantine that nobody accepted. Writes the statistics.
 * @throws `backfill_incomplete`
 */
async function close(
  host: BackfillContext,
  settled: BatchSettings,
  chunks: readonly Chunk[],
): Promise<BatchResult> {
  const { client, schema, revision, emit } = host;
  const { name, definition } = settled;
  const left = await openRows(host, settled.name);
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
