import { inSchema, quote } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';

/** An index by name, and the table that it is on, as a statement names them. */
interface NamedIndex {
  readonly name: string;
  readonly table: { readonly schema: string | null; readonly name: string };
}

/**
 * An index by this name before it is built concurrently: an invalid one is what a failed build left, `IF NOT EXISTS`
 * would call it success, so it is dropped. It is in the schema of its table, wherever the search path finds that.
 */
export async function healIndex(
  client: Queryable,
  { name, table }: NamedIndex,
): Promise<'absent' | 'valid' | 'dropped'> {
  const place = inSchema(table.schema, table.name);
  const { rows } = await client.query(
    `SELECT n.nspname AS schema, i.indisvalid AS valid
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = $1 AND i.indrelid = to_regclass($2)`,
    [name, place],
  );
  const [row] = rows;
  if (row === undefined) return 'absent';
  if (row.valid === true) return 'valid';
  await client.query(`DROP INDEX CONCURRENTLY ${quote(String(row.schema))}.${quote(name)}`);
  return 'dropped';
}
