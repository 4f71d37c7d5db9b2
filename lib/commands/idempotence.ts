import type { IdempotenceOptions, IdempotenceResult } from '../apply/idempotence.js';

/**
 * Runs the upgrade of an applied revision once more, under the lock, in a transaction that is always rolled back, and returns
 * what it changed. A row counts if its content differs: an update that writes the same values does not.
 *
 * Sequence numbers, and effects of code outside the database, are not rolled back.
 * @throws `trial_refused` for a revision outside a transaction; `usage` for one that is not applied
 */
export async function verifyIdempotent(options: IdempotenceOptions): Promise<IdempotenceResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { tryIdempotence } = await import('../apply/idempotence.js');
  return tryIdempotence(await checkOptions('verifyIdempotent', options));
}
