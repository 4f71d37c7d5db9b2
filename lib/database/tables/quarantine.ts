import { isUndefinedTable } from '../connection/failure.js';
import type { Queryable } from '../connection/session.js';
import { type BackfillsOf, placeOf, QUARANTINE_TABLE } from './backfill-tables.js';

/** A row that could not be changed. */
export interface Quarantined {
  readonly revision: string;
  readonly name: string;
  /** One text per key column. */
  readonly key: readonly string[];
  readonly chunk: number;
  readonly error: string;
  readonly sqlstate: string | null;
  readonly tries: number;
  /** The reason for which it was accepted; null while it is not. */
  readonly accepted: string | null;
}

/** Puts rows into quarantine, in the transaction that is open. */
export async function quarantine(
  client: Queryable,
  of: BackfillsOf,
  rows: readonly Pick<Quarantined, 'revision' | 'name' | 'key' | 'chunk' | 'error' | 'sqlstate'>[],
): Promise<void> {
  await client.query(
    `INSERT INTO ${placeOf(QUARANTINE_TABLE, of)} AS q (revision, name, key, chunk, error, sqlstate)
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(revision text, name text, key jsonb, chunk int, error text, sqlstate text)
     ON CONFLICT (revision, name, key) DO UPDATE
     SET error = excluded.error, sqlstate = excluded.sqlstate, tries = q.tries + 1, failed_at = now(), accepted = NULL`,
    // NUL has no place in jsonb.
    [JSON.stringify(rows).replaceAll('\\u0000', '\\ufffd')],
  );
}

/** Rows in quarantine by key, of one revision or of all, `open`: only those that nobody accepted; empty where the table doesn't exist. */
export async function readQuarantine(
  client: Queryable,
  of: BackfillsOf,
  {
    revision = null,
    name = null,
    open = false,
  }: { revision?: string | null; name?: string | null; open?: boolean },
  limit: number | null = 1000,
): Promise<Quarantined[]> {
  try {
    const { rows } = await client.query(
      `SELECT revision, name, key, chunk, error, sqlstate, tries, accepted FROM ${placeOf(QUARANTINE_TABLE, of)}
       WHERE ($1::text IS NULL OR revision = $1) AND ($2::text IS NULL OR name = $2) AND (NOT $4 OR accepted IS NULL)
       ORDER BY revision, name, chunk, key LIMIT $3`,
      [revision, name, limit, open],
    );
    return rows as unknown as Quarantined[];
  } catch (error) {
    if (isUndefinedTable(error)) return [];
    throw error;
  }
}

/** Takes rows out of quarantine, in the transaction that is open. */
export async function release(
  client: Queryable,
  of: BackfillsOf,
  { revision, name }: { revision: string; name: string },
  keys: readonly (readonly string[])[],
): Promise<void> {
  await client.query(
    `DELETE FROM ${placeOf(QUARANTINE_TABLE, of)} WHERE revision = $1 AND name = $2 AND key IN (SELECT jsonb_array_elements($3::jsonb))`,
    [revision, name, JSON.stringify(keys)],
  );
}

/** Has rows tried again that were tried, or accepted, before. @returns how many */
export async function askAgain(client: Queryable, of: BackfillsOf, revision: string): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE ${placeOf(QUARANTINE_TABLE, of)} SET tries = 0, accepted = NULL WHERE revision = $1`,
    [revision],
  );
  return rowCount ?? 0;
}

/** Lets rows stay as they are, for a reason; null takes that back. @returns how many */
export async function accept(
  client: Queryable,
  of: BackfillsOf,
  { revision, key }: { revision: string; key: readonly string[] | null },
  reason: string | null,
): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE ${placeOf(QUARANTINE_TABLE, of)} SET accepted = $3 WHERE revision = $1 AND ($2::jsonb IS NULL OR key = $2)
       AND (accepted IS NULL) <> ($3::text IS NULL)`,
    [revision, key === null ? null : JSON.stringify(key), reason],
  );
  return rowCount ?? 0;
}
