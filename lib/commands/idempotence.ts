import type { IdempotenceOptions, IdempotenceResult } from '../apply/idempotence.js';

/**
 * Runs the upgrade of an applied revision once more in a transaction that is always rolled back, under the lock, and tells
 * what it changed. A row counts if its content differs: an update that writes what is there does not.
 *
 * What a transaction does not hold remains: numbers that sequences gave, and what code does outside of the database.
 * @throws `trial_refused` for a revision outside a transaction; `usage` for one that is not applied
 */
export async function verifyIdempotent(options: IdempotenceOptions): Promise<IdempotenceResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { tryIdempotence } = await import('../apply/idempotence.js');
  return tryIdempotence(await checkOptions('verifyIdempotent', options));
}
