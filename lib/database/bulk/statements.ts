import { quote } from '../connection/server.js';
import type { BulkColumn, BulkTable } from './table.js';

/** Names that no column has by accident. */
export const ROW_NUMBER = 'revgraph_row';
export const UPDATED = 'revgraph_updated';
const IS_NEW = 'revgraph_is_new';

const list = (columns: readonly BulkColumn[]): string => columns.map(({ name }) => quote(name)).join(', ');

/**
 * A chunk as a table `v` of typed columns under their own names, and the number of each row, from 1. One array per column
 * makes few parameters, whatever the number of rows.
 */
function source(columns: readonly BulkColumn[]): string {
  const parameters = columns.map(({ arrayType }, at) => `$${at + 1}::${arrayType ?? 'text[]'}`);
  const names = columns.map((_, at) => `c${at}`);
  const values = columns.map((column, at) => `${expression(column, `c${at}`)} AS ${quote(column.name)}`);
  return `(SELECT ${values.join(', ')}, r AS ${ROW_NUMBER}
    FROM unnest(${parameters.join(', ')}) WITH ORDINALITY AS u(${names.join(', ')}, r)) AS v`;
}

function expression({ arrayType, kind, isArray, type }: BulkColumn, name: string): string {
  if (arrayType !== null) return name;
  // A row in PostgreSQL's notation begins with a parenthesis.
  if (kind === 'composite' && !isArray)
    return `CASE WHEN ${name} LIKE '{%' THEN jsonb_populate_record(NULL::${type}, ${name}::jsonb) ELSE ${name}::${type} END`;
  return `${name}::${type}`;
}

const returningList = (returning: readonly BulkColumn[], of: string): string =>
  returning.map(({ name }) => `${of}${quote(name)}`).join(', ');

export function insertSql(
  table: BulkTable,
  columns: readonly BulkColumn[],
  { returning, nothing }: { returning: readonly BulkColumn[]; nothing: boolean },
): string {
  return [
    `INSERT INTO ${table.sql} (${list(columns)}) SELECT ${list(columns)} FROM ${source(columns)}`,
    ...(nothing ? ['ON CONFLICT DO NOTHING'] : []),
    ...(returning.length > 0 ? [`RETURNING ${returningList(returning, '')}`] : []),
  ].join('\n');
}

export interface KeyedColumns {
  readonly columns: readonly BulkColumn[];
  readonly keys: readonly BulkColumn[];
  readonly set: readonly BulkColumn[];
  readonly returning: readonly BulkColumn[];
}

/** Answers `updated` and `matched` (how many of the rows given), or the rows with their numbers. */
export function updateSql(table: BulkTable, { columns, keys, set, returning }: KeyedColumns): string {
  const change = `UPDATE ${table.sql} AS t SET ${set.map(({ name }) => `${quote(name)} = v.${quote(name)}`).join(', ')}
    FROM ${source(columns)}
    WHERE ${sameKeys(keys)}
    RETURNING v.${ROW_NUMBER}`;
  if (returning.length > 0) return `${change}, ${returningList(returning, 't.')}`;
  return `WITH changed AS (${change})
    SELECT count(*)::int AS updated, count(DISTINCT ${ROW_NUMBER})::int AS matched FROM changed`;
}

const sameKeys = (keys: readonly BulkColumn[]): string =>
  keys.map(({ name }) => `t.${quote(name)} = v.${quote(name)}`).join(' AND ');

/**
 * Answers `written` and `updated`, or the rows, each with `revgraph_updated`. A row that ON CONFLICT changes is locked
 * first, so its xmax is not 0. Where rows have no xmax to be asked for (partitioned tables, views), the rows that are there
 * before are counted, in the same snapshot.
 */
export function upsertSql(table: BulkTable, { columns, keys, set, returning }: KeyedColumns): string {
  const change = `INSERT INTO ${table.sql} (${list(columns)}) SELECT ${list(columns)} FROM ${source(columns)}
    ON CONFLICT (${list(keys)}) DO UPDATE SET ${set.map(({ name }) => `${quote(name)} = excluded.${quote(name)}`).join(', ')}
    RETURNING ${[`${table.isPlain ? 'xmax = 0' : 'NULL::boolean'} AS ${IS_NEW}`, ...returning.map(({ name }) => quote(name))].join(', ')}`;
  const updated = table.isPlain
    ? `SELECT count(*) FROM changed WHERE NOT ${IS_NEW}`
    : `SELECT count(*) FROM ${table.sql} AS t, ${source(columns)} WHERE ${sameKeys(keys)}`;
  const answer =
    returning.length > 0
      ? `${returningList(returning, '')}, (${updated})::int AS ${UPDATED}`
      : `count(*)::int AS written, (${updated})::int AS updated`;
  return `WITH changed AS (${change})
    SELECT ${answer} FROM changed`;
}

/** Numbers of two rows that the table takes for the same key, though they are written differently. */
export function sameKeySql(columns: readonly BulkColumn[], keys: readonly BulkColumn[]): string {
  return `SELECT min(${ROW_NUMBER})::int AS first, max(${ROW_NUMBER})::int AS second FROM ${source(columns)}
    GROUP BY ${list(keys)} HAVING count(*) > 1 LIMIT 1`;
}

export const copySql = (table: BulkTable, columns: readonly BulkColumn[]): string =>
  `COPY ${table.sql} (${list(columns)}) FROM STDIN`;
