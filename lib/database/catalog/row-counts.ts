import type { ReadOnlySession } from '../connection/read-only.js';
import { quote } from '../connection/server.js';

interface Place {
  readonly schema: string;
  readonly name: string;
}

const place = ({ schema, name }: Place): string => `${quote(schema)}.${quote(name)}`;

/** Rows of a table, those where a column has a value, those where a column has none. */
export interface RowCounts {
  readonly rows: number;
  readonly filled: ReadonlyMap<string, number>;
  readonly empty: ReadonlyMap<string, number>;
}

/** Counts in one pass; null if that can't be done, or not in time. */
export async function countRows(
  reader: ReadOnlySession,
  table: Place,
  columns: { filled: readonly string[]; empty: readonly string[] },
): Promise<RowCounts | null> {
  const counts = [
    ...columns.filled.map((column, i) => `count(${quote(column)}) AS f${i}`),
    ...columns.empty.map((column, i) => `count(*) FILTER (WHERE ${quote(column)} IS NULL) AS e${i}`),
  ];
  const [row] =
    (await reader.count(`SELECT ${['count(*) AS rows', ...counts].join(', ')} FROM ${place(table)}`)) ?? [];
  if (row === undefined) return null;
  const of = (names: readonly string[], letter: string): Map<string, number> =>
    new Map(names.map((name, i) => [name, Number(row[`${letter}${i}`])]));
  return { rows: Number(row.rows), filled: of(columns.filled, 'f'), empty: of(columns.empty, 'e') };
}

/** Whether a table has any row; false if that can't be asked. */
export async function hasRows(reader: ReadOnlySession, table: Place): Promise<boolean> {
  const [row] = (await reader.count(`SELECT EXISTS (SELECT FROM ${place(table)}) AS filled`)) ?? [];
  return row?.filled === true;
}

/** Tables of schemas, with what their rows would be lost with. */
export async function tablesIn(reader: ReadOnlySession, schemas: readonly string[]): Promise<Place[]> {
  if (schemas.length === 0) return [];
  const rows = await reader.demand(
    'looking for the tables of a schema',
    "SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1, 2",
    [[...schemas]],
  );
  return rows.map(({ schema, name }) => ({ schema: String(schema), name: String(name) }));
}
