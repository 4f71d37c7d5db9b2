import type { Queryable, SendCopy } from '../connection/session.js';
import type { CopyIntoResult } from './copy.js';
import type {
  InsertManyOptions,
  InsertManyResult,
  UpdateManyOptions,
  UpdateManyResult,
  UpsertManyOptions,
  UpsertManyResult,
} from './options.js';

/** What writes many rows with few statements, on one connection. */
export interface Bulk {
  /** See {@link InsertManyOptions}; answers how many were inserted and skipped. */
  insertMany(table: string, rows: readonly object[], options?: InsertManyOptions): Promise<InsertManyResult>;
  /** Sets columns of the rows found by `key`; answers how many were updated, and how many given found none. */
  updateMany(table: string, rows: readonly object[], options: UpdateManyOptions): Promise<UpdateManyResult>;
  /** Inserts rows, or sets columns where a row with this key is there; answers how many of each. */
  upsertMany(table: string, rows: readonly object[], options: UpsertManyOptions): Promise<UpsertManyResult>;
  /** Inserts rows by COPY, pulled one by one as the server takes them. */
  copyInto(table: string, rows: Iterable<object> | AsyncIterable<object>): Promise<CopyIntoResult>;
}

/** The bulk functions on a connection. Their code is loaded with the first call: most revisions have none. */
export function openBulk(client: Queryable & { readonly sendCopy?: SendCopy | undefined }): Bulk {
  const bulk = () => import('./insert.js');
  return {
    insertMany: async (table, rows, options) => (await bulk()).insertMany(client, table, rows, options),
    updateMany: async (table, rows, options) => (await bulk()).updateMany(client, table, rows, options),
    upsertMany: async (table, rows, options) => (await bulk()).upsertMany(client, table, rows, options),
    copyInto: async (table, rows) => (await import('./copy.js')).copyInto(client, table, rows),
  };
}
