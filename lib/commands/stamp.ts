import type { StampPlan } from '../plan/plan.js';
import type { RunOptions } from './options.js';

export interface StampOptions extends RunOptions {
  /** Where the database is said to be; `base` = nothing applied. Not with `auto`. */
  readonly targets?: readonly string[] | undefined;
  /** Let the evidence say where the database is; needs the catalogue of a folder of revisions. Default false. */
  readonly auto?: boolean | undefined;
  /**
   * With `auto`: where the database is said to be, whatever the evidence says. Needs a reason; the ledger keeps that and the
   * evidence.
   */
  readonly override?: string | readonly string[] | undefined;
  /** Why, for the ledger. */
  readonly reason?: string | undefined;
  /** A database with tables and no version table is only stamped if this is true: nothing shows that the stamp is right. */
  readonly confirmed?: boolean | undefined;
}

export interface StampResult {
  readonly direction: 'stamp';
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly steps: readonly [];
  readonly dryRun: boolean;
  /** What the stamp rests on. */
  readonly why: string;
  readonly plan: StampPlan;
}

/**
 * Moves the rows of the version table without running anything.
 * @throws `confirmation_needed` on a database that has tables and no version table; with `auto`: `unidentified` where the
 * schema is that of no revision, or of several that must not be told apart by guessing. Then nothing is written.
 */
export async function stamp(options: StampOptions): Promise<StampResult> {
  const { moveRows } = await import('./stamping.js');
  return moveRows(options);
}

/** The stamp as a script that `psql` can run. */
export async function stampScript(options: StampOptions): Promise<StampResult & { readonly text: string }> {
  const { moveRowsScript } = await import('./stamping.js');
  return moveRowsScript(options);
}
