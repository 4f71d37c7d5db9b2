import { RevgraphError } from '../../errors/error.js';
import { ended } from '../connection/ended.js';
import { copyVia } from '../connection/own-client.js';
import type { Queryable, SendCopy } from '../connection/session.js';
import { insertMany } from './insert.js';
import { assertShape, CHUNK_ROWS, type GivenRow, keysOf } from './rows.js';
import { copySql } from './statements.js';
import { assertWritable, type BulkColumn, type BulkTable, columnsOf, readTable } from './table.js';
import { badRow, valueText } from './value.js';

/** How large the pieces are in which rows go to the server, in characters. */
const PIECE = 65_536;

export interface CopyIntoResult {
  readonly inserted: number;
  /** `insert` where the connection can't COPY (embedded databases): the rows were inserted in chunks. */
  readonly method: 'copy' | 'insert';
}

/**
 * Inserts rows by COPY: one statement for any number of rows, of which only a few are held at a time. Rows are pulled when
 * the server has room for them.
 * @param rows an iterable or async iterable; the first row says which columns there are
 * @throws as insertMany; a bad row ends it when its turn comes: a COPY leaves nothing then, chunks leave those before it
 *   unless a transaction is open
 */
export async function copyInto(
  client: Queryable & { readonly sendCopy?: SendCopy | undefined },
  table: string,
  rows: Iterable<object> | AsyncIterable<object>,
): Promise<CopyIntoResult> {
  const sendCopy = client.sendCopy ?? copyVia(client);
  const method = sendCopy === undefined ? 'insert' : 'copy';
  const iterator = iterate(rows);
  const copy = async (): Promise<CopyIntoResult> => {
    const first = await iterator.next();
    if (first.done === true) return { inserted: 0, method };
    const target = await readTable(client, table);
    const columns = columnsOf(target, keysOf(first.value, 1, table));
    assertWritable(target, columns);
    const all = withFirst(first.value, iterator);
    const inserted =
      sendCopy === undefined
        ? await insertAll(client, target, columns, all)
        : await sendCopy(copySql(target, columns), pieces(target, columns, all));
    return { inserted, method };
  };
  // Whoever makes the rows may hold something open.
  return ended(copy, async () => iterator.return?.());
}

function iterate(rows: Iterable<object> | AsyncIterable<object>): Iterator<object> | AsyncIterator<object> {
  const source = rows as Partial<Iterable<object> & AsyncIterable<object>> | null | undefined;
  const iterator = source?.[Symbol.asyncIterator]?.() ?? source?.[Symbol.iterator]?.();
  if (iterator !== undefined) return iterator;
  throw new RevgraphError('usage', { message: 'The rows must be an iterable or an async iterable.' });
}

async function* withFirst(
  first: object,
  iterator: Iterator<object> | AsyncIterator<object>,
): AsyncGenerator<object> {
  yield first;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
}

async function insertAll(
  client: Queryable,
  table: BulkTable,
  columns: readonly BulkColumn[],
  rows: AsyncIterable<object>,
): Promise<number> {
  let inserted = 0;
  let held: object[] = [];
  let number = 0;
  const flush = async (): Promise<void> => {
    inserted += (await insertMany(client, table.sql, held)).inserted;
    held = [];
  };
  for await (const row of rows) {
    number++;
    assertShape(row, number, columns, table);
    for (const column of columns) valueText(row, number, column, table);
    held.push(row);
    if (held.length === CHUNK_ROWS) await flush();
  }
  if (held.length > 0) await flush();
  return inserted;
}

/** The text format of COPY. */
async function* pieces(
  table: BulkTable,
  columns: readonly BulkColumn[],
  rows: AsyncIterable<object>,
): AsyncGenerator<Buffer> {
  let piece = '';
  let number = 0;
  for await (const row of rows) {
    number++;
    assertShape(row, number, columns, table);
    piece += `${columns.map((column) => field(row, number, column, table)).join('\t')}\n`;
    if (piece.length < PIECE) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  if (piece !== '') yield Buffer.from(piece);
}

const SPECIAL = /[\\\n\r\t]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function field(row: GivenRow, number: number, column: BulkColumn, table: BulkTable): string {
  const text = valueText(row, number, column, table);
  if (text === null) return '\\N';
  if (column.kind === 'composite' && text.startsWith('{') && !column.isArray)
    throw badRow(
      table,
      number,
      column.name,
      "pass PostgreSQL's notation of a row as text, or use insertMany",
    );
  return SPECIAL.test(text) ? text.replace(/[\\\n\r\t]/g, (found) => ESCAPES[found] as string) : text;
}
