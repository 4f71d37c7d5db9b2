import type { StampResult } from '../evidence/stamp.js';
import type { StampOptions } from '../evidence/stamp-target.js';

/**
 * Moves the rows of the version table without running anything.
 * @throws `confirmation_needed` on a database that has tables and no version table; with `auto`: `unidentified` where the
 * schema is that of no revision, or of several that must not be told apart by guessing. Then nothing is written.
 */
export async function stamp(options: StampOptions): Promise<StampResult> {
  const { stampDatabase } = await import('../evidence/stamp.js');
  return stampDatabase(options);
}

/** The stamp as a script that `psql` can run. */
export async function stampScript(options: StampOptions): Promise<StampResult & { readonly text: string }> {
  const { stampAsScript } = await import('../evidence/stamp.js');
  return stampAsScript(options);
}
