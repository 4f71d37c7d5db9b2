import type { Queryable } from '../connection/session.js';
import { type BackfillState, type Chunk, type Control, readChunks } from './backfill-state.js';
import { BACKFILL_TABLE, type BackfillsOf, placeOf, QUARANTINE_TABLE } from './backfill-tables.js';

/** What was asked for. */
export async function readControl(
  client: Queryable,
  of: BackfillsOf,
  revision: string,
): Promise<Control | null> {
  const { rows } = await client.query(
    `SELECT control FROM ${placeOf(BACKFILL_TABLE, of)} WHERE revision = $1 ORDER BY control DESC NULLS LAST LIMIT 1`,
    [revision],
  );
  return (rows[0]?.control as Control | undefined) ?? null;
}

/** Asks whoever works on a revision's backfills to pause or to stop; null lets it go on. @returns rows that were asked */
export async function setControl(
  client: Queryable,
  of: BackfillsOf,
  revision: string,
  control: Control | null,
): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE ${placeOf(BACKFILL_TABLE, of)} SET control = $2, updated_at = clock_timestamp() WHERE revision = $1 AND state IN ('queued', 'running', 'through')`,
    [revision, control],
  );
  return rowCount ?? 0;
}

/** Sets the state of all chunks of a revision, or of one backfill. */
export async function setState(
  client: Queryable,
  of: BackfillsOf,
  { revision, name }: { revision: string; name?: string },
  state: BackfillState,
): Promise<void> {
  await client.query(
    `UPDATE ${placeOf(BACKFILL_TABLE, of)} SET state = $3, updated_at = clock_timestamp(), finished_at = coalesce(finished_at, clock_timestamp())
     WHERE revision = $1 AND ($2::text IS NULL OR name = $2)`,
    [revision, name ?? null, state],
  );
}

/** Has a backfill whose rows were all settled look at its quarantine again, though its revision is not applied yet. */
export async function reopen(client: Queryable, of: BackfillsOf, revision: string): Promise<void> {
  await client.query(
    `UPDATE ${placeOf(BACKFILL_TABLE, of)} SET state = 'through', finished_at = NULL WHERE revision = $1 AND name <> '' AND state = 'done'`,
    [revision],
  );
}

/** What is to be forgotten: one backfill of a revision, all of them, or (`named`) all but its place in the background. */
export interface Forgotten {
  readonly revision: string;
  readonly name?: string;
  readonly named?: boolean;
}

/** Forgets backfills and their quarantine. */
export async function forget(
  client: Queryable,
  of: BackfillsOf,
  { revision, name, named = false }: Forgotten,
): Promise<void> {
  for (const table of [BACKFILL_TABLE, QUARANTINE_TABLE] as const)
    await client.query(
      `DELETE FROM ${placeOf(table, of)} WHERE revision = $1 AND ($2::text IS NULL OR name = $2) AND (NOT $3 OR name <> '')`,
      [revision, name ?? null, named],
    );
}

/** Forgets all backfills of several revisions. */
export async function forgetAll(
  client: Queryable,
  of: BackfillsOf,
  revisions: readonly string[],
): Promise<void> {
  for (const table of [BACKFILL_TABLE, QUARANTINE_TABLE] as const)
    await client.query(`DELETE FROM ${placeOf(table, of)} WHERE revision = ANY($1)`, [[...revisions]]);
}

/** Puts a revision back into the background, for when somebody lets it go on. */
export async function queueAgain(client: Queryable, of: BackfillsOf, revision: string): Promise<void> {
  await client.query(
    `UPDATE ${placeOf(BACKFILL_TABLE, of)} SET state = 'queued', control = 'cancel', finished_at = NULL WHERE revision = $1 AND name = ''`,
    [revision],
  );
}

/** Ends the backfills of an earlier life of a revision: one that waited in the background, and was taken away with no way back. */
export async function endEarlier(client: Queryable, of: BackfillsOf, revision: string): Promise<void> {
  const place = placeOf(BACKFILL_TABLE, of);
  await client.query(
    `UPDATE ${place} SET state = 'finished', finished_at = coalesce(finished_at, clock_timestamp())
     WHERE revision = $1 AND state <> 'finished' AND EXISTS (SELECT FROM ${place} WHERE revision = $1 AND name = '')`,
    [revision],
  );
}

/** Has the backfills of a revision go on where they stopped: what moved below them until now has been looked at. */
export async function goOn(client: Queryable, of: BackfillsOf, revision: string): Promise<void> {
  await client.query(
    `UPDATE ${placeOf(BACKFILL_TABLE, of)} SET started_at = clock_timestamp() WHERE revision = $1 AND state <> 'finished'`,
    [revision],
  );
}

/** Whether batches of it are committed, and its backfill did not come to its end. */
export const isBegun = ({ state, batches }: Pick<Chunk, 'state' | 'batches'>): boolean =>
  state !== 'finished' && batches > 0;

/** The same of any backfill of a revision. One query. */
export async function hasBegunBatches(
  client: Queryable,
  of: BackfillsOf,
  revision: string,
): Promise<boolean> {
  return (await readChunks(client, of, revision)).some(isBegun);
}
