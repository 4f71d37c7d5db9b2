import { type BatchSource, keyOf } from '../database/batches/source.js';
import { isConnectionLost, readDriverError } from '../database/connection/failure.js';
import { FailedTransaction, withRollback, withTransaction } from '../database/connection/transaction.js';
import { readControl } from '../database/tables/backfill-orders.js';
import { advance, type Chunk, type Control } from '../database/tables/backfill-state.js';
import { quarantine } from '../database/tables/quarantine.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { retryPause } from '../run/options.js';
import type { BackfillContext } from './batch/context.js';
import { BATCH_DEFAULTS, type BatchSettings } from './batch/definition.js';
import { after, type BatchEffect, type BatchWork, failedRow, type Read } from './batch/effect.js';
import { assertAdvances, nextRows, splits } from './batch/next-rows.js';
import { halved, nextSize } from './batch/pace.js';
import { assertGoesOn, obey, rest, throttle } from './gate.js';
import { openRows } from './records.js';

/** One backfill that is being worked on. */
export interface BackfillWork {
  readonly settings: BatchSettings;
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
  /** Nothing was started, because a pause was ordered. */
  | { readonly outcome: 'interrupted' }
  | { readonly outcome: 'failed'; readonly cause: unknown };

/** Locks and conflicts, which another try may not meet. */
const PASSING = /^(40001|40P01|55P03)$/;
const MOST_TRIES = 8;

/** Errors that skipping a row would not fix. */
const OURS = /^(backfill_|aborted$|lock_lost$|transaction_contradiction$)/;

/**
 * Works through a chunk from its cursor on. A batch that fails is halved until the row is found that fails by itself,
 * which goes into quarantine; one that takes too long is halved as well.
 * @returns the chunk, `through`
 * @throws `backfill_incomplete` if too many rows fail, `backfill_blocked`, `backfill_cancelled`, `aborted`, `connection_lost`
 */
export async function walk(
  context: BackfillContext,
  { settings, source, work, tell }: BackfillWork,
  begin: Chunk,
): Promise<Chunk> {
  let chunk = begin;
  let limit = begin.size ?? settings.size;
  let tries = 0;
  await obey(context, settings.name, chunk.control);
  for (;;) {
    assertGoesOn(context);
    const began = performance.now();
    const rows = await nextRows(context, { settings, source }, chunk, limit);
    if (rows.length === 0) return through(context, chunk);
    assertAdvances(chunk, keyOf(rows.at(-1) as Read, source), settings);
    const attempt = await tryBatch(context, { settings, source, work, tell }, chunk, rows, limit, began);
    if (attempt.outcome === 'interrupted') {
      assertGoesOn(context);
      await obey(
        context,
        settings.name,
        await readControl(context.client, context.records, context.revision),
      );
      continue;
    }
    if (attempt.outcome === 'done') {
      const ms = performance.now() - began;
      limit = nextSize(settings, { rows: rows.length, limit, ms, heldMs: attempt.heldMs }, chunk.total);
      chunk = attempt.chunk;
      tries = 0;
      await obey(context, settings.name, attempt.control);
      await throttle(context, settings, ms);
      continue;
    }
    const { cause } = attempt;
    const sqlstate = readDriverError(cause).sqlstate ?? '';
    if (PASSING.test(sqlstate)) {
      tries += 1;
      if (tries > MOST_TRIES) throw blocked(context, settings, rows, source, cause);
      await rest(context, retryPause(Math.min(tries, 3)));
      limit = halved(rows.length);
    } else if (splits(rows, source, settings)) limit = halved(rows.length);
    else chunk = await quarantineRows(context, { settings, source, work, tell }, chunk, rows, cause);
  }
}

/** Runs one batch: what takes time first, then the transaction with the rows and the cursor. */
async function tryBatch(
  context: BackfillContext,
  { work, tell, settings, source }: BackfillWork,
  chunk: Chunk,
  rows: readonly Read[],
  size: number,
  began: number,
): Promise<Attempt> {
  const prepared = (await work.prepare?.(rows)) ?? null;
  if (prepared === null && work.prepare !== undefined) return { outcome: 'interrupted' };
  const cursor = keyOf(rows.at(-1) as Read, source);
  return commit(context, settings, chunk, async () => {
    const effect = await work.apply(context.client, rows, prepared);
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
  context: BackfillContext,
  settings: BatchSettings,
  chunk: Chunk,
  action: () => Promise<{ next: Chunk; effect: BatchEffect }>,
): Promise<Committed> {
  const { client, records, revision, preview } = context;
  const { name } = settings;
  const body = async (): Promise<Committed> => {
    await context.settle(settings);
    const began = performance.now();
    const { next, effect } = await action();
    const heldMs = performance.now() - began;
    if (preview !== null) return { outcome: 'done', chunk: next, control: null, effect, heldMs };
    if (effect.failed.length > 0)
      await quarantine(
        client,
        records,
        effect.failed.map((row) => ({ ...row, revision, name, chunk: chunk.chunk })),
      );
    const control = await advance(client, records, chunk, next);
    if (control === 'lost') throw new RevgraphError('backfill_taken', { revision, name });
    return { outcome: 'done', chunk: next, control, effect, heldMs };
  };
  const done = preview === null ? await withTransaction(client, body) : await tried(context, body);
  if (!(done instanceof FailedTransaction)) {
    if (done.outcome === 'done') for (const row of done.effect.failed) tellFailure(context, name, row);
    return done;
  }
  const { cause } = done;
  if (isConnectionLost(cause) || (isRevgraphError(cause) && OURS.test(cause.code))) throw done.error;
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
  context: BackfillContext,
  { settings, source, tell }: BackfillWork,
  chunk: Chunk,
  rows: readonly Read[],
  cause: unknown,
): Promise<Chunk> {
  const failed = rows.map((row) => failedRow(keyOf(row, source), cause));
  const attempt = await commit(context, settings, chunk, async () => {
    const effect: BatchEffect = { ...NOTHING, failed };
    const cursor = keyOf(rows.at(-1) as Read, source);
    return { next: { ...after(chunk, rows.length, effect, 0), cursor }, effect };
  });
  if (attempt.outcome !== 'done') throw attempt.outcome === 'failed' ? attempt.cause : cause;
  tell(attempt.chunk, attempt.effect);
  const many = attempt.chunk.failed >= BATCH_DEFAULTS.maxFailed && context.preview === null;
  const open = many ? (await openRows(context, settings.name)).length : 0;
  if (open >= BATCH_DEFAULTS.maxFailed)
    throw new RevgraphError('backfill_incomplete', {
      revision: context.revision,
      failed: open,
      rows: failed.slice(0, 10).map(({ key, error }) => ({ key, error })),
      stopped: true,
    });
  await obey(context, settings.name, attempt.control);
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

async function through(context: BackfillContext, chunk: Chunk): Promise<Chunk> {
  const next: Chunk = { ...chunk, state: 'through' };
  if (context.preview !== null) return next;
  const control = await advance(context.client, context.records, chunk, next);
  if (control === 'lost')
    throw new RevgraphError('backfill_taken', { revision: chunk.revision, name: chunk.name });
  await obey(context, chunk.name, control);
  return next;
}

function blocked(
  context: BackfillContext,
  { name }: BatchSettings,
  rows: readonly Read[],
  source: BatchSource,
  cause: unknown,
): RevgraphError {
  const key = keyOf(rows[0] as Read, source);
  return new RevgraphError(
    'backfill_blocked',
    { revision: context.revision, name, key, reason: readDriverError(cause).message },
    { cause },
  );
}
