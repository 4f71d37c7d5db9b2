import type { StampResult } from '../evidence/stamp.js';
import type { StampOptions } from '../evidence/stamp-target.js';

/**
 * Sets the rows of the version table without running revisions.
 * @throws `confirmation_needed` for a database with tables and no version table, unless `confirmed`. With `auto`:
 * `unidentified` if the schema does not match one revision with certainty. Nothing is written then.
 */
export async function stamp(options: StampOptions): Promise<StampResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { stampDatabase } = await import('../evidence/stamp.js');
  return stampDatabase(await checkOptions('stamp', options));
}
