import type { Links } from './walk.js';

/**
 * One ring for every knot of nodes that reach each other: the shortest one through its least node, in order:
 * every node has the next one as a parent, the last one has the first.
 *
 * Strongly connected components by Tarjan's algorithm with an explicit stack (R. Tarjan, Depth-first search and linear
 * graph algorithms, SIAM J. Comput. 1, 1972), then a breadth-first search inside the component. A ring that has a way in
 * from a base and a way out to a head is found like any other. Self-loops are not looked for here. Linear time.
 */
export function findRings(parents: Links): number[][] {
  return knots(parents).map((knot) => shortestRing(parents, knot));
}

/** Components of more than one node. */
function knots(links: Links): number[][] {
  const n = links.length;
  const found = new Int32Array(n).fill(-1);
  const low = new Int32Array(n);
  const next = new Int32Array(n);
  const open: number[] = [];
  const isOpen = new Uint8Array(n);
  const path: number[] = [];
  const result: number[][] = [];
  let clock = 0;
  const enter = (node: number): void => {
    found[node] = low[node] = clock++;
    isOpen[node] = 1;
    open.push(node);
    path.push(node);
  };
  const lower = (node: number, value: number): void => {
    if (value < (low[node] as number)) low[node] = value;
  };
  const close = (node: number): void => {
    const members: number[] = [];
    let member: number;
    do {
      member = open.pop() as number;
      isOpen[member] = 0;
      members.push(member);
    } while (member !== node);
    if (members.length > 1) result.push(members);
  };
  for (let root = 0; root < n; root++) {
    if (found[root] !== -1) continue;
    enter(root);
    while (path.length > 0) {
      const node = path[path.length - 1] as number;
      const child = links[node]?.[next[node] as number];
      if (child === undefined) {
        path.pop();
        if (low[node] === found[node]) close(node);
        const above = path[path.length - 1];
        if (above !== undefined) lower(above, low[node] as number);
        continue;
      }
      next[node] = (next[node] as number) + 1;
      if (found[child] === -1) enter(child);
      else if (isOpen[child] === 1) lower(node, found[child] as number);
    }
  }
  return result;
}

/** The shortest way from the least node of the knot back to itself. */
function shortestRing(links: Links, knot: readonly number[]): number[] {
  const inside = new Set(knot);
  const start = knot.reduce((least, node) => Math.min(least, node));
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const next of links[node] ?? []) {
      if (next === start) return trace(cameFrom, start, node);
      if (!inside.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return [...knot];
}

function trace(cameFrom: ReadonlyMap<number, number>, start: number, last: number): number[] {
  const ring = [last];
  let node = last;
  while (node !== start) {
    node = cameFrom.get(node) as number;
    ring.push(node);
  }
  return ring.reverse();
}
