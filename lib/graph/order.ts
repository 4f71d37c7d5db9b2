import type { Links } from './walk.js';

/**
 * Topological order, ties broken by id: Kahn's algorithm with a binary heap of the nodes whose parents are all out
 * (A. B. Kahn, Topological sorting of large networks, CACM 5, 1962).
 *
 * Append-stable: a new revision only has parents among the old ones, so it never delays an old one, and it sits in the
 * heap beside them without changing which of two old ones is smaller. O(edges + n log w), w = revisions open at once.
 *
 * @param parents parents per node
 * @param ids id per node; must be distinct
 * @param first which of two that may come next does; `greatest` gives the order that differs most from the usual one
 * @returns node numbers, parents first; nodes on or behind a cycle are left out
 */
export function topologicalOrder(
  parents: Links,
  ids: readonly string[],
  first: 'least' | 'greatest' = 'least',
): number[] {
  const { offsets, children } = childLists(parents);
  const waiting = Int32Array.from(parents, (p) => p.length);
  const sign = first === 'least';
  const ready = new Heap((a, b) => (ids[a] as string) < (ids[b] as string) === sign);
  for (let node = 0; node < waiting.length; node++) if (waiting[node] === 0) ready.push(node);
  const order: number[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    order.push(node);
    for (let at = offsets[node] as number; at < (offsets[node + 1] as number); at++) {
      const child = children[at] as number;
      const left = (waiting[child] as number) - 1;
      waiting[child] = left;
      if (left === 0) ready.push(child);
    }
  }
  return order;
}

/**
 * Children of all nodes in one array, those of node n from `offsets[n]` up to `offsets[n + 1]`: only needed for a moment, and
 * an array per node would leave as much to the garbage collector as the graph itself.
 */
function childLists(parents: Links): { offsets: Int32Array; children: Int32Array } {
  const offsets = new Int32Array(parents.length + 1);
  for (const above of parents)
    for (const parent of above) offsets[parent + 1] = (offsets[parent + 1] as number) + 1;
  for (let n = 0; n < parents.length; n++)
    offsets[n + 1] = (offsets[n + 1] as number) + (offsets[n] as number);
  const free = offsets.slice();
  const children = new Int32Array(offsets[parents.length] as number);
  for (let node = 0; node < parents.length; node++)
    for (const parent of parents[node] as readonly number[]) {
      const at = free[parent] as number;
      children[at] = node;
      free[parent] = at + 1;
    }
  return { offsets, children };
}

/** Binary heap, least first. */
class Heap {
  readonly #items: number[] = [];
  readonly #before: (a: number, b: number) => boolean;

  constructor(before: (a: number, b: number) => boolean) {
    this.#before = before;
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#before(item, items[above] as number)) break;
      items[at] = items[above] as number;
      at = above;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return least;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && this.#before(items[below + 1] as number, items[below] as number))
        below++;
      if (!this.#before(items[below] as number, last)) break;
      items[at] = items[below] as number;
      at = below;
    }
    items[at] = last;
    return least;
  }
}
