import { isBegun } from '../database/tables/backfill-orders.js';
import { type Chunk, hasBackfillTables, readChunks } from '../database/tables/backfill-state.js';
import { movedSince } from '../database/tables/last-entries.js';
import { readRowsOf } from '../database/tables/version-table.js';
import type { RevgraphError } from '../errors/error.js';
import { noBackfillWay } from '../errors/words.js';
import type { Graph } from '../graph/graph.js';
import { backfillStopped } from '../run/failure.js';
import type { PreparedStep } from '../run/prepare.js';
import { isQueued, type Run } from '../run/run.js';

/** What is known of a run that is about to begin. */
type Known = Pick<Run, 'session' | 'table' | 'last' | 'ancestorsOf' | 'namesOf'> & {
  /** Before the first step has ended there is none, and nothing has moved. */
  readonly hasLedger: boolean;
};

/**
 * Refuses to go on with a backfill that stopped, where nobody can say that its rows are as it left them; to begin one anew whose
 * batches were committed, and whose cursor is gone; and to run as something else what has begun as a backfill. A revision that may run
 * twice does so, but does not go on in the middle. No query where no step has batches, and nothing stopped.
 * @throws `unfinished_step`
 */
export async function assertNotStale(
  run: Known & Pick<Run, 'options' | 'plan'>,
  steps: readonly PreparedStep[],
): Promise<void> {
  const { session, table, last } = run;
  let tables: boolean | null = null;
  for (const [at, one] of steps.entries()) {
    const { step, revision, batched } = one;
    const entry = last.get(step.revision);
    const isOpen = entry !== undefined && entry.outcome !== 'done';
    if (step.direction !== 'upgrade') continue;
    const mayRunTwice = revision.header.idempotent;
    if (!isOpen && !batched) continue;
    tables ??= await hasBackfillTables(session, table);
    if (!tables) {
      if (!mayRunTwice && entry?.outcome === 'failed' && entry.statistics?.batches === true)
        throw stopped(step.revision, GONE);
      continue;
    }
    const chunks = await readChunks(session, table, step.revision);
    const begun = chunks.filter(isBegun);
    const waits = chunks.some(({ name }) => name === '');
    if (begun.length === 0) continue;
    // One that waited in the background would begin anew; any other goes on there at its cursors.
    if (isQueued(run, one) && waits) {
      if (entry?.outcome !== 'retry') throw stopped(step.revision, MOVED);
      continue;
    }
    if (!batched && !mayRunTwice) throw stopped(step.revision, noBackfillWay);
    if (!batched) continue;
    const before = steps.slice(0, at).map((earlier) => earlier.step.revision);
    if (await isMoved(run, step.revision, { begun, waits }, before)) throw stopped(step.revision, MOVED);
  }
}

/** Refuses to record a backfill as done whose row was taken away while it was at work. @throws `unfinished_step` */
export async function assertClaimed(
  { session, table }: Pick<Run, 'session' | 'table'>,
  graph: Graph,
  revision: string,
): Promise<void> {
  const rows = await readRowsOf(session, table.name, table.schema);
  const claimed = graph.closureOf(rows.map((row) => graph.today(row) ?? row));
  // What a row that no file has includes is not known.
  if (rows.every((row) => graph.today(row) !== undefined) && claimed[graph.numberOf(revision) ?? -1] !== 1)
    throw stopped(revision, MOVED);
}

const GONE = (id: string): string =>
  `The tables that say how far its backfill came are gone, and its batches remain. If it may run on these rows again, \`revgraph retry ${id}\` lets it begin at the first one. If all of it is done, \`revgraph stamp ${id} --yes\` records that.`;
const MOVED = (id: string): string =>
  `Since it stopped, something below it ran or was taken back, or a stamp was made: its rows may not be as it left them. \`revgraph retry ${id}\` goes on behind the last row that it looked at. \`revgraph backfill forget ${id} --yes\` lets it begin at the first one.`;

const stopped = (revision: string, next: (id: string) => string): RevgraphError =>
  backfillStopped(revision, next(revision));

/**
 * Whether something below it has moved since it stopped, or will in this run. What was killed has left no entry: then its last batch
 * tells when that was.
 * @param waits whether it is in the background
 * @param before what runs before it
 */
async function isMoved(
  { session, table, last, ancestorsOf, namesOf, hasLedger }: Known,
  revision: string,
  { begun, waits }: { readonly begun: readonly Chunk[]; readonly waits: boolean },
  before: readonly string[],
): Promise<boolean> {
  const ancestors = ancestorsOf(revision);
  if (before.some((id) => ancestors.includes(id))) return true;
  if (!hasLedger) return false;
  const entry = last.get(revision);
  const isOpen = entry !== undefined && entry.outcome !== 'done';
  // Beside one in the background anything may happen while it is at work.
  const since = waits
    ? Math.min(...begun.map(({ startedAt }) => startedAt.getTime()))
    : Math.max(...begun.map(({ updatedAt }) => updatedAt.getTime()));
  // Other code may have moved it under the name that it had.
  const names = [...ancestors, ...Object.values(namesOf(ancestors)).flat()];
  return movedSince(session, table, isOpen ? entry.entry : new Date(since), names);
}
