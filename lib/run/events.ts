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

/** The events of a run, all passed to `onEvent`. */
export type Event =
  /** Another process has the embedded database open. */
  | { readonly type: 'database-busy'; readonly holder: string }
  /** No server is there yet; it is tried again. */
  | { readonly type: 'database-waiting'; readonly reason: string }
  /** Another run holds the lock. Emitted again when the holder changes. */
  | { readonly type: 'lock-waiting'; readonly holder: string }
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
  | {
      readonly type: 'step-started';
      readonly revision: string;
      readonly message: string;
      readonly direction: Direction;
      /** From 1. */
      readonly number: number;
      readonly total: number;
    }
  | {
      readonly type: 'step-finished';
      readonly revision: string;
      readonly message: string;
      readonly direction: Direction;
      readonly number: number;
      readonly total: number;
      readonly ms: number;
    }
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

export type EventListener = (event: Event) => void;

/**
 * The caller's listener, guarded: what it throws, or rejects with, is its own. It neither stops a run nor ends the process;
 * Node prints it as a warning, once per listener.
 */
export function listenTo<E>(listener: ((event: E) => unknown) | undefined): (event: E) => void {
  if (listener === undefined) return () => {};
  let told = false;
  const warn = (error: unknown): void => {
    if (told) return;
    told = true;
    const reason = error instanceof Error ? error.message : String(error);
    process.emitWarning(`onEvent threw: ${reason}`, { type: 'RevgraphWarning', code: 'LISTENER_FAILED' });
  };
  return (event) => {
    try {
      const answer = listener(event);
      // Not by instanceof: a promise may be of another library, or of another realm.
      if (typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function')
        Promise.resolve(answer).catch(warn);
    } catch (error) {
      warn(error);
    }
  };
}
