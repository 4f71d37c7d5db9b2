import type { Bulk } from '../database/bulk/bulk.js';
import type { Counts } from '../database/tables/backfill-counts.js';
import type { BackfillMark } from './header/batch-tag.js';

/** A row as the driver returns it. */
export type Row = Record<string, unknown>;

/** The change of one row: columns to set, and keys to add to jsonb objects. */
export interface RowChange {
  readonly set?: Readonly<Row> | undefined;
  /** Column → keys and their values. */
  readonly merge?: Readonly<Record<string, Readonly<Row>>> | undefined;
}

/** A skipped row with the reason. Returned by `skip`. */
export interface Skipped {
  readonly skipped: string;
}

/** Runs statements in the transaction of the batch. */
export type BatchDb = CodeDb;

/** The second argument of `change`. `change` runs outside transactions, so it may be slow. */
export interface RowContext {
  /** Skips the row. The reason is counted. */
  skip(reason: string): Skipped;
  readonly signal: AbortSignal;
}

/** The second argument of `run`. `run` runs inside the transaction of the batch. */
export interface BatchContext {
  readonly db: BatchDb;
  /** Counts a row as skipped, with the reason. */
  skip(row: Row, reason: string): void;
  /** Puts a row into quarantine. The other rows of the batch continue. */
  fail(row: Row, error: unknown): void;
  /** Counts rows that were inserted into a table, for the result. */
  created(table: string, rows: number): void;
  /** The id of the revision, to be written to the mark. */
  readonly revision: string;
  /** True in a dry run, which is rolled back afterwards. */
  readonly preview: boolean;
  readonly signal: AbortSignal;
}

/** Pauses between two batches. The longest one counts. */
export interface Throttle {
  /** Share of the time in which batches run, over 0 and at most 1. Default 1: no pause. */
  readonly share?: number | undefined;
  /** Waits while a standby lags more than this, in ms. */
  readonly maxLagMs?: number | undefined;
  /** Waits while another session waits for a lock on the table. Default false. */
  readonly waitingLocks?: boolean | undefined;
  /** A query that returns true when the next batch may run. */
  readonly when?: string | undefined;
}

/** A backfill: rows of a table (or a query) in the order of a key, batch by batch. */
export interface BatchDefinition<R extends Row = Row> {
  /** Name within the revision. Default: the table. */
  readonly name?: string | undefined;
  /** `name` or `schema.name`. */
  readonly table?: string | undefined;
  /** A query with the columns of the key, instead of a table. Only with `run`. */
  readonly source?: string | undefined;
  /** Columns that are unique together and never null. */
  readonly key: string | readonly string[];
  /** Number of leading key columns. Rows with the same values in them stay in one batch. Default 0. */
  readonly group?: number | undefined;
  /** Columns that the code needs. Default: all. */
  readonly columns?: readonly string[] | undefined;
  /** A condition in SQL. Rows that do not meet it are not read or counted. */
  readonly where?: string | undefined;
  /**
   * Rows of the first batch. Default 500 (`change`: 50). Beyond it, batches of `change` grow only as long as they lock no
   * more than 1 % of the rows, for no more than about 10 ms.
   */
  readonly size?: number | undefined;
  /** Maximum number of rows of a batch. Default 20,000. */
  readonly maxSize?: number | undefined;
  /** Time that a batch should take, in ms. The size follows it. Default 500. */
  readonly targetMs?: number | undefined;
  /** Time limit of a statement of a batch, in ms. A batch that takes longer is halved. Default 30,000. */
  readonly statementTimeoutMs?: number | undefined;
  /** How long a statement waits for a lock, in ms. Then the batch is attempted again. Default: that of the run. */
  readonly lockTimeoutMs?: number | undefined;
  /** How many rows `change` processes at once. Default 8. */
  readonly concurrency?: number | undefined;
  /** Decides one row. Null or undefined leaves it unchanged. Rows that change meanwhile are decided again. */
  readonly change?: (
    row: R,
    context: RowContext,
  ) => RowChange | Skipped | null | undefined | Promise<RowChange | Skipped | null | undefined>;
  /**
   * Changes a whole batch. Rows that it neither skips nor fails count as changed, unless it returns the number of changed rows.
   */
  readonly run?: (rows: readonly R[], context: BatchContext) => unknown;
  /**
   * With `run` and a table: read the rows again in the transaction of the batch, and lock them. Rows that other sessions have
   * changed or deleted meanwhile are left out. Default true. Use false for rows that nothing else changes.
   */
  readonly lock?: boolean | undefined;
  /** Marks changed rows. With `change`, only null or absent values are filled, so that an undo is exact. */
  readonly mark?: string | BackfillMark | undefined;
  /** Tables into which `run` inserts rows, and their mark. An undo deletes exactly those rows, the last table first. */
  readonly creates?: readonly ({ readonly table: string } & BackfillMark)[] | undefined;
  /** A table that gets one row of statistics at the end, in its columns that are named as in {@link BatchResult}. */
  readonly audit?: string | { readonly table: string; row(result: BatchResult): Row } | undefined;
  readonly throttle?: Throttle | undefined;
}

/** The result of a backfill, over all its runs. */
export interface BatchResult extends Counts {
  readonly revision: string;
  readonly name: string;
}

/** The result of an undo. */
export interface UndoResult {
  /** Rows that were restored. */
  readonly restored: number;
  /** Table → number of rows deleted. */
  readonly deleted: Readonly<Record<string, number>>;
  /** Marked rows that remain. If it is not 0, the undo failed. */
  readonly remaining: number;
}

/** The `@batch` section of a `.sql` file. */
export interface BatchSection {
  readonly title: string;
  readonly table: string;
  readonly key: readonly string[];
  readonly size: number | null;
  readonly where: string | null;
  readonly mark: BackfillMark | null;
  /** Columns, or `column.key` of jsonb, that the statement fills. An undo empties them and the mark. */
  readonly fills: readonly string[];
  readonly sql: string;
  readonly line: number;
  readonly file: string;
}

/** The connection that the code of a revision works on, and what writes many rows at once there. */
export interface CodeDb extends Bulk {
  /**
   * Runs one query, in the transaction of the step if it has one.
   * @param query text, or an object as `pg` takes it
   * @param params values of $1, $2 …
   * @throws `usage` for cursors, streams and callbacks, which a step can't do
   */
  query<R = Record<string, unknown>>(
    query: string | QueryConfig,
    params?: readonly unknown[],
  ): Promise<CodeResult<R>>;
}

/** A query as `pg` takes it. A `name` is taken, and nothing is prepared under it. */
export interface QueryConfig {
  readonly text: string;
  readonly values?: readonly unknown[] | undefined;
  readonly name?: string | undefined;
  /** Rows as arrays of values. */
  readonly rowMode?: 'array' | undefined;
  /** How values are read, by the oid of their type. */
  readonly types?:
    | { readonly getTypeParser: (oid: number, format?: never) => (value: never) => unknown }
    | undefined;
}

/** What a query answers, as `pg` gives it. */
export interface CodeResult<R = Record<string, unknown>> {
  rows: R[];
  /** Rows that were returned, or changed. */
  rowCount: number | null;
  /** `SELECT`, `INSERT` …; '' where the engine does not say. */
  command: string;
  fields: { name: string; dataTypeID: number }[];
}
