import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import { BASE, lookup, lookupOne } from '../graph/lookup.js';

/** What a new revision stands on. */
export interface NewRevision {
  readonly revises: readonly string[];
  readonly dependsOn: readonly string[];
}

/**
 * Where a new revision goes: on `targets` (default: the one head).
 *
 * @param targets symbols; two or more revisions make a merge point, `base` a new base
 * @param options.splice allow a revision that is no head, which starts a new branch there
 * @param options.dependsOn prerequisites; prefixes are completed, labels stay labels
 * @throws `multiple_heads`, `not_a_head`, `duplicate_heads`
 */
export function planRevision(
  graph: Graph,
  targets: readonly string[] = ['head'],
  options: { splice?: boolean; dependsOn?: readonly string[] } = {},
): NewRevision {
  const found = targets.flatMap((target) => lookup(graph, target)).filter((n) => n !== BASE);
  const twice = found.find((n, i) => found.indexOf(n) !== i);
  if (twice !== undefined) throw new RevgraphError('duplicate_heads', { revision: graph.idOf(twice) });
  for (const n of found)
    if (options.splice !== true && graph.successors[n]?.length !== 0)
      throw new RevgraphError('not_a_head', { revision: graph.idOf(n), heads: graph.heads });
  return {
    revises: found.map((n) => graph.idOf(n)),
    dependsOn: (options.dependsOn ?? []).map((name) => (graph.labels.has(name) ? name : idOf(graph, name))),
  };
}

function idOf(graph: Graph, name: string): string {
  const number = lookupOne(graph, name);
  if (number === BASE)
    throw new RevgraphError('bad_target', { target: name, reason: 'a dependency must be a revision' });
  return graph.idOf(number);
}
