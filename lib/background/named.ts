import type { Graph } from '../graph/graph.js';
import { lookupId } from '../graph/lookup.js';

/**
 * The revision that somebody typed, by the rules of targets. Its file may be gone while its backfill is still there.
 * @param known revisions that have a backfill in the database
 * @throws `unknown_revision`, `ambiguous_prefix`
 */
export function named(graph: Graph, typed: string, known: readonly string[]): string {
  return lookupId(graph, typed, known) ?? typed;
}
