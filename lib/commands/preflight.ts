import type { RunOptions } from './options.js';
import type { PreflightCheck } from './preflight-check.js';

export interface PreflightOptions extends Omit<RunOptions, 'preflight' | 'dryRun' | 'lock' | 'lockWaitMs'> {
  /** Where the database is to be brought. Default `head`; a downgrade needs one. */
  readonly target?: string | readonly string[] | undefined;
  /** Default `upgrade`. */
  readonly direction?: 'upgrade' | 'downgrade' | undefined;
}

export interface PreflightResult {
  /** False: a check says no. */
  readonly ok: boolean;
  readonly target: string;
  /** Rows before and after. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Ids in order. */
  readonly steps: readonly string[];
  readonly checks: readonly PreflightCheck[];
}

/**
 * The checklist before an upgrade or a downgrade: plans it and looks up in the database what would fail, what would be
 * lost, who is in the way. Reads only; the prechecks of the revisions are left to the run.
 *
 * @throws what planning throws. A check that says no is no error: `ok` is false then.
 */
export async function preflight(options: PreflightOptions): Promise<PreflightResult> {
  const { checklist } = await import('./preflighting.js');
  return checklist(options);
}
