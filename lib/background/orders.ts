import { type Opened, withDatabase, withLock } from '../access/open.js';
import { contextOf } from '../backfill/batching.js';
import { undoBatches } from '../backfill/undo.js';
import type { DatabaseOptions, RunOptions } from '../config/options.js';
import { forget, reopen, setControl } from '../database/tables/backfill-orders.js';
import { type Chunk, type Control, readChunks } from '../database/tables/backfill-state.js';
import { accept, askAgain, readQuarantine } from '../database/tables/quarantine.js';
import { RevgraphError } from '../errors/error.js';
import type { UndoResult } from '../revision/batches.js';
import { backfillStopped } from '../run/failure.js';
import { withSessionSettings } from '../run/settings.js';
import { lostText, named } from './named.js';
import { type BackfillReport, reportsOf } from './report.js';

/** See `backfillStatus`. */
export async function reportBackfills(
  options: DatabaseOptions & { readonly revision?: string | undefined },
): Promise<{ backfills: readonly BackfillReport[] }> {
  return withDatabase(options, async (opened) => {
    const { revision } = options;
    if (revision === undefined) return { backfills: await reports(opened, null) };
    return { backfills: await reports(opened, (await begun(opened, revision)).revision) };
  });
}

/** Reports of one revision's backfills, or of all. */
export async function reports(
  { session, table }: Pick<Opened, 'session' | 'table'>,
  revision: string | null,
): Promise<BackfillReport[]> {
  const chunks = await readChunks(session, table, revision);
  return chunks.length === 0 ? [] : reportsOf(chunks, await readQuarantine(session, table, { revision }));
}

/** See `pauseBackfill`, `resumeBackfill`, `cancelBackfill`. */
export async function order(options: BackfillOptions, control: Control | null): Promise<BackfillOrder> {
  return withBackfill(options, async (opened, revision) => {
    await setControl(opened.session, opened.table, revision, control);
    return {};
  });
}

/** See `retryBackfill`. */
export async function retry(options: BackfillOptions): Promise<BackfillOrder & { rows: number }> {
  return withBackfill(options, async ({ session, table }, revision, chunks) => {
    assertOpen(revision, chunks, 'tried again');
    await reopen(session, table, revision);
    return { rows: await askAgain(session, table, revision) };
  });
}

/** See `acceptBackfill`. */
export async function acceptRows(
  options: BackfillOptions & { readonly reason: string; readonly key?: readonly string[] | undefined },
): Promise<BackfillOrder & { rows: number }> {
  const { reason, key = null } = options;
  if (reason.trim() === '') throw new RevgraphError('reason_missing', { what: 'accept' });
  return withBackfill(options, async ({ session, table }, revision) => {
    const rows = await accept(session, table, { revision, key }, reason);
    if (rows === 0) throw new RevgraphError('quarantine_empty', { revision, key });
    return { rows };
  });
}

/** See `undoBackfill`. */
export async function undo(
  options: RunOptions & { readonly revision: string },
): Promise<UndoResult & { revision: string }> {
  return withLock(options, async (locked) => {
    const { revision, chunks } = await kept(locked, options.revision);
    if (chunks.some(({ state }) => state === 'finished'))
      throw new RevgraphError('backfill_finished', { revision, asked: 'the revision is applied' });
    const run = { ...locked, options };
    const file = locked.project.revisions.get(revision)?.file ?? null;
    const undone = await withSessionSettings(run, () => undoBatches(contextOf(run, { revision, file })));
    return { revision, ...undone };
  });
}

function assertOpen(revision: string, chunks: readonly Chunk[], what: string): void {
  if (chunks.some(({ state }) => state !== 'finished')) return;
  throw new RevgraphError('backfill_finished', { revision, asked: `its rows are not ${what}` });
}

/** Forgets cursor, counts and quarantine of backfills that are not finished; what their batches did remains. */
export async function forgetBackfill(
  options: RunOptions & { readonly revision: string },
): Promise<{ revision: string; forgotten: number }> {
  return withLock(options, async (locked) => {
    const { revision, chunks } = await kept(locked, options.revision);
    assertOpen(revision, chunks, 'forgotten');
    await forget(locked.session, locked.table, { revision, named: true });
    return { revision, forgotten: chunks.filter(({ name }) => name !== '').length };
  });
}

async function withBackfill<T>(
  options: BackfillOptions,
  action: (opened: Opened, revision: string, chunks: readonly Chunk[]) => Promise<T>,
): Promise<T & BackfillOrder> {
  return withDatabase(options, async (opened) => {
    const { revision, chunks } = await kept(opened, options.revision);
    const done = await action(opened, revision, chunks);
    return { ...done, revision, backfills: await reports(opened, revision) };
  });
}

/** The chunks of a revision that somebody typed. @throws `backfill_unknown` if it has none */
async function begun(
  { project: { graph }, session, table }: Opened,
  typed: string,
): Promise<{ revision: string; chunks: Chunk[] }> {
  const all = await readChunks(session, table);
  const known = [...new Set(all.map(({ revision }) => revision))];
  const revision = named(graph, typed, known);
  const chunks = all.filter((chunk) => chunk.revision === revision);
  if (chunks.length === 0) throw new RevgraphError('backfill_unknown', { revision, known });
  return { revision, chunks };
}

/** The same of an order, which needs something to be written to. @throws `unfinished_step` where what was kept of it is gone */
async function kept(opened: Opened, typed: string): Promise<{ revision: string; chunks: Chunk[] }> {
  const found = await begun(opened, typed);
  const { revision } = found;
  if (!found.chunks.some(({ lost }) => lost === true)) return found;
  const next = `${lostText(opened, revision).replace(/^t/, 'T')}.`;
  throw backfillStopped(revision, next);
}

/** A revision whose backfills are meant. */
export interface BackfillOptions extends DatabaseOptions {
  /** Id or prefix. */
  readonly revision: string;
}

/** What became of an order to whoever works on a backfill. */
export interface BackfillOrder {
  readonly revision: string;
  readonly backfills: readonly BackfillReport[];
}
