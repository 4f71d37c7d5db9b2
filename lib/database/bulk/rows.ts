import { RevgraphError } from '../../errors/error.js';
import type { BulkColumn, BulkTable } from './table.js';
import { badRow, quoted, valueText } from './value.js';

export type GivenRow = Readonly<Record<string, unknown>>;

/** Rows per statement, and about how many characters of values: what both sides hold at once. */
export const CHUNK_ROWS = 5000;
const CHUNK_CHARACTERS = 8_000_000;

/** The rows as an array of objects. @throws `usage` */
export function readRows(rows: unknown): readonly GivenRow[] {
  if (Array.isArray(rows)) return rows as readonly GivenRow[];
  throw new RevgraphError('usage', {
    message: 'The rows must be an array.',
    hint: 'For iterables and async iterables, use copyInto. It keeps one row at a time in memory.',
  });
}

/** The columns that rows write: the keys of the first. @throws `bad_row` */
export function keysOf(row: unknown, number: number, table: string): string[] {
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) {
    const keys = Object.keys(row);
    if (keys.length > 0) return keys;
  }
  throw new RevgraphError('bad_row', {
    table,
    row: number,
    column: null,
    reason: 'it is not an object with columns',
  });
}

/** Every row has the same columns as the first: which default was meant can't be guessed. @throws `bad_row` */
export function assertShape(
  row: unknown,
  number: number,
  columns: readonly BulkColumn[],
  table: BulkTable,
): asserts row is GivenRow {
  const keys = keysOf(row, number, table.name);
  if (keys.length <= columns.length) return;
  const known = new Set(columns.map(({ name }) => name));
  const extra = keys.find((key) => !known.has(key)) ?? null;
  throw badRow(table, number, extra, 'the first row does not have this column');
}

/** Looks at every value, so that nothing is sent of rows of which one is wrong. @throws `bad_row` */
export function assertRows(
  rows: readonly GivenRow[],
  columns: readonly BulkColumn[],
  table: BulkTable,
  from = 0,
): void {
  for (let at = from; at < rows.length; at++) {
    const row = rows[at];
    assertShape(row, at + 1, columns, table);
    for (const column of columns) valueText(row, at + 1, column, table);
  }
}

/** No two rows of one call may have the same key: which of them is meant to win? @throws `bad_row` */
export function assertKeys(rows: readonly GivenRow[], keys: readonly BulkColumn[], table: BulkTable): void {
  const seen = new Map<string, number>();
  for (let at = 0; at < rows.length; at++) {
    const parts = keys.map((column) => {
      const text = valueText(rows[at] as GivenRow, at + 1, column, table);
      if (text === null) throw badRow(table, at + 1, column.name, 'the key is null');
      return text;
    });
    const key = parts.join('\0');
    const before = seen.get(key);
    if (before !== undefined) throw sameKey(table, at + 1, keys, before);
    seen.set(key, at + 1);
  }
}

export const sameKey = (table: BulkTable, row: number, keys: readonly BulkColumn[], before: number) =>
  badRow(table, row, keys.map(({ name }) => name).join(', '), `it has the same key as row ${before}`);

/** Rows that go in one statement: one array literal per column. */
export interface RowChunk {
  /** Index of the first row. */
  readonly from: number;
  readonly count: number;
  readonly values: readonly string[];
}

/**
 * {@link chunks} of rows that nobody looked at yet: whatever is wrong is told before the first chunk is handed out, whose
 * values are not made twice. Most calls have one chunk.
 * @throws `bad_row`
 */
export function* checkedChunks(
  rows: readonly GivenRow[],
  columns: readonly BulkColumn[],
  table: BulkTable,
  size: number,
): Generator<RowChunk> {
  for (const chunk of chunks(rows, columns, table, size)) {
    if (chunk.from === 0) assertRows(rows, columns, table, chunk.count);
    yield chunk;
  }
}

/** Cuts rows into chunks, one at a time. */
export function* chunks(
  rows: readonly GivenRow[],
  columns: readonly BulkColumn[],
  table: BulkTable,
  size: number,
): Generator<RowChunk> {
  for (let from = 0; from < rows.length; ) {
    const values = columns.map(() => '{');
    const end = Math.min(rows.length, from + size);
    let characters = 0;
    let at = from;
    for (; at < end && characters < CHUNK_CHARACTERS; at++) {
      assertShape(rows[at], at + 1, columns, table);
      for (let c = 0; c < columns.length; c++) {
        const text = element(rows[at] as GivenRow, at + 1, columns[c] as BulkColumn, table);
        characters += text.length;
        values[c] += at === from ? text : `,${text}`;
      }
    }
    yield { from, count: at - from, values: values.map((value) => `${value}}`) };
    from = at;
  }
}

function element(row: GivenRow, number: number, column: BulkColumn, table: BulkTable): string {
  const text = valueText(row, number, column, table);
  if (text === null) return 'NULL';
  const kind = typeof row[column.name];
  return column.kind !== 'json' && (kind === 'number' || kind === 'boolean') ? text : quoted(text);
}
