import { quote } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';

/** Rows in the order of a key, as statements need them. */
export interface BatchSource {
  /** For FROM: the table, or the query in parentheses; `t` is its alias everywhere. */
  readonly from: string;
  /** The table, quoted, as UPDATE wants it; null for a query. */
  readonly table: string | null;
  readonly key: readonly string[];
  /** Types of the key columns, in SQL. */
  readonly keyTypes: readonly string[];
  /** Column → its type in SQL; all of the table or the query. */
  readonly types: ReadonlyMap<string, string>;
  readonly where: string | null;
  /** Of the table. */
  readonly oid: number | null;
}

/** `name` or `schema.name`, quoted. */
export function qualify(name: string): string {
  return name.split('.').map(quote).join('.');
}

/** A key column as text that reads the same under every setting of dates. */
const asText = (name: string): string => `(to_jsonb(t.${quote(name)}) #>> '{}')`;

const tuple = (names: readonly string[], direction = ''): string =>
  names.map((name) => `t.${quote(name)}${direction}`).join(', ');

const marks = (types: readonly string[], from: number): string =>
  types.map((type, i) => `$${from + i}::${type}`).join(', ');

export const KEY_PREFIX = 'revgraph:k';
export const XMIN = 'revgraph:xmin';

const keyColumns = ({ key }: BatchSource): string =>
  key.map((name, i) => `${asText(name)} AS "${KEY_PREFIX}${i}"`).join(', ');

/** The key of a row that was read with {@link keyColumns}. */
export function keyOf(row: Record<string, unknown>, { key }: Pick<BatchSource, 'key'>): string[] {
  return key.map((_, i) => String(row[`${KEY_PREFIX}${i}`]));
}

/** From where to where. */
export interface Range {
  /** Exclusive. */
  readonly after: readonly string[] | null;
  /** Inclusive. */
  readonly upTo: readonly string[] | null;
}

/** The WHERE clause of a range, with its values. */
function within(source: BatchSource, { after, upTo }: Range): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const parts: string[] = source.where === null ? [] : [`(${source.where}\n)`];
  const bound = (operator: string, key: readonly string[]): void => {
    parts.push(`(${tuple(source.key)}) ${operator} (${marks(source.keyTypes, values.length + 1)})`);
    values.push(...key);
  };
  if (after !== null) bound('>', after);
  if (upTo !== null) bound('<=', upTo);
  return { text: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values };
}

/** The last key there is; null where there is no row. */
export async function lastKey(client: Queryable, source: BatchSource): Promise<string[] | null> {
  const { rows } = await client.query(
    `SELECT ${keyColumns(source)} FROM ${source.from} WHERE (${tuple(source.key)}) IS NOT NULL ORDER BY ${tuple(source.key, ' DESC')} LIMIT 1`,
  );
  return rows[0] === undefined ? null : keyOf(rows[0], source);
}

/** How many rows a range has. */
export async function countRows(client: Queryable, source: BatchSource, range: Range): Promise<number> {
  const { text, values } = within(source, range);
  const { rows } = await client.query(`SELECT count(*)::text AS n FROM ${source.from} ${text}`, values);
  return Number(rows[0]?.n);
}

/**
 * Keys that cut a range into about `parts` pieces of one size, never through a group; fewer where there are few rows.
 * @param group columns of the key that belong together
 */
export async function cuts(
  client: Queryable,
  source: BatchSource,
  range: Range,
  { parts, group }: { parts: number; group: number },
): Promise<string[][]> {
  const { text, values } = within(source, range);
  const order = tuple(source.key);
  const columns = source.key.slice(0, group).map((name) => `t.${quote(name)}`);
  const ends =
    group === 0 ? 'true' : `lead(ROW(${columns})) OVER (ORDER BY ${order}) IS DISTINCT FROM ROW(${columns})`;
  const keys = source.key.map((_, i) => `"${KEY_PREFIX}${i}"`).join(', ');
  const { rows } = await client.query(
    `SELECT DISTINCT ON (n / step) ${keys} FROM (
       SELECT *, greatest(ceil(total / ${parts}::numeric)::bigint, 1) AS step FROM (
         SELECT ${keyColumns(source)}, ${ends} AS ends, row_number() OVER (ORDER BY ${order}) AS n, count(*) OVER () AS total
         FROM ${source.from} ${text}) AS numbered) AS stepped
     WHERE ends AND n >= step AND n < total ORDER BY n / step, n`,
    values,
  );
  return rows.map((row) => keyOf(row, source));
}

/** The next rows of a range in the order of the key, with `revgraph:k…` and, of a table, `revgraph:xmin`. */
export async function readBatch(
  client: Queryable,
  source: BatchSource,
  range: Range,
  { limit, columns }: { limit: number; columns: readonly string[] | null },
): Promise<Record<string, unknown>[]> {
  const { text, values } = within(source, range);
  const { rows } = await client.query(
    `SELECT ${outputOf(source, columns)} FROM ${source.from} ${text} ORDER BY ${tuple(source.key)} LIMIT ${limit}`,
    values,
  );
  return rows;
}

/** Rows by their keys, as they are now. */
export async function readRows(
  client: Queryable,
  source: BatchSource,
  keys: readonly (readonly string[])[],
  { columns, lock = false }: { columns: readonly string[] | null; lock?: boolean },
): Promise<Record<string, unknown>[]> {
  const { rows } = await client.query(
    `SELECT ${outputOf(source, columns)} FROM ${source.from} JOIN ${keyRows(source, '$1')} AS b(${keyNames(source)}) ON (${tuple(source.key)}) = (${bTuple(source)})
     ${source.where === null ? '' : `WHERE (${source.where}\n)`} ORDER BY ${tuple(source.key)} ${lock ? 'FOR NO KEY UPDATE OF t' : ''}`,
    [JSON.stringify(keys)],
  );
  return rows;
}

/** How many of these rows carry the id of a revision as their mark. */
export async function countMarkedIn(
  client: Queryable,
  source: BatchSource,
  { column, key }: { column: string; key: string | null },
  revision: string,
  keys: readonly (readonly string[])[],
): Promise<number> {
  const mark = key === null ? `t.${quote(column)}::text` : `(t.${quote(column)} ->> $3)`;
  const { rows } = await client.query(
    `SELECT count(*)::int AS n FROM ${source.from} JOIN ${keyRows(source, '$1')} AS b(${keyNames(source)}) ON (${tuple(source.key)}) = (${bTuple(source)}) WHERE ${mark} = $2`,
    [JSON.stringify(keys), revision, ...(key === null ? [] : [key])],
  );
  return Number(rows[0]?.n);
}

const keyNames = ({ key }: BatchSource): string => key.map((_, i) => `"${KEY_PREFIX}${i}"`).join(', ');
const bTuple = ({ key }: BatchSource): string => key.map((_, i) => `b."${KEY_PREFIX}${i}"`).join(', ');

/** Keys, given as a JSON array of arrays of texts, as a set of rows. */
function keyRows({ keyTypes }: BatchSource, parameter: string): string {
  const columns = keyTypes.map((type, i) => `(k ->> ${i})::${type}`).join(', ');
  return `(SELECT ${columns} FROM jsonb_array_elements(${parameter}::jsonb) AS k)`;
}

/** The CTE `batch` with the keys of a batch under their own names; `$1` are the keys. */
export function batchRows(source: BatchSource): string {
  return `batch(${source.key.map(quote).join(', ')}) AS MATERIALIZED ${keyRows(source, '$1')}`;
}

function outputOf(source: BatchSource, columns: readonly string[] | null): string {
  const named = columns === null ? 't.*' : [...new Set(columns)].map((name) => `t.${quote(name)}`).join(', ');
  return [named, keyColumns(source), ...(source.table === null ? [] : [`t.xmin::text AS "${XMIN}"`])].join(
    ', ',
  );
}
