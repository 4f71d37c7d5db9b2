import type { IdempotenceOptions, IdempotenceResult } from '../apply/idempotence.js';
import type { VerifyOptions, VerifyResult } from '../apply/verify.js';

/**
 * Runs the `@verify` checks of all applied revisions, and `checks`, each in a transaction that is rolled back. A failed check
 * does not stop the others. Takes no lock, writes nothing.
 * @throws `unknown_row` if the version table has rows that are not in the graph; `graph_invalid` for an invalid `until`
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { verifyDatabase } = await import('../apply/verify.js');
  return verifyDatabase(await checkOptions('verify', options));
}

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
