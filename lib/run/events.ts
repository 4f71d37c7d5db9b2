import type { ErrorCode } from '../errors/error.js';
import type { Direction } from '../plan/plan.js';
import type { BatchResult } from '../revision/batches.js';

/**
 * `empty`: no version table, no tables · `legacy`: tables, but no version table · `behind`: revisions are pending ·
 * `current`: nothing pending · `ahead`: the version table holds ids that the graph doesn't have · `missed`: revisions below
 * applied ones never ran · `lost`: the ledger records revisions that the version table does not claim · `below`: only a part of
 * what a squash took the place of ran · `halfway`: a downgrade outside a transaction stopped halfway
 */
export type State =
  | 'empty'
  | 'legacy'
  | 'behind'
  | 'current'
  | 'ahead'
  | 'missed'
  | 'lost'
  | 'below'
  | 'halfway';

/** Which step of a run it is. */
interface StepPlace {
  readonly revision: string;
  readonly message: string;
  readonly direction: Direction;
  /** From 1. */
  readonly number: number;
  readonly total: number;
}

/** What happens in a run, as it is emitted: without its level. */
export type EventBody =
  /** Another process has the embedded database open. */
  | { readonly type: 'database-busy'; readonly holder: string }
  /** No server is there yet; it is tried again. */
  | { readonly type: 'database-waiting'; readonly reason: string }
  /** Another run holds the lock. Emitted again when the holder changes. */
  | { readonly type: 'lock-waiting'; readonly holder: string }
  /** The lock was obtained after waiting for it. Not emitted if it was free. */
  | { readonly type: 'lock-obtained'; readonly waitedMs: number }
  /** A version table of Alembic was found and is used in place. */
  | { readonly type: 'version-table-adopted'; readonly table: string }
  /** The state that `boot` found. */
  | {
      readonly type: 'state-found';
      readonly state: State;
      readonly current: readonly string[];
    }
  /** The version table was stamped. `why`: the reason or the evidence. */
  | { readonly type: 'stamped'; readonly to: readonly string[]; readonly why: string }
  | {
      readonly type: 'planned';
      readonly total: number;
      readonly from: readonly string[];
      readonly to: readonly string[];
    }
  | (StepPlace & { readonly type: 'step-started' })
  | (StepPlace & { readonly type: 'step-finished'; readonly ms: number })
  /** A step failed, or was aborted. The run ends with the same error. */
  | (StepPlace & {
      readonly type: 'step-failed';
      /** Since `step-started`. */
      readonly ms: number;
      /** Code of the error; null if it is not one of revgraph's. */
      readonly code: ErrorCode | null;
      readonly sqlstate: string | null;
      readonly reason: string;
    })
  /** A lock timeout, a deadlock or a serialization failure: the step was rolled back and will be attempted again. */
  | {
      readonly type: 'step-retried';
      readonly revision: string;
      readonly attempt: number;
      readonly pauseMs: number;
      /** 55P03, 40P01 or 40001. */
      readonly sqlstate: string;
      readonly blocker: string | null;
    }
  /** Emitted after every batch of a backfill. Counts include earlier runs. */
  | {
      readonly type: 'backfill-progress';
      readonly revision: string;
      readonly name: string;
      /** Number of rows at the start; null if they were not counted. */
      readonly total: number | null;
      readonly scanned: number;
      readonly changed: number;
      readonly skipped: number;
      readonly failed: number;
      /** Rows per second of this run. */
      readonly perSecond: number;
      readonly etaMs: number | null;
      /** Key of the last row, one string per key column. */
      readonly lastKey: readonly string[];
      /** Size of the last batch, in rows. */
      readonly size: number;
    }
  | { readonly type: 'backfill-paused'; readonly revision: string; readonly name: string }
  | { readonly type: 'backfill-resumed'; readonly revision: string; readonly name: string }
  /** The next batch waits. Emitted again when the reason changes. */
  | {
      readonly type: 'backfill-throttled';
      readonly revision: string;
      readonly name: string;
      readonly reason: string;
    }
  /** A row failed and is in quarantine. The backfill continues. */
  | {
      readonly type: 'row-quarantined';
      readonly revision: string;
      readonly name: string;
      readonly key: readonly string[];
      readonly error: string;
    }
  | ({ readonly type: 'backfill-finished' } & BatchResult)
  /** A background revision was queued for `backfill work`. */
  | { readonly type: 'backfill-queued'; readonly revision: string }
  /** A message of the code of a revision, through `log`. */
  | { readonly type: 'log'; readonly revision: string; readonly message: string }
  /** A notice of the server (RAISE NOTICE) during a revision. */
  | { readonly type: 'notice'; readonly revision: string; readonly message: string }
  | { readonly type: 'warning'; readonly message: string };

/** How much an event matters, in the words of loggers. */
export type EventLevel = 'debug' | 'info' | 'warn' | 'error';

/** The level of every type of event, those of `runMatrix` included. */
export const EVENT_LEVELS = {
  'database-busy': 'info',
  'database-waiting': 'warn',
  'lock-waiting': 'info',
  'lock-obtained': 'info',
  'version-table-adopted': 'info',
  'state-found': 'debug',
  stamped: 'info',
  planned: 'info',
  'step-started': 'debug',
  'step-finished': 'info',
  'step-failed': 'error',
  'step-retried': 'warn',
  'backfill-progress': 'debug',
  'backfill-paused': 'info',
  'backfill-resumed': 'info',
  'backfill-throttled': 'info',
  'row-quarantined': 'warn',
  'backfill-finished': 'info',
  'backfill-queued': 'info',
  log: 'info',
  notice: 'info',
  warning: 'warn',
  'path-started': 'debug',
  'path-finished': 'info',
} as const satisfies Readonly<Record<EventBody['type'] | 'path-started' | 'path-finished', EventLevel>>;

/** The name of an event: its `type`. */
export type EventType = keyof typeof EVENT_LEVELS;

/** An event as it is handed over: what happened, and the level of its type. */
export type WithLevel<E> = E & { readonly level: EventLevel };

/** The events of a run, all passed to `onEvent`. */
export type Event = WithLevel<EventBody>;

/** One event by its name: `EventOf<'step-finished'>`. */
export type EventOf<T extends Event['type']> = Extract<Event, { readonly type: T }>;

export type EventListener = (event: Event) => void;

/**
 * A logger shaped like pino: every event is one call of the method of its level, with an object and a message. The object has the
 * fields of the event, without `level`.
 */
export interface Logger {
  debug(fields: object, message: string): unknown;
  info(fields: object, message: string): unknown;
  warn(fields: object, message: string): unknown;
  error(fields: object, message: string): unknown;
}
