import type { StampResult } from '../evidence/stamp.js';
import type { StampOptions } from '../evidence/stamp-target.js';

/**
 * Moves the rows of the version table without running anything.
 * @throws `confirmation_needed` on a database that has tables and no version table; with `auto`: `unidentified` where the
 * schema is that of no revision, or of several that must not be told apart by guessing. Then nothing is written.
 */
export async function stamp(options: StampOptions): Promise<StampResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { stampDatabase } = await import('../evidence/stamp.js');
  return stampDatabase(await checkOptions('stamp', options));
}
