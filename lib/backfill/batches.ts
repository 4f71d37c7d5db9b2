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
import type { BackfillContext } from './batch/context.js';
import type { BatchSettings } from './batch/definition.js';
import type { BatchWork } from './batch/effect.js';
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
import { stoppedBy } from './standing.js';
import { walk } from './walk.js';

const POLL_MS = 200;

/**
 * Runs a backfill, or goes on with one: every batch is a transaction that holds the change of its rows, the cursor and the
 * counts. Keyset order (see "seek method", use-the-index-luke.com); the upper bound is fixed when it begins.
 *
 * @throws `backfill_incomplete` while rows are in quarantine that nobody accepted; `backfill_changed`,
 * `backfill_cancelled`, `backfill_paused`, `backfill_invalid`, `backfill_blocked`, `aborted`, `connection_lost`
 */
export async function runBatches(context: BackfillContext, given: BatchSettings): Promise<BatchResult> {
  const { settings, source } = await settingsOn(context.client, given);
  const joins = context.share?.role === 'join';
  const found = joins ? await awaitChunks(context, settings) : await openBackfill(context, settings, source);
  if (found.every(({ state }) => state === 'done')) return resultOf(found);
  // A run that is under way waits out a pause; one that begins would wait, with the lock, for somebody who doesn't know of it.
  if (context.share === undefined && context.preview === null && stoppedBy(found) === 'paused')
    throw new RevgraphError('backfill_paused', { revision: context.revision });
  const tell = meter(context, settings.name, found);
  const before = await openRows(context, settings.name);
  const chunks = new Map(found.map((chunk) => [chunk.chunk, chunk]));
  const filling: Filling = {
    fills: found.map(({ definition }) => definition?.fills ?? []).find((fills) => fills.length > 0) ?? null,
  };
  const contexts = [context, ...(context.connections ?? [])];
  const walker = async (one: BackfillContext, chunk: Chunk): Promise<Chunk> =>
    walk(one, { settings, source, work: await workOf(one, settings, source, filling), tell }, chunk);
  const walked =
    context.share === undefined
      ? await sideBySide(
          contexts,
          found.filter(({ state }) => state !== 'through'),
          walker,
        )
      : await shareChunks(context, context.share, settings, contexts, walker);
  if (joins) return resultOf(await awaitEnd(context, settings));
  for (const chunk of walked) chunks.set(chunk.chunk, chunk);
  const work = await workOf(context, settings, source, filling);
  await retryRows(context, { settings, source, work, tell }, chunks, await wanted(context, settings, before));
  return close(context, settings, [...chunks.values()]);
}

/** A joiner waits for the chunks that the leader makes. */
async function awaitChunks(context: BackfillContext, { name }: BatchSettings): Promise<Chunk[]> {
  return until(context, name, (chunks) => chunks.length > 0);
}

/** … and for the end that the leader brings it to. */
async function awaitEnd(context: BackfillContext, { name }: BatchSettings): Promise<Chunk[]> {
  return until(context, name, (chunks) =>
    chunks.every(({ state }) => state === 'done' || state === 'finished'),
  );
}

async function until(
  context: BackfillContext,
  name: string,
  holds: (chunks: readonly Chunk[]) => boolean,
): Promise<Chunk[]> {
  for (;;) {
    const chunks = await chunksOf(context, name);
    if (holds(chunks)) return chunks;
    if (!(await isHeld(context.client, context.share?.leaderKey ?? ''))) throw new Leaderless();
    await rest(context, POLL_MS);
  }
}

/** Those that were there when this run began, and those that somebody asked for meanwhile. */
async function wanted(
  context: BackfillContext,
  settings: BatchSettings,
  before: readonly Quarantined[],
): Promise<Quarantined[]> {
  const known = new Set(before.map(({ key }) => JSON.stringify(key)));
  return (await openRows(context, settings.name)).filter(
    ({ key, tries }) => tries === 0 || known.has(JSON.stringify(key)),
  );
}

/** A definition and the rows that it is about. @throws `backfill_invalid` */
export async function settingsOn(
  client: Queryable,
  given: BatchSettings,
): Promise<{ settings: BatchSettings; source: BatchSource }> {
  const source = await describeSource(client, given.kept);
  const mark = markFor(given.kept, source.types);
  return { settings: { ...given, kept: { ...given.kept, mark } }, source };
}

export async function workOf(
  context: BackfillContext,
  settings: BatchSettings,
  source: BatchSource,
  filling: Filling = { fills: null },
): Promise<BatchWork> {
  if (settings.section !== null) return sqlRows(context, settings, source);
  return settings.definition.change === undefined
    ? runRows(context, settings, source)
    : changeRows(context, settings, source, filling);
}

/**
 * Nothing may be left in quarantine that nobody accepted. Writes the statistics.
 * @throws `backfill_incomplete`
 */
async function close(
  context: BackfillContext,
  settings: BatchSettings,
  chunks: readonly Chunk[],
): Promise<BatchResult> {
  const { client, records, revision, emit } = context;
  const { name, definition } = settings;
  const left = await openRows(context, settings.name);
  if (left.length > 0)
    throw new RevgraphError('backfill_incomplete', {
      revision,
      failed: left.length,
      rows: left.slice(0, 10).map(({ key, error }) => ({ key, error })),
      stopped: false,
    });
  const result = resultOf(chunks);
  await inTransaction(context, settings, async () => {
    if (definition.audit !== undefined)
      await writeAudit(client, definition.audit, result, settings.kept.creates);
    await setState(client, records, { revision, name }, 'done');
  });
  emit({ type: 'backfill-finished', ...result });
  return result;
}
