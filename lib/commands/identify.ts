import type { IdentifyOptions, IdentifyResult } from '../evidence/identify.js';

/**
 * Finds the revisions of a database from its schema. Writes nothing.
 * @throws `catalogue_missing`, `catalogue_invalid`, `catalogue_stale`
 */
export async function identify(options: IdentifyOptions): Promise<IdentifyResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { identifyDatabase } = await import('../evidence/identify.js');
  return identifyDatabase(await checkOptions('identify', options));
}
