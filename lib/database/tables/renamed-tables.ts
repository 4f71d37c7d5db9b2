import type { Queryable } from '../connection/session.js';
import { ledgerPlace } from './ledger.js';

/** Version tables that the ledger has entries of and that are not there, with the rows that the last of these left. One query. */
export async function tablesRenamed(
  client: Queryable,
  schema: string | null,
): Promise<{ name: string; rows: readonly string[] }[]> {
  const { rows } = await client.query(
    `SELECT l.name, l.rows_to AS rows FROM (SELECT DISTINCT ON (1) statistics ->> 'table' AS name, rows_to FROM ${ledgerPlace(schema)}
       WHERE outcome = 'done' AND statistics ->> 'table' IS NOT NULL ORDER BY 1, entry DESC) AS l
     WHERE to_regclass(concat_ws('.', quote_ident($1::text), quote_ident(l.name))) IS NULL`,
    [schema],
  );
  return rows as unknown as { name: string; rows: readonly string[] }[];
}
