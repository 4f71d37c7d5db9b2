import { quote } from './server.js';
import type { Queryable } from './session.js';

/**
 * An index by this name before it is built concurrently: an invalid one is what a failed build left, `IF NOT EXISTS`
 * would call it success, so it is dropped.
 */
export async function healIndex(
  client: Queryable,
  index: { readonly schema: string | null; readonly name: string },
): Promise<'absent' | 'valid' | 'dropped'> {
  const { rows } = await client.query(
    `SELECT n.nspname AS schema, i.indisvalid AS valid
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = $1 AND n.nspname = coalesce($2, current_schema())`,
    [index.name, index.schema],
  );
  const [row] = rows;
  if (row === undefined) return 'absent';
  if (row.valid === true) return 'valid';
  await client.query(`DROP INDEX CONCURRENTLY ${quote(String(row.schema))}.${quote(index.name)}`);
  return 'dropped';
}
