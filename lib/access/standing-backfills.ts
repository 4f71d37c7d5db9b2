import { type BackfillStatus, byBackfill, nextCommand, standing } from '../backfill/standing.js';
import type { Queryable } from '../database/connection/session.js';
import type { Chunk } from '../database/tables/backfill-state.js';
import type { BackfillsOf } from '../database/tables/backfill-tables.js';
import { readQuarantine } from '../database/tables/quarantine.js';

/** A backfill that is not finished. */
export interface StandingBackfill {
  readonly revision: string;
  /** Of the backfill within its revision; '' for a revision that waits in the background. */
  readonly name: string;
  readonly state: BackfillStatus;
  /** Rows in quarantine that nobody accepted. */
  readonly failed: number;
  /** What goes on with it; null where it goes on by itself. */
  readonly next: string | null;
}

/** Those of the chunks that are not finished, in the order in which they began. One query where rows may be in quarantine. */
export async function standingBackfills(
  client: Queryable,
  table: BackfillsOf,
  chunks: readonly Chunk[],
): Promise<readonly StandingBackfill[]> {
  const open = chunks.filter(({ state }) => state !== 'finished');
  if (open.length === 0) return [];
  const rows = await readQuarantine(client, table, { open: true }, null);
  const waits = (of: string): boolean => open.some(({ revision, name }) => revision === of && name === '');
  const begun = (of: string): boolean => open.some(({ revision, name }) => revision === of && name !== '');
  return byBackfill(open).flatMap((group): StandingBackfill[] => {
    const { revision, name } = group[0];
    // What waits in the background is told by its backfills, once there are some.
    if (name === '' && begun(revision)) return [];
    const mine = rows.filter((row) => row.revision === revision && row.name === name);
    const state = standing(group, mine);
    return [
      { revision, name, state, failed: mine.length, next: nextCommand(revision, state, waits(revision)) },
    ];
  });
}
