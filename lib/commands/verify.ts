import type { VerifyOptions, VerifyResult } from '../apply/verify.js';

/**
 * Asks again what applied revisions promised (`@verify`), and the `checks` given: each in a transaction that is rolled back.
 * All are asked; none stops the others. Takes no lock, writes nothing.
 * @throws `unknown_row` where the version table holds what the graph doesn't have; `graph_invalid` for a wrong `until`
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { verifyDatabase } = await import('../apply/verify.js');
  return verifyDatabase(await checkOptions('verify', options));
}
