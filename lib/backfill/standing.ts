import type { Chunk } from '../database/tables/backfill-state.js';
import type { Quarantined } from '../database/tables/quarantine.js';

/**
 * `queued` in the background · `running` · `interrupted`: begun, and nobody works on it · `paused` · `cancelled` ·
 * `incomplete`: rows are in quarantine · `done`: its revision is still to be recorded · `finished` · `lost`: it waits by the ledger, and
 * what is kept of it is gone
 */
export type BackfillStatus =
  | 'queued'
  | 'running'
  | 'interrupted'
  | 'paused'
  | 'cancelled'
  | 'incomplete'
  | 'done'
  | 'finished'
  | 'lost';

/** Chunks by the backfill that they are of, in the order of the first of each. */
export function byBackfill(chunks: readonly Chunk[]): (readonly [Chunk, ...Chunk[]])[] {
  const groups = new Map<string, [Chunk, ...Chunk[]]>();
  for (const chunk of chunks) {
    const id = JSON.stringify([chunk.revision, chunk.name]);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [chunk]);
    else group.push(chunk);
  }
  return [...groups.values()];
}

/** Where the chunks of one backfill stand, with its rows in quarantine. */
export function standing(chunks: readonly Chunk[], rows: readonly Quarantined[]): BackfillStatus {
  if (chunks.some(({ lost }) => lost === true)) return 'lost';
  const all = (state: Chunk['state']): boolean => chunks.every((chunk) => chunk.state === state);
  if (all('finished')) return 'finished';
  if (all('done')) return 'done';
  const stopped = stoppedBy(chunks);
  if (stopped !== null) return stopped;
  if (all('queued')) return 'queued';
  if (all('through') && rows.some(({ accepted }) => accepted === null)) return 'incomplete';
  return chunks.some(({ working }) => working) ? 'running' : 'interrupted';
}

/** The command that goes on with a backfill; null where it goes on by itself. */
export function nextCommand(revision: string, state: BackfillStatus, inBackground: boolean): string | null {
  switch (state) {
    case 'paused':
    case 'cancelled':
      return `revgraph backfill resume ${revision}`;
    case 'incomplete':
      return `revgraph backfill status ${revision}`;
    case 'lost':
      // It says what can be done.
      return 'revgraph backfill work';
    case 'queued':
    case 'interrupted':
    case 'done':
      return inBackground ? 'revgraph backfill work' : `revgraph upgrade ${revision}`;
    default:
      return null;
  }
}

/** What somebody ordered of a backfill that was to stop; null if nobody did. */
export function stoppedBy(chunks: readonly Pick<Chunk, 'control'>[]): 'paused' | 'cancelled' | null {
  if (chunks.some(({ control }) => control === 'cancel')) return 'cancelled';
  return chunks.some(({ control }) => control === 'pause') ? 'paused' : null;
}
