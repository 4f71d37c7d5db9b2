import type { PreflightOptions, PreflightResult } from '../apply/checklist.js';

/**
 * The checklist before an upgrade or a downgrade: plans it and looks up in the database what would fail, what would be
 * lost, who is in the way. Reads only; the prechecks of the revisions are left to the run.
 *
 * @throws what planning throws. A check that says no is no error: `ok` is false then.
 */
export async function preflight(options: PreflightOptions): Promise<PreflightResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { checklist } = await import('../apply/checklist.js');
  return checklist(await checkOptions('preflight', options), async (opened) => {
    const { warnOfContradiction } = await import('../evidence/contradiction.js');
    await warnOfContradiction(opened);
  });
}
