import type { CheckAnswer } from '../run/verification.js';
import type { DatabaseOptions } from './options.js';
import type { EndedCheck } from './standing.js';

export interface VerifyOptions extends DatabaseOptions {
  /** Longest time of one statement, in ms. 0 = no limit. Default 60,000. */
  readonly statementTimeoutMs?: number | undefined;
}

export interface VerifyResult {
  readonly ok: boolean;
  /** Every check that stands: of applied revisions, parents first, and of the configuration. */
  readonly checks: readonly CheckAnswer[];
  /** Checks that a later revision has ended: they were not asked. */
  readonly ended: readonly EndedCheck[];
}

/**
 * Asks again what applied revisions promised (`@verify`), and the `checks` given: each in a transaction that is rolled back.
 * All are asked; none stops the others. Takes no lock, writes nothing.
 * @throws `unknown_row` where the version table holds what the graph doesn't have; `graph_invalid` for a wrong `until`
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const { verifyDatabase } = await import('./verifying.js');
  return verifyDatabase(options);
}
