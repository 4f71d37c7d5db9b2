import type { EventListener } from './events.js';

/** How steps are run; every default is here and nowhere else. */
export interface StepOptions {
  /** How long a statement waits for a table lock, in ms; then the step is rolled back and tried again. 0 = for ever. */
  readonly lockTimeoutMs?: number | undefined;
  /** How often a step is tried again after a lock timeout. */
  readonly lockRetries?: number | undefined;
  /** Longest time of one statement, in ms. 0 = no limit. */
  readonly statementTimeoutMs?: number | undefined;
  /**
   * Revisions that run in the background: `queue` (default) leaves them to `backfill work`, `inline` runs them in place. On an
   * empty database they always run in place.
   */
  readonly background?: 'queue' | 'inline' | undefined;
  /** Who does this, for the ledger. Default: the operating system's user. */
  readonly actor?: string | undefined;
  /** Application and version, for the ledger and `pg_stat_activity`. */
  readonly application?: string | undefined;
  readonly onEvent?: EventListener | undefined;
  /** Honoured between steps and while waiting; a step that has begun is finished or fails by itself. */
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
