import type { EventListener } from './events.js';

/** How steps are run; every default is here and nowhere else. */
export interface StepOptions {
  /** How long a statement waits for a table lock, in ms. Then the step is rolled back and attempted again. 0: no limit. */
  readonly lockTimeoutMs?: number | undefined;
  /** How often a step is attempted again after a lock timeout. */
  readonly lockRetries?: number | undefined;
  /** Time limit of one statement, in ms. 0: no limit. */
  readonly statementTimeoutMs?: number | undefined;
  /**
   * Background revisions: `queue` (default) queues them for `backfill work`, `inline` runs them in place. On an empty database
   * they always run in place.
   */
  readonly background?: 'queue' | 'inline' | undefined;
  /** The user, for the ledger. Default: the user of the operating system. */
  readonly actor?: string | undefined;
  /** Application and version, for the ledger and `pg_stat_activity`. */
  readonly application?: string | undefined;
  readonly onEvent?: EventListener | undefined;
  /** Aborts the run between steps and while it waits. A step that has started is completed. */
  readonly signal?: AbortSignal | undefined;
}

export const STEP_DEFAULTS = {
  lockTimeoutMs: 5_000,
  lockRetries: 5,
  statementTimeoutMs: 0,
} as const;

/** Pause before try N (from 1): doubling from 250 ms, at most 8 s, with jitter so that two runs don't meet again. */
export function retryPause(attempt: number): number {
  return Math.round(Math.min(250 * 2 ** (attempt - 1), 8_000) * (0.75 + Math.random() / 2));
}
