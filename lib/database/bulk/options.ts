import { RevgraphError } from '../../errors/error.js';
import { CHUNK_ROWS } from './rows.js';

/** Options of all that write many rows. */
export interface BulkOptions {
  /** Columns to give back of every row that was written, in the order of the rows given. Default: none. */
  readonly returning?: readonly string[];
  /** Rows per statement. Default 5,000; fewer where rows are large. */
  readonly chunk?: number;
}

export interface InsertManyOptions extends BulkOptions {
  /** `nothing`: a row that is in the way of a unique index is left alone, and counted as skipped. */
  readonly onConflict?: 'nothing';
}

export interface UpdateManyOptions extends BulkOptions {
  /** The columns that say which row is meant; all others of the rows are set. */
  readonly key: string | readonly string[];
}

export interface UpsertManyOptions extends UpdateManyOptions {
  /** The columns to change in a row that is there. Default: all but the key. */
  readonly update?: readonly string[];
}

/** `rows`: what `returning` asked for; [] where it did not. */
interface Returned {
  readonly rows: Record<string, unknown>[];
}

export interface InsertManyResult extends Returned {
  readonly inserted: number;
  /** Rows given that were not written: by `onConflict: 'nothing'`, or by a trigger. */
  readonly skipped: number;
}

export interface UpdateManyResult extends Returned {
  readonly updated: number;
  /** Rows given of which the table has none with this key. */
  readonly missing: number;
}

export interface UpsertManyResult extends Returned {
  readonly inserted: number;
  readonly updated: number;
}

export function sizeOf({ chunk = CHUNK_ROWS }: BulkOptions): number {
  if (Number.isInteger(chunk) && chunk > 0) return chunk;
  throw new RevgraphError('usage', { message: `chunk must be a number of rows, found ${String(chunk)}.` });
}
