import type { Direction } from '../plan/plan.js';
import type { BatchResult } from '../revision/batches.js';

/** Everything a run tells while it goes on, through one function. Silence is the default. */
export type Event =
  /** Another process has the embedded database open. */
  | { readonly type: 'database-busy'; readonly holder: string }
  /** Another run holds the lock; told again when the holder changes. */
  | { readonly type: 'lock-waiting'; readonly holder: string }
  /** A version table of Alembic's was found and is used in place. */
  | { readonly type: 'version-table-adopted'; readonly table: string }
  /** What `boot` found before it did anything. */
  | {
      readonly type: 'state-found';
      readonly state: 'empty' | 'legacy' | 'behind' | 'current' | 'ahead' | 'missed' | 'lost';
      readonly current: readonly string[];
    }
  /** The rows were moved without running anything, and why. */
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
  /** A table lock was not to be had in time: the step was rolled back and will be tried again. */
  | {
      readonly type: 'step-retried';
      readonly revision: string;
      readonly attempt: number;
      readonly pauseMs: number;
      readonly blocker: string | null;
    }
  /** Told after every batch of a backfill; numbers are those of all its runs. */
  | {
      readonly type: 'backfill-progress';
      readonly revision: string;
      readonly name: string;
      /** Rows when it began; null where they were not counted. */
      readonly total: number | null;
      readonly scanned: number;
      readonly changed: number;
      readonly skipped: number;
      readonly failed: number;
      /** Rows per second of this run. */
      readonly perSecond: number;
      readonly etaMs: number | null;
      /** Of the batch that was last: one text per key column. */
      readonly lastKey: readonly string[];
      /** Rows that it was read with. */
      readonly size: number;
    }
  | { readonly type: 'backfill-paused'; readonly revision: string; readonly name: string }
  | { readonly type: 'backfill-resumed'; readonly revision: string; readonly name: string }
  /** The next batch waits; told again when the reason changes. */
  | {
      readonly type: 'backfill-throttled';
      readonly revision: string;
      readonly name: string;
      readonly reason: string;
    }
  /** A row could not be changed; the rest goes on. */
  | {
      readonly type: 'row-quarantined';
      readonly revision: string;
      readonly name: string;
      readonly key: readonly string[];
      readonly error: string;
    }
  | ({ readonly type: 'backfill-finished' } & BatchResult)
  /** A revision that runs in the background waits for `backfill work`. */
  | { readonly type: 'backfill-queued'; readonly revision: string }
  /** What the code of a revision said. */
  | { readonly type: 'log'; readonly revision: string; readonly message: string }
  /** What the server said (RAISE NOTICE) during a revision. */
  | { readonly type: 'notice'; readonly revision: string; readonly message: string }
  | { readonly type: 'warning'; readonly message: string };

export type EventListener = (event: Event) => void;
