import type { PreflightOptions, PreflightResult } from '../apply/checklist.js';

/**
 * Checks an upgrade or a downgrade before it runs: makes the plan, and looks up in the database what would fail, what would be
 * lost, and who blocks. Reads only. Prechecks of the revisions are left to the run.
 *
 * @throws what planning throws. A check with the status `no` does not throw: `ok` is false then.
 */
export async function preflight(options: PreflightOptions): Promise<PreflightResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { checklist } = await import('../apply/checklist.js');
  return checklist(await checkOptions('preflight', options), async (opened) => {
    const { warnOfContradiction } = await import('../evidence/contradiction.js');
    await warnOfContradiction(opened);
  });
}
