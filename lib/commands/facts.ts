import type { DatabaseOptions } from '../config/options.js';
import type { Fact } from '../fingerprint/fact.js';

/** All facts of a database, sorted: what there is in its schema, a line per object, and no data. One round trip. */
export async function facts(options: Omit<DatabaseOptions, 'revisions'>): Promise<readonly Fact[]> {
  const { checkOptions } = await import('../config/check-options.js');
  const { factsOf } = await import('../evidence/facts.js');
  return factsOf(await checkOptions('facts', options));
}
