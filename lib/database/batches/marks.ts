import { RevgraphError } from '../../errors/error.js';
import { quote } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { literal } from '../literal.js';
import type { KeptDefinition, KeptMark } from '../tables/backfill-state.js';
import { WAS_NULL_KEY } from './change.js';
import { qualify } from './source.js';

/** When a backfill was at work. */
export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/**
 * A condition that is true for rows with a mark of this revision.
 * @param window for marks that are a time; without it, any time is one
 */
export function isMarked({ column, key, value }: KeptMark, revision: string, window: Window | null): string {
  const there = quote(column);
  const found = key === null ? `${there}::text` : `(${there} ->> ${literal(key)})`;
  if (value === 'revision') return `${found} = ${literal(revision)}`;
  const is = key === null ? `${there} IS NOT NULL` : `${found} IS NOT NULL`;
  if (window === null) return is;
  // A column without a time zone, or a date, was written under another one perhaps: a day to either side.
  const slack = key === null ? "interval '1 day'" : "interval '1 second'";
  const at = (date: Date): string => `timestamptz ${literal(date.toISOString())}`;
  return `${is} AND CASE WHEN ${found} ~ '^\\d{4}-\\d\\d-\\d\\d' THEN ${found}::timestamptz BETWEEN ${at(window.from)} - ${slack} AND ${at(window.to)} + ${slack} ELSE false END`;
}

/**
 * The mark of a table with these columns: a column of times takes the time.
 * @throws `backfill_invalid` if its column isn't there, or can't hold it
 */
export function markFor(
  { table, mark }: Pick<KeptDefinition, 'table' | 'mark'>,
  types: ReadonlyMap<string, string>,
): KeptMark | null {
  if (mark === null) return null;
  const type = types.get(mark.column);
  if (type === undefined || (mark.key !== null && type !== 'jsonb'))
    throw new RevgraphError('backfill_invalid', {
      message:
        type === undefined
          ? `${table} has no column ${mark.column} for the mark.`
          : `The mark ${mark.column}.${mark.key} needs a jsonb column; ${mark.column} is ${type}.`,
      hint: 'Use a column, or a key of a jsonb column.',
    });
  return mark.key === null && /^(timestamp|date)/.test(type) ? { ...mark, value: 'time' } : mark;
}

/** True if a row carries the mark already. */
export async function hasMark(
  client: Queryable,
  { table, mark }: KeptDefinition,
  revision: string,
): Promise<boolean> {
  if (table === null || mark === null) return false;
  const { rows } = await client.query(
    `SELECT EXISTS (SELECT FROM ${qualify(table)} WHERE ${isMarked(mark, revision, null)}) AS there`,
  );
  return rows[0]?.there === true;
}

/** How many rows carry a mark. */
export async function countMarked(
  client: Queryable,
  table: string,
  mark: KeptMark,
  revision: string,
  window: Window | null,
): Promise<number> {
  const { rows } = await client.query(
    `SELECT count(*)::text AS n FROM ${qualify(table)} WHERE ${isMarked(mark, revision, window)}`,
  );
  return Number(rows[0]?.n);
}

/** A piece of a table on disk: some of its blocks. */
export interface Piece {
  /** Quoted, as a statement wants it. */
  readonly relation: string;
  /** From this block, not up to that one. */
  readonly from: number;
  readonly to: number;
}

const BLOCKS = 128;

/**
 * A table in pieces of 128 blocks (1 MB): all of it is looked at once, whatever index there is, and no transaction holds
 * more than a piece. A partitioned table is that of its partitions.
 */
export async function piecesOf(client: Queryable, table: string): Promise<Piece[]> {
  const { rows } = await client.query(
    `WITH RECURSIVE family AS (
       SELECT to_regclass($1)::oid AS oid UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid)
     SELECT c.oid::regclass::text AS relation, ceil(pg_relation_size(c.oid) / current_setting('block_size')::numeric)::int AS blocks
     FROM pg_class c WHERE c.relkind = 'r' AND c.oid IN (SELECT oid FROM family) ORDER BY 1`,
    [qualify(table)],
  );
  return rows.flatMap(({ relation, blocks }) =>
    Array.from({ length: Math.ceil(Number(blocks) / BLOCKS) }, (_, n) => ({
      relation: String(relation),
      from: n * BLOCKS,
      to: (n + 1) * BLOCKS,
    })),
  );
}

const inside = ({ from, to }: Piece): string => `ctid >= '(${from},0)'::tid AND ctid < '(${to},0)'::tid`;

/** Takes the mark, and what was filled with it, from the rows of a piece. @returns how many */
export async function unmark(
  client: Queryable,
  piece: Piece,
  { mark, fills }: { mark: KeptMark; fills: readonly string[] },
  revision: string,
  window: Window,
): Promise<number> {
  const columns = new Map<string, Set<string> | null>();
  for (const { column, key } of [...fills.map(keptFill), mark]) {
    if (key === null) columns.set(column, null);
    else if (columns.get(column) !== null) columns.set(column, (columns.get(column) ?? new Set()).add(key));
  }
  const assignments = [...columns].map(([column, keys]) =>
    keys === null ? `${quote(column)} = NULL` : `${quote(column)} = ${without(column, [...keys])}`,
  );
  const { rowCount } = await client.query(
    `UPDATE ONLY ${piece.relation} SET ${assignments.join(', ')} WHERE ${inside(piece)} AND ${isMarked(mark, revision, window)}`,
  );
  return rowCount ?? 0;
}

/** A jsonb object without what was filled; null again where it was null. */
function without(column: string, keys: readonly string[]): string {
  const there = quote(column);
  const rest = `(${there} - ARRAY[${[...keys, WAS_NULL_KEY].map(literal).join(', ')}]::text[])`;
  return `CASE WHEN jsonb_exists(${there}, '${WAS_NULL_KEY}') THEN nullif(${rest}, '{}') ELSE ${rest} END`;
}

/** What was filled, as it is kept: `column`, or `column.key`; a column whose name has a dot or a quote is quoted. */
export function fillText(column: string, key: string | null): string {
  const name = /[."]/.test(column) ? quote(column) : column;
  return key === null ? name : `${name}.${key}`;
}

function keptFill(text: string): Pick<KeptMark, 'column' | 'key'> {
  const [all = '', quoted] = /^"((?:[^"]|"")*)"/.exec(text) ?? /^[^.]*/.exec(text) ?? [];
  return {
    column: quoted?.replaceAll('""', '"') ?? all,
    key: all.length === text.length ? null : text.slice(all.length + 1),
  };
}

/** Deletes the marked rows of a piece. @returns how many */
export async function deleteMarked(
  client: Queryable,
  piece: Piece,
  mark: KeptMark,
  revision: string,
  window: Window,
): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM ONLY ${piece.relation} WHERE ${inside(piece)} AND ${isMarked(mark, revision, window)}`,
  );
  return rowCount ?? 0;
}

/** Statistics by the names that a column may have. */
interface Statistics {
  readonly [name: string]: unknown;
}

/**
 * One row of statistics in a table of the user's: in those of its columns that bear a name of a statistic, or as the user's
 * function says. A mark of created rows is set here as well.
 * @throws `backfill_invalid` if the table has none of these columns
 */
export async function writeAudit<S extends object>(
  client: Queryable,
  audit: string | { readonly table: string; row(result: S): Record<string, unknown> },
  result: S,
  creates: readonly ({ readonly table: string } & KeptMark)[],
): Promise<void> {
  const table = typeof audit === 'string' ? audit : audit.table;
  const statistics: Statistics = { ...result, statistics: result, finished_at: new Date() };
  const given = typeof audit === 'string' ? statistics : audit.row(result);
  const { rows: columns } = await client.query(
    'SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped',
    [qualify(table)],
  );
  const there = new Set(columns.map(({ name }) => String(name)));
  const names = Object.keys(given).filter((name) => typeof audit !== 'string' || there.has(name));
  const unknown = names.filter((name) => !there.has(name));
  if (names.length === 0 || unknown.length > 0)
    throw new RevgraphError('backfill_invalid', {
      message:
        names.length === 0
          ? `The audit table ${table} does not exist, or has no column for a statistic.`
          : `The audit table ${table} has no column ${unknown.join(', ')}.`,
      hint: `The statistics are ${Object.keys(statistics).join(', ')}.`,
    });
  const mark = creates.find((one) => one.table === table);
  const row =
    mark === undefined ? given : marked(given, mark, (result as { revision?: string }).revision ?? '');
  const used = [...new Set([...names, ...(mark === undefined ? [] : [mark.column])])];
  await client.query(
    `INSERT INTO ${qualify(table)} (${used.map(quote).join(', ')}) SELECT ${used.map((name) => `r.${quote(name)}`).join(', ')}
     FROM jsonb_populate_record(NULL::${qualify(table)}, $1::jsonb) AS r`,
    [JSON.stringify(row)],
  );
}

function marked(
  row: Record<string, unknown>,
  { column, key, value }: KeptMark,
  revision: string,
): Record<string, unknown> {
  const written = value === 'time' ? new Date() : revision;
  if (key === null) return { ...row, [column]: row[column] ?? written };
  return { ...row, [column]: { [key]: written, ...(row[column] as object | undefined) } };
}
