import { type BatchSource, keyOf } from '../database/batches/source.js';
import { isConnectionLost, readDriverError } from '../database/connection/failure.js';
import { FailedTransaction, withRollback, withTransaction } from '../database/connection/transaction.js';
import { readControl } from '../database/tables/backfill-orders.js';
import { advance, type Chunk, type Control } from '../database/tables/backfill-state.js';
import { quarantine } from '../database/tables/quarantine.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { retryPause } from '../run/options.js';
import { BATCH_DEFAULTS, type BatchSettings } from './batch/definition.js';
import { after, type BatchEffect, type BatchWork, failedRow, type Read } from './batch/effect.js';
import type { BackfillContext } from './batch/host.js';
import { assertAdvances, nextRows, splits } from './batch/next-rows.js';
import { halved, nextSize } from './batch/pace.js';
import { assertGoesOn, obey, rest, throttle } from './gate.js';
import { openRows } from './records.js';

/** One backfill that is being worked on. */
export interface BackfillWork {
  readonly settled: BatchSettings;
  readonly source: BatchSource;
  readonly work: BatchWork;
  /** Told after every batch. */
  readonly tell: (chunk: Chunk, effect: BatchEffect) => void;
}

/** What a try came to. */
export type Attempt =
  | {
      readonly outcome: 'done';
      readonly chunk: Chunk;
      readonly control: Control | null;
      readonly heldMs: number;
    }
  /** Nothing was begun, for somebody asked for a pause. */
  | { readonly outcome: 'interrupted' }
  | { readonly outcome: 'failed'; readonly cause: unknown };

/** Locks and conflicts, which another try may not meet. */
const PASSING = /^(40001|40P01|55P03)$/;
const MOST_TRIES = 8;

/** What no other row would mend. */
const OURS = /^(backfill_|aborted$|lock_lost$|transaction_contradiction$)/;

/**
 * Works through a chunk from its cursor on. A batch that fails is halved until the row is found that fails by itself,
 * which goes into quarantine; one that takes too long is halved as well.
 * @returns the chunk, `through`
 * @throws `backfill_incomplete` if too many rows fail, `backfill_blocked`, `backfill_cancelled`, `aborted`, `connection_lost`
 */
export async function walk(
  host: BackfillContext,
  { settled, source, work, tell }: BackfillWork,
  begin: Chunk,
): Promise<Chunk> {
  let chunk = begin;
  let limit = begin.size ?? settled.size;
  let tries = 0;
  await obey(host, settled.name, chunk.control);
  for (;;) {
    assertGoesOn(host);
    const began = performance.now();
    const rows = await nextRows(host, { settled, source }, chunk, limit);
    if (rows.length === 0) return through(host, chunk);
    assertAdvances(chunk, keyOf(rows.at(-1) as Read, source), settled);
    const attempt = await tryBatch(host, { settled, source, work, tell }, chunk, rows, limit, began);
    if (attempt.outcome === 'interrupted') {
      assertGoesOn(host);
      await obey(host, settled.name, await readControl(host.client, host.schema, host.revision));
      continue;
    }
    if (attempt.outcome === 'done') {
      const ms = performance.now() - began;
      limit = nextSize(settled, { rows: rows.length, limit, ms, heldMs: attempt.heldMs }, chunk.total);
      chunk = attempt.chunk;
      tries = 0;
      await obey(host, settled.name, attempt.control);
      await throttle(host, settled, ms);
      continue;
    }
    const { cause } = attempt;
    const sqlstate = readDriverError(cause).sqlstate ?? '';
    if (PASSING.test(sqlstate)) {
      tries += 1;
      if (tries > MOST_TRIES) throw blocked(host, settled, rows, source, cause);
      await rest(host, retryPause(Math.min(tries, 3)));
      limit = halved(rows.length);
    } else if (splits(rows, source, settled)) limit = halved(rows.length);
    else chunk = await quarantineRows(host, { settled, source, work, tell }, chunk, rows, cause);
  }
}

/** Runs one batch: what takes time first, then the transaction with the rows and the cursor. */
async function tryBatch(
  host: BackfillContext,
  { work, tell, settled, source }: BackfillWork,
  chunk: Chunk,
  rows: readonly Read[],
  size: number,
  began: number,
): Promise<Attempt> {
  const prepared = (await work.prepare?.(rows)) ?? null;
  if (prepared === null && work.prepare !== undefined) return { outcome: 'interrupted' };
  const cursor = keyOf(rows.at(-1) as Read, source);
  return commit(host, settled, chunk, async () => {
    const effect = await work.apply(host.client, rows, prepared);
    const next = { ...after(chunk, rows.length, effect, performance.now() - began), cursor, size };
    return { next, effect };
  }).then((attempt) => {
    if (attempt.outcome === 'done') tell(attempt.chunk, attempt.effect);
    return attempt;
  });
}

type Committed = Exclude<Attempt, { outcome: 'done' }> | (Attempt & { outcome: 'done'; effect: BatchEffect });

/** A transaction that moves a chunk on together with what it does; rolled back in a dry run. */
export async function commit(
  host: BackfillContext,
  settled: BatchSettings,
  chunk: Chunk,
  action: () => Promise<{ next: Chunk; effect: BatchEffect }>,
): Promise<Committed> {
  const { client, schema, revision, preview } = host;
  const { name } = settled;
  const body = async (): Promise<Committed> => {
    await host.settle(settled);
    const began = performance.now();
    const { next, effect } = await action();
    const heldMs = performance.now() - began;
    if (preview !== null) return { outcome: 'done', chunk: next, control: null, effect, heldMs };
    if (effect.failed.length > 0)
      await quarantine(
        client,
        schema,
        effect.failed.map((row) => ({ ...row, revision, name, chunk: chunk.chunk })),
      );
    const control = await advance(client, schema, chunk, next);
    if (control === 'lost') throw new RevgraphError('backfill_taken', { revision, name });
    return { outcome: 'done', chunk: next, control, effect, heldMs };
  };
  const done = preview === null ? await withTransaction(client, body) : await tried(host, body);
  if (!(done instanceof FailedTransaction)) {
    if (done.outcome === 'done') for (const row of done.effect.failed) tellFailure(host, name, row);
    return done;
  }
  const { cause } = done;
  if (isConnectionLost(cause) || (isRevgraphError(cause) && OURS.test(cause.code))) throw cause;
  return { outcome: 'failed', cause };
}

async function tried<T>({ client }: BackfillContext, body: () => Promise<T>): Promise<T | FailedTransaction> {
  try {
    return await withRollback(client, body);
  } catch (error) {
    return new FailedTransaction(error, null, false);
  }
}

function tellFailure(
  { emit, revision }: BackfillContext,
  name: string,
  { key, error }: { key: readonly string[]; error: string },
): void {
  emit({ type: 'row-quarantined', revision, name, key, error });
}

/** Puts rows into quarantine that fail by themselves, and goes on behind them. */
async function quarantineRows(
  host: BackfillContext,
  { settled, source, tell }: BackfillWork,
  chunk: Chunk,
  rows: readonly Read[],
  cause: unknown,
): Promise<Chunk> {
  const failed = rows.map((row) => failedRow(keyOf(row, source), cause));
  const attempt = await commit(host, settled, chunk, async () => {
    const effect: BatchEffect = { ...NOTHING, failed };
    const cursor = keyOf(rows.at(-1) as Read, source);
    return { next: { ...after(chunk, rows.length, effect, 0), cursor }, effect };
  });
  if (attempt.outcome !== 'done') throw attempt.outcome === 'failed' ? attempt.cause : cause;
  tell(attempt.chunk, attempt.effect);
  const many = attempt.chunk.failed >= BATCH_DEFAULTS.maxFailed && host.preview === null;
  const open = many ? (await openRows(host, settled.name)).length : 0;
  if (open >= BATCH_DEFAULTS.maxFailed)
    throw new RevgraphError('backfill_incomplete', {
      revision: host.revision,
      failed: open,
      rows: failed.slice(0, 3).map(({ key, error }) => ({ key, error })),
      stopped: true,
    });
  await obey(host, settled.name, attempt.control);
  return attempt.chunk;
}

export const NOTHING: BatchEffect = {
  changed: 0,
  skipped: new Map<string, number>(),
  failed: [],
  created: new Map<string, number>(),
  fills: [],
  samples: [],
};

async function through(host: BackfillContext, chunk: Chunk): Promise<Chunk> {
  const next: Chunk = { ...chunk, state: 'through' };
  if (host.preview !== null) return next;
  const control = await advance(host.client, host.schema, chunk, next);
  if (control === 'lost')
    throw new RevgraphError('backfill_taken', { revision: chunk.revision, name: chunk.name });
  await obey(host, chunk.name, control);
  return next;
}

function blocked(
  host: BackfillContext,
  { name }: BatchSettings,
  rows: readonly Read[],
  source: BatchSource,
  cause: unknown,
): RevgraphError {
  const key = keyOf(rows[0] as Read, source);
  return new RevgraphError(
    'backfill_blocked',
    { revision: host.revision, name, key, reason: readDriverError(cause).message },
    { cause },
  );
}
