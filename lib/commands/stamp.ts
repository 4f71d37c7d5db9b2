import type { StampResult } from '../evidence/stamp.js';
import type { StampOptions } from '../evidence/stamp-target.js';

/**
 * Sets the rows of the version table without running revisions.
 * @throws `confirmation_needed` for a database with tables and no version table, unless `confirmed`. With `auto`:
 * `unidentified` if the schema does not match one revision with certainty. Nothing is written then.
 */
export async function stamp(options: StampOptions): Promise<StampResult> {
  const { stampDatabase } = await import('../evidence/stamp.js');
  return stampDatabase(options);
}

/** Returns the stamp as a script for `psql`. */
export async function stampScript(options: StampOptions): Promise<StampResult & { readonly text: string }> {
  const { stampAsScript } = await import('../evidence/stamp.js');
  return stampAsScript(options);
}
