import { NOTHING_COUNTED } from './backfill-counts.js';
import type { BackfillsOf } from './backfill-tables.js';
import { ofTable } from './ledger.js';

/*
 * What the ledger leaves to the background has a row that tells how far it is. Where the tables of backfills were lost, or restored
 * without it, nobody would work on it any more, and what requires it would run.
 */

/**
 * Revisions whose last entry leaves them to the background, not where somebody has stamped since; and those whose last entry says that
 * their backfill was done, whatever their row says: it may come from a backup of before.
 */
export function queuedQuery(of: BackfillsOf, place: string): string {
  const stamped = `SELECT coalesce(max(entry), 0) FROM ${place} WHERE direction = 'stamp' AND outcome = 'done'
    AND statistics -> 'goesOn' IS NULL AND ${ofTable(of)}`;
  // One that was forgotten since may have begun anew.
  const forgotten = `SELECT FROM ${place} AS later WHERE entry > last.entry AND direction = 'stamp' AND outcome = 'done'
    AND ${ofTable(of)} AND NOT coalesce(statistics -> 'covers' ? last.revision, true)`;
  return `SELECT revision, at, background = 'done' AS ended FROM (
      SELECT DISTINCT ON (revision) revision, direction, entry, started_at AS at, statistics ->> 'background' AS background
      FROM ${place} WHERE outcome = 'done' AND direction <> 'stamp' AND ${ofTable(of)} ORDER BY revision, entry DESC) AS last
    WHERE direction = 'upgrade' AND ((background = 'done' AND NOT EXISTS (${forgotten})) OR (background = 'queued' AND entry > (${stamped}))) ORDER BY entry`;
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
