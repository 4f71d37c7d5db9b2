import { distance } from 'fastest-levenshtein';
import { RevgraphError } from '../../errors/error.js';
import { quote } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';

/** How values of a type are written: decided by the type below domains and arrays. */
export type ColumnKind = 'json' | 'bytes' | 'integer' | 'instant' | 'clock' | 'composite' | 'other';

export interface BulkColumn {
  readonly name: string;
  /** As SQL, without a length: a cast to `varchar(3)` would cut quietly, where the assignment complains. */
  readonly type: string;
  /** Type of the parameter that carries a chunk of values: `integer[]`; null where only text can carry them. */
  readonly arrayType: string | null;
  readonly isArray: boolean;
  readonly kind: ColumnKind;
  /** Largest value of an integer type. */
  readonly limit: number;
  /** Between the elements of an array value. */
  readonly delimiter: string;
  /** Why nothing can be written there; null for an ordinary column. */
  readonly readOnly: string | null;
}

export interface BulkTable {
  /** As it was asked for, for messages. */
  readonly name: string;
  /** Quoted, with its schema. */
  readonly sql: string;
  /** Rows have system columns of their own. */
  readonly isPlain: boolean;
  readonly columns: ReadonlyMap<string, BulkColumn>;
}

/** The type of a column, and below it the one that remains without domains and arrays. */
const DESCRIBE = `
  WITH RECURSIVE below AS (
    SELECT a.attnum, a.atttypid AS type, false AS in_array
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT b.attnum, CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END, b.in_array OR t.typtype <> 'd'
    FROM below b JOIN pg_catalog.pg_type t ON t.oid = b.type
    WHERE t.typtype = 'd' OR (t.typcategory = 'A' AND t.typelem <> 0))
  SELECT a.attname AS name, n.nspname AS schema, c.relname AS table, c.relkind AS relation,
         a.attgenerated <> '' AS generated, a.attidentity = 'a' AS always,
         pg_catalog.format_type(d.oid, -1) AS type, d.typdelim AS delimiter,
         CASE WHEN d.typarray <> 0 THEN pg_catalog.format_type(d.typarray, -1) END AS array_type,
         b.in_array, t.typname AS leaf, t.typtype AS leaf_kind, t.typdelim AS leaf_delimiter
  FROM below b
  JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd' AND (t.typcategory <> 'A' OR t.typelem = 0)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = pg_catalog.to_regclass($1) AND a.attnum = b.attnum
  JOIN pg_catalog.pg_type d ON d.oid = a.atttypid
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  ORDER BY a.attnum`;

const NEAR_TABLES = `
  SELECT CASE WHEN pg_catalog.pg_table_is_visible(c.oid) THEN c.relname
              ELSE n.nspname || '.' || c.relname END::text AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`;

/**
 * Reads the columns of a table, with one query.
 * @param name `table` or `schema.table`, as written in the catalogue (no folding to lower case); double quotes keep a dot
 * @throws `usage` if there is no such table
 */
export async function readTable(client: Queryable, name: string): Promise<BulkTable> {
  const asked = quoteTable(name);
  const { rows } = await client.query(DESCRIBE, [asked]);
  const [first] = rows;
  if (first === undefined) throw await unknownTable(client, name);
  return {
    name,
    sql: `${quote(String(first.schema))}.${quote(String(first.table))}`,
    isPlain: first.relation === 'r',
    columns: new Map(rows.map((row) => [String(row.name), columnOf(row)])),
  };
}

const LIMITS: ReadonlyMap<string, number> = new Map([
  ['int2', 32_767],
  ['int4', 2_147_483_647],
  ['int8', Number.MAX_SAFE_INTEGER],
]);

const KINDS: ReadonlyMap<string, ColumnKind> = new Map([
  ['json', 'json'],
  ['jsonb', 'json'],
  ['bytea', 'bytes'],
  ['timestamptz', 'instant'],
  ['timestamp', 'clock'],
  ['date', 'clock'],
  ['time', 'clock'],
]);

function columnOf(row: Record<string, unknown>): BulkColumn {
  const leaf = String(row.leaf);
  const isArray = row.in_array === true;
  const ordinary =
    row.leaf_kind === 'c' ? 'composite' : (KINDS.get(leaf) ?? (LIMITS.has(leaf) ? 'integer' : 'other'));
  // An array of arrays would be flattened by unnest; a composite may come in two notations.
  const fits = !isArray && ordinary !== 'composite' && row.delimiter === ',';
  return {
    name: String(row.name),
    type: String(row.type),
    arrayType: fits ? ((row.array_type as string | null) ?? null) : null,
    isArray,
    kind: ordinary,
    limit: LIMITS.get(leaf) ?? 0,
    delimiter: String(row.leaf_delimiter),
    readOnly:
      row.generated === true
        ? 'is generated from other columns'
        : row.always === true
          ? 'is GENERATED ALWAYS AS IDENTITY'
          : null,
  };
}

const NAME = /^(?:(?:"((?:[^"]|"")+)"|([^".]+))\.)?(?:"((?:[^"]|"")+)"|([^".]+))$/;

/** The name as SQL; whatever stands in it, it stays a name. */
function quoteTable(name: string): string {
  const parts = typeof name === 'string' && !name.includes('\0') ? NAME.exec(name) : null;
  if (parts === null)
    throw new RevgraphError('usage', {
      message: `${JSON.stringify(name)} is not a valid table name.`,
      hint: 'Write table or schema.table, and quote names that contain a dot.',
    });
  const plain = (quoted: string | undefined, bare: string | undefined): string | undefined =>
    quoted?.replaceAll('""', '"') ?? bare;
  const schema = plain(parts[1], parts[2]);
  const table = quote(plain(parts[3], parts[4]) ?? '');
  return schema === undefined ? table : `${quote(schema)}.${table}`;
}

async function unknownTable(client: Queryable, name: string): Promise<RevgraphError> {
  const { rows } = await client.query(NEAR_TABLES);
  const near = nearest(
    name,
    rows.map((row) => String(row.name)),
  );
  return new RevgraphError('unknown_table', { table: name, suggestions: near });
}

/**
 * The columns of these names.
 * @throws `unknown_column`
 */
export function columnsOf(table: BulkTable, names: readonly string[]): BulkColumn[] {
  return names.map((name) => {
    const column = table.columns.get(name);
    if (column !== undefined) return column;
    const near = nearest(name, [...table.columns.keys()]);
    throw new RevgraphError('unknown_column', { table: table.name, column: name, suggestions: near });
  });
}

/** @throws `column_read_only` */
export function assertWritable(table: BulkTable, columns: readonly BulkColumn[]): void {
  for (const { name, readOnly } of columns)
    if (readOnly !== null)
      throw new RevgraphError('column_read_only', { table: table.name, column: name, reason: readOnly });
}

/** The one that was probably meant, if any. */
const nearest = (name: string, all: readonly string[]): string[] =>
  all
    .map((one) => ({ one, far: distance(name.toLowerCase(), one.toLowerCase()) }))
    .filter(({ far }) => far <= Math.max(2, Math.floor(name.length / 3)))
    .sort((a, b) => a.far - b.far)
    .slice(0, 1)
    .map(({ one }) => one);
