import type { IdentifyResult } from './identify.js';
import type { DatabaseOptions } from './options.js';
import type { Project } from './project.js';

/**
 * Revisions that the version table claims and the schema denies. Only said where the schema is certain: that it fits exactly
 * one set of revisions, and these are not in it.
 *
 * @param options the database, for a closer look
 */
export async function contradictions(
  { match, claimed, applied, undetermined }: IdentifyResult,
  { graph }: Project,
  _options: DatabaseOptions,
): Promise<readonly string[]> {
  if (match !== 'exact') return [];
  const possible = new Set([...applied, ...undetermined]);
  const claims = graph.closure(claimed.flatMap((row) => graph.numberOf(row) ?? []));
  return graph.ids.filter((id, n) => claims[n] === 1 && !possible.has(id));
}
