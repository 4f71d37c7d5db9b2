import type { ReadOnlySession } from '../connection/read-only.js';
import { quote } from '../connection/server.js';
import { literal } from '../literal.js';

interface Place {
  readonly schema: string;
  readonly name: string;
}

const place = ({ schema, name }: Place): string => `${quote(schema)}.${quote(name)}`;

/** Rows that stand in the way of a constraint, and some of their keys. */
export interface Violations {
  readonly rows: number;
  readonly samples: readonly string[];
}

const SAMPLES = 5;

const found = (row: Record<string, unknown> | undefined): Violations | null =>
  row === undefined ? null : { rows: Number(row.rows), samples: row.samples as string[] };

/** Some of the keys of rows, and how many rows there are. @param found a query of `key` and `rows` */
const counting = (query: string): string => `
  WITH found AS MATERIALIZED (${query})
  SELECT coalesce(sum(rows), 0) AS rows, ARRAY(SELECT DISTINCT key FROM found ORDER BY 1 LIMIT ${SAMPLES}) AS samples FROM found`;

const keyOf = (values: readonly string[]): string =>
  `concat(${values.map((value) => `(${value})::text`).join(", ', ', ")})`;

/**
 * Counts the rows of a table that a foreign key would not find a row for; null if that can't be done, or not in time. A row with a
 * null in its key has no parent and needs none; with MATCH FULL, all of its key must be null.
 * @param child `filledWith`: what all rows will have in the one column, which is new
 * @param parent null: it has no rows
 */
export async function countOrphans(
  reader: ReadOnlySession,
  child: Place & {
    readonly columns: readonly string[];
    readonly filledWith?: string | undefined;
    readonly full: boolean;
  },
  parent: (Place & { readonly columns: readonly string[] }) | null,
): Promise<Violations | null> {
  const { columns, filledWith, full } = child;
  const values =
    filledWith === undefined ? columns.map((column) => `c.${quote(column)}`) : [literal(filledWith)];
  const pairs = parent?.columns.map((column, i) => `p.${quote(column)} = ${values[i]}`).join(' AND ');
  const every = (is: string, how: string): string =>
    filledWith === undefined ? `(${values.map((value) => `${value} ${is}`).join(` ${how} `)})` : 'true';
  const missing = parent === null ? 'true' : `NOT EXISTS (SELECT FROM ${place(parent)} p WHERE ${pairs})`;
  const orphan = full
    ? `${every('IS NOT NULL', 'OR')} AND (NOT ${every('IS NOT NULL', 'AND')} OR ${missing})`
    : `${every('IS NOT NULL', 'AND')} AND ${missing}`;
  const query = `SELECT ${keyOf(values)} AS key, 1 AS rows FROM ${place(child)} c WHERE ${orphan}`;
  const [row] = (await reader.count(counting(query))) ?? [];
  return found(row);
}

/** Counts the rows of which another one has the same; null if that can't be done, or not in time. */
export async function countDuplicates(
  reader: ReadOnlySession,
  table: Place,
  {
    keys,
    where,
    nullsNotDistinct,
  }: { readonly keys: readonly string[]; readonly where: string | null; readonly nullsNotDistinct: boolean },
): Promise<Violations | null> {
  const present = nullsNotDistinct ? [] : keys.map((key) => `(${key}\n) IS NOT NULL`);
  const rows = [...present, ...(where === null ? [] : [`(${where}\n)`])].join(' AND ') || 'true';
  const list = keys.map((key, i) => `(${key}\n) AS k${i}`).join(', ');
  const names = keys.map((_, i) => `k${i}`);
  const query = `SELECT ${keyOf(names)} AS key, count(*) AS rows FROM (SELECT ${list} FROM ${place(table)} WHERE ${rows}) AS t GROUP BY ${names.join(', ')} HAVING count(*) > 1`;
  const [row] = (await reader.count(counting(query))) ?? [];
  return found(row);
}

/** Counts the rows for which an expression is false; null if that can't be done, or not in time. */
export async function countViolating(
  reader: ReadOnlySession,
  table: Place,
  expression: string,
): Promise<number | null> {
  const [row] =
    (await reader.count(`SELECT count(*) AS rows FROM ${place(table)} WHERE NOT (${expression}\n)`)) ?? [];
  return row === undefined ? null : Number(row.rows);
}
