import { NOTHING_COUNTED } from './backfill-counts.js';
import type { BackfillsOf } from './backfill-tables.js';
import { ofTable } from './ledger.js';

/*
 * What the ledger leaves to the background has a row that tells how far it is. Where the tables of backfills were lost, or restored
 * without it, nobody would work on it any more, and what requires it would run.
 */

/** Revisions whose last entry leaves them to the background; not where somebody has stamped since. */
export function queuedQuery(of: BackfillsOf, place: string): string {
  const stamped = `SELECT coalesce(max(entry), 0) FROM ${place} WHERE direction = 'stamp' AND outcome = 'done'
    AND statistics -> 'goesOn' IS NULL AND ${ofTable(of)}`;
  return `SELECT revision, at FROM (
      SELECT DISTINCT ON (revision) revision, direction, entry, started_at AS at, statistics ->> 'background' AS background
      FROM ${place} WHERE outcome = 'done' AND direction <> 'stamp' AND ${ofTable(of)} ORDER BY revision, entry DESC) AS last
    WHERE direction = 'upgrade' AND background = 'queued' AND entry > (${stamped}) ORDER BY entry`;
}

/** Such a revision without a row, as a chunk. */
export function lostChunk({ revision, at }: Record<string, unknown>) {
  const since = new Date(String(at));
  return {
    revision: String(revision),
    name: '',
    chunk: 0,
    state: 'queued' as const,
    lost: true,
    control: null,
    definition: null,
    lower: null,
    upper: null,
    cursor: null,
    total: null,
    size: null,
    ...NOTHING_COUNTED,
    startedAt: since,
    updatedAt: since,
    finishedAt: null,
    working: false,
  };
}
