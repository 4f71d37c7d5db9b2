import type { Queryable } from '../connection/session.js';
import { type InsertManyOptions, type InsertManyResult, sizeOf } from './options.js';
import { checkedChunks, keysOf, readRows } from './rows.js';
import { append, send } from './send.js';
import { insertSql } from './statements.js';
import { assertWritable, columnsOf, readTable } from './table.js';

export { updateMany, upsertMany } from './keyed.js';

/**
 * Inserts rows, some thousands per statement. All rows have the same columns; columns left out get their defaults. A value
 * is what `pg` reads such a column as, or PostgreSQL's own notation as text; for json and jsonb it is the value itself.
 * @param table `table` or `schema.table`
 * @throws `usage` for names that don't exist; `bad_row` with row number and column, before anything is sent
 */
export async function insertMany(
  client: Queryable,
  table: string,
  rows: readonly object[],
  options: InsertManyOptions = {},
): Promise<InsertManyResult> {
  const given = readRows(rows);
  if (given.length === 0) return { inserted: 0, skipped: 0, rows: [] };
  const target = await readTable(client, table);
  const columns = columnsOf(target, keysOf(given[0], 1, table));
  assertWritable(target, columns);
  const returning = columnsOf(target, options.returning ?? []);
  const sql = insertSql(target, columns, { returning, nothing: options.onConflict === 'nothing' });
  const result = { inserted: 0, rows: [] as Record<string, unknown>[] };
  await send(
    client,
    checkedChunks(given, columns, target, sizeOf(options)),
    sql,
    ({ rowCount, rows: back }) => {
      result.inserted += rowCount ?? 0;
      if (returning.length > 0) append(result.rows, back);
    },
  );
  return { ...result, skipped: given.length - result.inserted };
}
