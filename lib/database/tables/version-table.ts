import { RevgraphError } from '../../errors/error.js';
import { inSchema, quote, type Server } from '../connection/server.js';
import type { Queryable, Result } from '../connection/session.js';
import { literal } from '../literal.js';

export const VERSION_TABLE = 'revgraph_version';
export const ALEMBIC_TABLE = 'alembic_version';
const COLUMNS = ['revision', 'version_num'];

/** The table that holds one row per current head. */
export interface VersionTable {
  readonly name: string;
  /** `revision`, or `version_num` in a table that Alembic made. */
  readonly column: string;
  /** As asked for, or where it was found; null = by the search path. */
  readonly schema: string | null;
  readonly exists: boolean;
  /** True if an existing table of Alembic's is used in place without having been asked for. */
  readonly adopted: boolean;
  /** Alembic's table, which is there as well, where none was asked for by name. */
  readonly beside?: { readonly name: string; readonly schema: string } | undefined;
  /** One of Alembic's that was asked for by name, while one of ours is there for other revisions. */
  readonly apart?: boolean | undefined;
  /** Rows that are kept under names of the past: the id of today → the ids as they stand in the table. */
  readonly stored?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Rows that are meant and do not stand in the table: the first write writes them. */
  readonly absent?: readonly string[] | undefined;
}

/** The rows of a table. */
export const selectRows = (name: string, schema: string | null): string => selectAll(inSchema(schema, name));

export const selectAll = (place: string): string => `SELECT * FROM ${place}`;

/** The rows of {@link selectRows}, and which of its columns has them. @throws `version_table_invalid` */
export function readColumn(name: string, result: Result): { column: string; rows: string[] } {
  const columns = result.fields?.map((field) => field.name) ?? [];
  const present = columns.length > 0 ? columns : Object.keys(result.rows[0] ?? {});
  const column = COLUMNS.find((c) => present.includes(c)) ?? (present.length === 0 ? 'revision' : undefined);
  if (column === undefined)
    throw new RevgraphError('version_table_invalid', {
      table: name,
      reason: `it has no column revision or version_num; its columns are ${present.join(', ')}`,
    });
  if (result.rows.some((row) => row[column] === null))
    throw new RevgraphError('version_table_invalid', {
      table: name,
      reason: 'a row of it holds no revision',
      remedy: `DELETE FROM ${quote(name)} WHERE ${column} IS NULL;`,
    });
  // Without its primary key a table may hold a row twice, which says no more than once.
  return { column, rows: [...new Set(result.rows.map((row) => String(row[column])))] };
}

/** The rows of a table that is there. */
export async function readRowsOf(client: Queryable, name: string, schema: string | null): Promise<string[]> {
  return readColumn(name, await client.query(selectRows(name, schema))).rows;
}

/**
 * The table with its schema spelled out, so that a revision which changes the search path can't hide it: the schema that
 * it was found in, or the one that it will be made in.
 */
export async function pinSchema(
  client: Queryable,
  table: VersionTable,
  { schema, versionNumber }: Pick<Server, 'schema' | 'versionNumber'>,
): Promise<VersionTable> {
  // pg-mem has no catalog to ask.
  if (table.schema !== null || versionNumber === null) return table;
  if (!table.exists) return { ...table, schema };
  const { rows } = await client.query(
    'SELECT n.nspname AS schema FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)',
    [quote(table.name)],
  );
  return { ...table, schema: (rows[0]?.schema as string | undefined) ?? schema };
}

/** The statement that makes the table; the shape of Alembic's, with room for 64 characters. */
export function createVersionTable(table: VersionTable): string {
  return `CREATE TABLE IF NOT EXISTS ${inSchema(table.schema, table.name)} (${quote(table.column)} varchar(64) NOT NULL CONSTRAINT ${quote(`${table.name}_pkey`)} PRIMARY KEY)`;
}

/** Makes the table where it is missing, in the transaction that is open. */
export async function makeVersionTable(client: Queryable, table: VersionTable): Promise<void> {
  await client.query(createVersionTable(table));
}

/** Ids as they stand in the table. */
export function storedAs({ stored }: Pick<VersionTable, 'stored'>, ids: readonly string[]): string[] {
  return ids.flatMap((id) => stored?.get(id) ?? [id]);
}

/** Of rows, those that stand in the table before the first write: of one that does not, the rows that it includes by now. */
export const presentRows = (
  { absent = [], stored }: Pick<VersionTable, 'absent' | 'stored'>,
  rows: readonly string[],
): string[] =>
  rows.flatMap((row) =>
    absent.includes(row) ? (stored?.get(row) ?? []).filter((name) => !absent.includes(name)) : [row],
  );

/** The statements that write rows which are meant and do not stand in the table. */
export function absentRows({ absent = [], ...table }: VersionTable): string[] {
  return rowStatements(table, { remove: [], add: absent }, literal).map(({ text }) => text);
}

/** Writes them, in the transaction that is open. */
export async function writeAbsent(client: Queryable, table: VersionTable): Promise<void> {
  for (const statement of absentRows(table)) await client.query(statement);
}

/** What a step does to the rows. */
export interface VersionRowChange {
  readonly remove: readonly string[];
  readonly add: readonly string[];
}

/**
 * A row change as statements: one UPDATE where one row takes the place of another.
 * @param mark what stands for a value: a parameter, or the value itself in a script
 */
export function rowStatements(
  table: VersionTable,
  change: VersionRowChange,
  mark: (value: string, position: number) => string = (_, position) => `$${position}`,
): { text: string; values: string[]; rows: number }[] {
  // A row that goes and comes stays as it is.
  const add = change.add.filter((id) => !change.remove.includes(id));
  const remove = storedAs(
    table,
    change.remove.filter((id) => !change.add.includes(id)),
  );
  const place = inSchema(table.schema, table.name);
  const column = quote(table.column);
  const [gone] = remove;
  const [come] = add;
  if (remove.length === 1 && add.length === 1 && gone !== undefined && come !== undefined) {
    const text = `UPDATE ${place} SET ${column} = ${mark(come, 1)} WHERE ${column} = ${mark(gone, 2)}`;
    return [{ text, values: [come, gone], rows: 1 }];
  }
  const marks = (values: readonly string[]): string[] => values.map((value, i) => mark(value, i + 1));
  return [
    {
      text: `DELETE FROM ${place} WHERE ${column} IN (${marks(remove).join(', ')})`,
      values: [...remove],
      rows: remove.length,
    },
    {
      text: `INSERT INTO ${place} (${column}) VALUES ${marks(add)
        .map((m) => `(${m})`)
        .join(', ')}`,
      values: [...add],
      rows: add.length,
    },
  ].filter((statement) => statement.rows > 0);
}

/**
 * Changes the rows, inside the transaction of the step, and reads them back with the same question: a trigger, a rule or row
 * security may have made something else of them, or nothing.
 * @param after the rows that there must be then
 * @throws `row_count_mismatch` if there are others
 */
export async function changeRows(
  client: Queryable,
  table: VersionTable,
  change: VersionRowChange,
  after: readonly string[],
): Promise<void> {
  const statements = changeStatements(table, change);
  if (statements.length === 0) return;
  const answer: Result | readonly Result[] = await client.query(statements.join('; '));
  // pg-mem gives the last of several answers, and not as a list.
  const last = Array.isArray(answer) ? (answer as readonly Result[]).at(-1) : (answer as Result);
  assertRows(table, last as Result, after);
}

/** Keeps the rows from others until the transaction that is open ends. @throws `row_count_mismatch` if they are others */
export async function lockRows(
  client: Queryable,
  table: VersionTable,
  rows: readonly string[],
): Promise<void> {
  assertRows(table, await client.query(`${selectRows(table.name, table.schema)} FOR UPDATE`), rows);
}

/** A change of rows, and the question that reads them back; none where nothing changes. */
export function changeStatements(table: VersionTable, change: VersionRowChange): string[] {
  const statements = rowStatements(table, change, literal).map(({ text }) => text);
  return statements.length === 0 ? [] : [...statements, selectRows(table.name, table.schema)];
}

/** A statement that fails unless the table holds these rows. */
export function rowsGuard(table: VersionTable, rows: readonly string[]): string {
  const stored = storedAs(table, rows);
  if (stored.length === 0) return 'SELECT 1';
  const place = inSchema(table.schema, table.name);
  const column = quote(table.column);
  // Without its key a table may hold a row twice.
  return `SELECT 1 / (count(DISTINCT ${column}) = ${stored.length})::int FROM ${place} WHERE ${column} IN (${stored.map(literal).join(', ')})`;
}

/** @throws `row_count_mismatch` if the rows that were read back are not those that there must be */
export function assertRows(table: VersionTable, readBack: Result, after: readonly string[]): void {
  const found = readColumn(table.name, readBack).rows;
  if ([...found].sort().join('\0') === storedAs(table, after).sort().join('\0')) return;
  throw new RevgraphError('row_count_mismatch', { table: table.name, expected: after, found });
}
