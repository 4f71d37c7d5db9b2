import type { CheckOptions, CheckResult } from '../project/check.js';

/** Checks the revisions without a database and without running code: graph, headers, SQL, one head. */
export async function check(options: CheckOptions): Promise<CheckResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { checkRevisions } = await import('../project/check.js');
  return checkRevisions(await checkOptions('check', options));
}
