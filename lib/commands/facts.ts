import type { DatabaseOptions } from '../config/options.js';
import type { Fact } from '../fingerprint/fact.js';

/** Reads all facts of a database, sorted: one line per schema object, without data. One round trip. */
export async function facts(options: Omit<DatabaseOptions, 'revisions'>): Promise<readonly Fact[]> {
  const { checkOptions } = await import('../config/check-options.js');
  const { factsOf } = await import('../evidence/facts.js');
  return factsOf(await checkOptions('facts', options));
}
