import { RevgraphError } from '../../errors/error.js';
import { readDriverError } from '../connection/failure.js';
import type { Queryable, Result } from '../connection/session.js';
import {
  sizeOf,
  type UpdateManyOptions,
  type UpdateManyResult,
  type UpsertManyOptions,
  type UpsertManyResult,
} from './options.js';
import {
  assertKeys,
  assertRows,
  chunks,
  type GivenRow,
  keysOf,
  type RowChunk,
  readRows,
  sameKey,
} from './rows.js';
import { append, send } from './send.js';
import { type KeyedColumns, ROW_NUMBER, sameKeySql, UPDATED, updateSql, upsertSql } from './statements.js';
import { assertWritable, type BulkColumn, type BulkTable, columnsOf, readTable } from './table.js';

/**
 * Sets columns of rows that are found by a key. Counts: rows of the table that were updated, rows given that found none.
 * @throws `usage` for names that don't exist; `bad_row` (a key that comes twice, or is null, too), before anything is sent
 */
export async function updateMany(
  client: Queryable,
  table: string,
  rows: readonly object[],
  options: UpdateManyOptions,
): Promise<UpdateManyResult> {
  const given = readRows(rows);
  const result = { updated: 0, missing: 0, rows: [] as Record<string, unknown>[] };
  if (given.length === 0) return result;
  const target = await readTable(client, table);
  const keyed = readKeyed(target, given, options, undefined);
  assertWritable(target, keyed.set);
  assertAll(given, keyed, target);
  const sql = updateSql(target, keyed);
  await send(
    client,
    chunks(given, keyed.columns, target, sizeOf(options)),
    sql,
    async ({ rows: back }, chunk) => {
      const { updated, matched } =
        keyed.returning.length > 0 ? numbered(back) : (back[0] as unknown as Updated);
      if (matched < chunk.count) await refuseSameKeys(client, chunk, keyed, target);
      result.updated += updated;
      result.missing += chunk.count - matched;
      if (keyed.returning.length > 0) append(result.rows, back);
    },
  );
  return result;
}

/**
 * Inserts rows, and sets columns where a row with this key is there: the key needs a unique index.
 * @throws `usage` for names that don't exist and a key without a unique index; `bad_row` as for {@link updateMany}
 */
export async function upsertMany(
  client: Queryable,
  table: string,
  rows: readonly object[],
  options: UpsertManyOptions,
): Promise<UpsertManyResult> {
  const given = readRows(rows);
  const result = { inserted: 0, updated: 0, rows: [] as Record<string, unknown>[] };
  if (given.length === 0) return result;
  const target = await readTable(client, table);
  const keyed = readKeyed(target, given, options, options.update);
  assertWritable(target, keyed.columns);
  assertAll(given, keyed, target);
  const sql = upsertSql(target, keyed);
  const cut = chunks(given, keyed.columns, target, sizeOf(options));
  const take = ({ rows: back }: Result): void => {
    const [first] = back;
    const withRows = keyed.returning.length > 0;
    const updated = Number((withRows ? first?.[UPDATED] : first?.updated) ?? 0);
    result.updated += updated;
    result.inserted += (withRows ? back.length : Number(first?.written)) - updated;
    if (!withRows) return;
    for (const row of back) delete row[UPDATED];
    append(result.rows, back);
  };
  await send(client, cut, sql, take).catch((error: unknown) => {
    throw explained(error, target, keyed.keys);
  });
  return result;
}

function readKeyed(
  table: BulkTable,
  rows: readonly GivenRow[],
  options: UpdateManyOptions,
  update: readonly string[] | undefined,
): KeyedColumns {
  const columns = columnsOf(table, keysOf(rows[0], 1, table.name));
  const keys = columnsOf(table, [options.key ?? []].flat());
  const absent = keys.find((key) => !columns.includes(key));
  const set =
    update === undefined ? columns.filter((column) => !keys.includes(column)) : columnsOf(table, update);
  const unset = set.find((column) => !columns.includes(column));
  const wrong =
    keys.length === 0
      ? 'The option key names no column.'
      : absent !== undefined || unset !== undefined
        ? `The rows have no column ${JSON.stringify((absent ?? unset)?.name)}.`
        : set.length === 0
          ? 'The rows have no columns other than the key.'
          : null;
  if (wrong !== null)
    throw new RevgraphError('usage', {
      message: `Table ${table.name}: ${wrong}`,
      hint: "Set `key` to the columns that identify a row. To insert only missing rows, use insertMany with onConflict: 'nothing'.",
    });
  return { columns, keys, set, returning: columnsOf(table, options.returning ?? []) };
}

function assertAll(rows: readonly GivenRow[], { columns, keys }: KeyedColumns, table: BulkTable): void {
  assertRows(rows, columns, table);
  assertKeys(rows, keys, table);
}

interface Updated {
  readonly updated: number;
  readonly matched: number;
}

/** Puts rows in the order of the rows given, and takes their numbers away. */
function numbered(rows: Record<string, unknown>[]): Updated {
  rows.sort((a, b) => Number(a[ROW_NUMBER]) - Number(b[ROW_NUMBER]));
  const matched = new Set(rows.map((row) => row[ROW_NUMBER])).size;
  for (const row of rows) delete row[ROW_NUMBER];
  return { updated: rows.length, matched };
}

/** Some keys only the type takes for equal (1.0 and 1.00): one of the two rows would have been passed over in silence. */
async function refuseSameKeys(
  client: Queryable,
  { values, from }: RowChunk,
  { columns, keys }: KeyedColumns,
  table: BulkTable,
): Promise<void> {
  const { rows } = await client.query(sameKeySql(columns, keys), [...values]);
  if (rows[0] !== undefined)
    throw sameKey(table, from + Number(rows[0].second), keys, from + Number(rows[0].first));
}

function explained(error: unknown, table: BulkTable, keys: readonly BulkColumn[]): unknown {
  const names = keys.map(({ name }) => name).join(', ');
  const { sqlstate } = readDriverError(error);
  const because = (message: string, hint: string) =>
    new RevgraphError('usage', { message: `Table ${table.name}: ${message}`, hint }, { cause: error });
  if (sqlstate === '42P10')
    return because(
      `there is no unique index on ${names}.`,
      'Create one on exactly the columns of the key. upsertMany needs it.',
    );
  if (sqlstate === '21000')
    return because(
      `two rows have a key (${names}) that is equal in the type of the column.`,
      'Pass each key once, as the database prints it.',
    );
  return error;
}
