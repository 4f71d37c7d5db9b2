import type { TrialFailure } from '../run/second-pass.js';
import type { RunOptions } from './options.js';

export interface IdempotenceOptions extends RunOptions {
  /** The revision whose upgrade is run once more: an id, a prefix, a label. It must be applied. */
  readonly revision: string;
}

/** Rows of a table whose content a second run changed. */
export interface ChangedTable {
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export interface IdempotenceResult {
  readonly revision: string;
  /** True if a second run changes no row, no object, and does not fail. */
  readonly idempotent: boolean;
  /** Whether its header says `@idempotent`. */
  readonly declared: boolean;
  readonly changed: readonly ChangedTable[];
  readonly facts: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Why a second run failed; null if it did not. */
  readonly error: TrialFailure | null;
}

/**
 * Runs the upgrade of an applied revision once more in a transaction that is always rolled back, under the lock, and tells
 * what it changed. A row counts if its content differs: an update that writes what is there does not.
 *
 * What a transaction does not hold remains: numbers that sequences gave, and what code does outside of the database.
 * @throws `trial_refused` for a revision outside a transaction; `usage` for one that is not applied
 */
export async function verifyIdempotent(options: IdempotenceOptions): Promise<IdempotenceResult> {
  const { tryAgain } = await import('./idempotence-trial.js');
  return tryAgain(options);
}
