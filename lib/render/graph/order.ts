/** Revisions as a drawing orders them. */
interface Ordered {
  readonly id: string;
  readonly parents: readonly string[];
}

/**
 * Children before parents, a line of revisions as a whole before the next one, so that few lanes are open at once: Kahn's algorithm
 * with a stack (as `git log --topo-order`). What comes first among equals is what comes last in the list.
 *
 * @param nodes parents before children
 */
export function topOrder<T extends Ordered>(nodes: readonly T[]): T[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const open = new Map(nodes.map(({ id }) => [id, 0]));
  for (const { parents } of nodes)
    for (const parent of new Set(parents))
      if (open.has(parent)) open.set(parent, (open.get(parent) ?? 0) + 1);
  const ready = nodes.filter(({ id }) => open.get(id) === 0);
  const ordered: T[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    ordered.push(node);
    for (const parent of [...new Set(node.parents)].reverse()) {
      const left = (open.get(parent) ?? 0) - 1;
      open.set(parent, left);
      if (left === 0) ready.push(byId.get(parent) as T);
    }
  }
  return ordered;
}
