import type { Problem } from '../errors/error.js';
import type { GraphNode } from './graph.js';

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
