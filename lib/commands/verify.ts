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
