import type { Against, CheckOptions } from '../inspection/against.js';
import type { CheckResult } from '../project/check.js';

export type { Against, CheckOptions };

/**
 * Checks the revisions without running code: graph, headers, SQL, one head. With `against`, also what is wrong between them and
 * a database: missed, lost, edited and unknown revisions; with `release`, whether that release can run there. Nothing is written.
 * @throws `unknown_release`, `release_invalid`; what opening a database throws
 */
export async function check(
  options: CheckOptions,
): Promise<CheckResult & { readonly against: Against | null }> {
  const { checkOptions } = await import('../config/check-options.js');
  const { checkAll } = await import('../inspection/against.js');
  return checkAll(await checkOptions('check', options));
}
