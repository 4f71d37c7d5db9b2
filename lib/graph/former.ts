import type { Problem } from '../errors/error.js';
import type { GraphNode } from './node.js';

/**
 * Collects the names that revisions had before (`@formerly`) and those of revisions whose work they took over
 * (`@replaces`). A squash that keeps the last id may name itself.
 */
export function formerNames(
  nodes: readonly GraphNode[],
  taken: { readonly index: ReadonlyMap<string, number>; readonly labels: ReadonlyMap<string, number> },
  problems: Problem[],
): Map<string, number> {
  const owners = new Map<string, number>();
  nodes.forEach((node, i) => {
    if (node.formerly === undefined && node.replaces === undefined) return;
    for (const name of [...(node.formerly ?? []), ...(node.replaces ?? [])]) {
      if (name === node.id) continue;
      const other = taken.index.get(name) ?? taken.labels.get(name) ?? owners.get(name);
      if (other === undefined) owners.set(name, i);
      else {
        const clashing = [node, nodes[other] as GraphNode];
        const files = clashing.flatMap(({ file }) => (file == null ? [] : [file]));
        problems.push({ code: 'former_id_taken', name, revisions: clashing.map(({ id }) => id), files });
      }
    }
  });
  return owners;
}

/** Revisions that took the place of others, with those. */
export function squashesOf(nodes: readonly GraphNode[]): ReadonlyMap<string, readonly string[]> {
  const squashes = new Map<string, readonly string[]>();
  for (const { id, replaces = [] } of nodes) if (replaces.length > 0) squashes.set(id, replaces);
  return squashes;
}

/** What revisions were called before, or took the place of: id → ids, of those that did. */
export function formerNamesOf(nodes: readonly GraphNode[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const { id, formerly = [], replaces = [] } of nodes)
    if (formerly.length + replaces.length > 0) names.set(id, [...formerly, ...replaces]);
  return names;
}

/**
 * The squash that took the place of an id that is not the last of those: it stands for no state of a database any more, for the
 * squash is more than it.
 */
export function squashedAway(
  graph: {
    readonly former: ReadonlyMap<string, number>;
    readonly squashes: ReadonlyMap<string, readonly string[]>;
    has(id: string): boolean;
    idOf(number: number): string;
  },
  id: string,
): { squash: string; last: string } | undefined {
  const number = graph.has(id) ? undefined : graph.former.get(id);
  if (number === undefined) return undefined;
  const squash = graph.idOf(number);
  const replaces = graph.squashes.get(squash) ?? [];
  const last = replaces.at(-1);
  return last === undefined || last === id || !replaces.includes(id) ? undefined : { squash, last };
}

/** Whether a file has a revision, under the id that it has today: one whose place a squash took has none. */
export function hasFile(
  graph: {
    readonly squashes: ReadonlyMap<string, readonly string[]>;
    has(id: string): boolean;
    today(id: string): string | undefined;
  },
  id: string,
): boolean {
  const today = graph.today(id);
  return graph.has(id) || (today !== undefined && graph.squashes.get(today)?.includes(id) !== true);
}
