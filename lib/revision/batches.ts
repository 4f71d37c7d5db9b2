import type { CodeDb } from './code-db.js';
import type { BackfillMark } from './header/batch-tag.js';

/** A row as the driver gives it. */
export type Row = Record<string, unknown>;

/** What becomes of one row: columns to set, and keys to add to jsonb objects. */
export interface RowChange {
  readonly set?: Readonly<Row> | undefined;
  /** Column → keys and their values. */
  readonly merge?: Readonly<Record<string, Readonly<Row>>> | undefined;
}

/** A row that stays as it is, and why. Made by `skip`. */
export interface Skipped {
  readonly skipped: string;
}

/** What a batch runs its statements on: the transaction of the batch. */
export type BatchDb = CodeDb;

/** What `change` is given beside a row. It runs outside any transaction: it may take its time. */
export interface RowContext {
  /** Leaves the row as it is; the reason is counted. */
  skip(reason: string): Skipped;
  readonly signal: AbortSignal;
}

/** What `run` is given beside its rows. It runs inside the transaction of the batch. */
export interface BatchContext {
  readonly db: BatchDb;
  /** Counts a row as left alone, with the reason. */
  skip(row: Row, reason: string): void;
  /** Puts a row into quarantine; the rest of the batch goes on. */
  fail(row: Row, error: unknown): void;
  /** Rows that were made, by table: counted, and told at the end. */
  created(table: string, rows: number): void;
  /** The id of the revision: what a mark holds. */
  readonly revision: string;
  /** True while a dry run tries the batch out, to be rolled back afterwards. */
  readonly preview: boolean;
  readonly signal: AbortSignal;
}

/** What stands between two batches. The longest of the pauses counts. */
export interface Throttle {
  /** Share of the time that may be spent at work, over 0 and at most 1. Default 1: no pause. */
  readonly share?: number | undefined;
  /** Waits while a standby is further behind than this, in ms. */
  readonly maxLagMs?: number | undefined;
  /** Waits while another session waits for a lock on the table. Default false. */
  readonly waitingLocks?: boolean | undefined;
  /** A query that answers true when the next batch may go on. */
  readonly when?: string | undefined;
}

/** A backfill: rows of a table (or a query) in the order of a key, batch by batch. */
export interface BatchDefinition<R extends Row = Row> {
  /** Name within the revision. Default: the table. */
  readonly name?: string | undefined;
  /** `name` or `schema.name`. */
  readonly table?: string | undefined;
  /** Instead of a table, a query whose rows have the key; for `run` only. */
  readonly source?: string | undefined;
  /** One or several columns that are unique together and never null. */
  readonly key: string | readonly string[];
  /** The first columns of the key, so many that rows which agree in them are never put into two batches. Default 0. */
  readonly group?: number | undefined;
  /** Columns that the code needs. Default: all. */
  readonly columns?: readonly string[] | undefined;
  /** A condition in SQL: rows that need no work are not even counted. */
  readonly where?: string | undefined;
  /**
   * Rows of the first batch. Default 500 (`change`: 50). Beyond it, batches of `change` grow only as long as they lock no
   * more than 1 % of the rows, for no more than about 10 ms.
   */
  readonly size?: number | undefined;
  /** Most rows of a batch. Default 20,000. */
  readonly maxSize?: number | undefined;
  /** How long a batch should take, in ms: its size follows. Default 500. */
  readonly targetMs?: number | undefined;
  /** Longest time of one statement of a batch, in ms; a batch that takes longer is halved. Default 30,000. */
  readonly statementTimeoutMs?: number | undefined;
  /** How long a statement waits for a lock, in ms; then the batch is tried again. Default: that of the run. */
  readonly lockTimeoutMs?: number | undefined;
  /** How many rows `change` works on at once. Default 8. */
  readonly concurrency?: number | undefined;
  /** What becomes of a row; null or undefined leaves it. Rows that change meanwhile are looked at again. */
  readonly change?: (
    row: R,
    context: RowContext,
  ) => RowChange | Skipped | null | undefined | Promise<RowChange | Skipped | null | undefined>;
  /**
   * Does the work of a whole batch. Rows that it neither skips nor fails count as changed, unless it answers how many
   * were.
   */
  readonly run?: (rows: readonly R[], context: BatchContext) => unknown;
  /**
   * Of `run` over a table: rows are read again in the transaction of the batch, and locked, so that nobody changes them
   * before it ends; what others changed or took away meanwhile is as they left it. Default true. False for rows that nobody changes.
   */
  readonly lock?: boolean | undefined;
  /** Marks the rows that are changed. With `change`, only what is null or absent is filled, so that undo is exact. */
  readonly mark?: string | BackfillMark | undefined;
  /** Tables in which `run` makes rows, and the mark that they carry: undo deletes exactly those, the last table first. */
  readonly creates?: readonly ({ readonly table: string } & BackfillMark)[] | undefined;
  /** A table that gets one row of statistics at the end: those of its columns that bear a name of {@link BatchResult}. */
  readonly audit?: string | { readonly table: string; row(result: BatchResult): Row } | undefined;
  readonly throttle?: Throttle | undefined;
}

/** What a backfill came to, all its runs together. */
export interface BatchResult {
  readonly revision: string;
  readonly name: string;
  /** Rows that were looked at = changed + skipped + failed, where rows are changed one by one. */
  readonly scanned: number;
  readonly changed: number;
  readonly skipped: number;
  /** Rows in quarantine. */
  readonly failed: number;
  /** Reason → rows that were skipped for it. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Table → rows that were made. */
  readonly created: Readonly<Record<string, number>>;
  readonly batches: number;
  /** Time at work, in ms. */
  readonly ms: number;
}

/** What an undo took back. */
export interface UndoResult {
  /** Rows whose change was taken back. */
  readonly restored: number;
  /** Table → rows that were deleted. */
  readonly deleted: Readonly<Record<string, number>>;
  /** Marked rows that are left: 0, or it failed. */
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
  /** Columns, or `column.key` of jsonb, that the statement fills: what undo takes back beside the mark. */
  readonly fills: readonly string[];
  readonly sql: string;
  readonly line: number;
  readonly file: string;
}
