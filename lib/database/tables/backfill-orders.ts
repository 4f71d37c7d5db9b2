import { inSchema } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { BACKFILL_TABLE, type BackfillState, type Control, QUARANTINE_TABLE } from './backfill-state.js';

/** What was asked for. */
export async function readControl(
  client: Queryable,
  schema: string | null,
  revision: string,
): Promise<Control | null> {
  const { rows } = await client.query(
    `SELECT control FROM ${inSchema(schema, BACKFILL_TABLE)} WHERE revision = $1 ORDER BY control DESC NULLS LAST LIMIT 1`,
    [revision],
  );
  return (rows[0]?.control as Control | undefined) ?? null;
}

/** Asks whoever works on a revision's backfills to pause or to stop; null lets it go on. @returns rows that were asked */
export async function setControl(
  client: Queryable,
  schema: string | null,
  revision: string,
  control: Control | null,
): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE ${inSchema(schema, BACKFILL_TABLE)} SET control = $2, updated_at = clock_timestamp() WHERE revision = $1 AND state IN ('queued', 'running', 'through')`,
    [revision, control],
  );
  return rowCount ?? 0;
}

/** Sets the state of all chunks of a revision, or of one backfill. */
export async function setState(
  client: Queryable,
  schema: string | null,
  { revision, name }: { revision: string; name?: string },
  state: BackfillState,
): Promise<void> {
  await client.query(
    `UPDATE ${inSchema(schema, BACKFILL_TABLE)} SET state = $3, updated_at = clock_timestamp(), finished_at = coalesce(finished_at, clock_timestamp())
     WHERE revision = $1 AND ($2::text IS NULL OR name = $2)`,
    [revision, name ?? null, state],
  );
}

/** Has a backfill whose rows were all settled look at its quarantine again, though its revision is not applied yet. */
export async function reopen(client: Queryable, schema: string | null, revision: string): Promise<void> {
  await client.query(
    `UPDATE ${inSchema(schema, BACKFILL_TABLE)} SET state = 'through', finished_at = NULL WHERE revision = $1 AND name <> '' AND state = 'done'`,
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
  schema: string | null,
  { revision, name, named = false }: Forgotten,
): Promise<void> {
  for (const table of [BACKFILL_TABLE, QUARANTINE_TABLE])
    await client.query(
      `DELETE FROM ${inSchema(schema, table)} WHERE revision = $1 AND ($2::text IS NULL OR name = $2) AND (NOT $3 OR name <> '')`,
      [revision, name ?? null, named],
    );
}

/** Forgets all backfills of several revisions. */
export async function forgetAll(
  client: Queryable,
  schema: string | null,
  revisions: readonly string[],
): Promise<void> {
  for (const table of [BACKFILL_TABLE, QUARANTINE_TABLE])
    await client.query(`DELETE FROM ${inSchema(schema, table)} WHERE revision = ANY($1)`, [[...revisions]]);
}

/** Puts a revision back into the background, for when somebody lets it go on. */
export async function queueAgain(client: Queryable, schema: string | null, revision: string): Promise<void> {
  await client.query(
    `UPDATE ${inSchema(schema, BACKFILL_TABLE)} SET state = 'queued', control = 'cancel', finished_at = NULL WHERE revision = $1 AND name = ''`,
    [revision],
  );
}
