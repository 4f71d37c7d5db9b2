/** Neighbours of every node, by node number. Parents and children are both kept in this form. */
export type Links = readonly (readonly number[])[];

const NONE: readonly number[] = Object.freeze([]);

/**
 * Every node that can be reached from `starts` over `links`, the starts included, as a mark per node.
 * Explicit stack: a chain of 100,000 revisions is an ordinary case. Time and memory linear in the graph.
 */
export function reach(links: Links, starts: Iterable<number>): Uint8Array {
  const seen = new Uint8Array(links.length);
  const stack: number[] = [];
  const visit = (node: number): void => {
    if (seen[node] === 1) return;
    seen[node] = 1;
    stack.push(node);
  };
  for (const start of starts) visit(start);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const next of links[node] ?? []) visit(next);
  }
  return seen;
}

/** The numbers that are marked, ascending. */
export function marked(marks: Uint8Array): number[] {
  let count = 0;
  for (let node = 0; node < marks.length; node++) count += marks[node] as number;
  const nodes = new Array<number>(count);
  for (let node = 0, at = 0; node < marks.length; node++) if (marks[node] === 1) nodes[at++] = node;
  return nodes;
}

/** `links` the other way round. */
export function reversed(links: Links): Links {
  const back: (readonly number[])[] = new Array(links.length).fill(NONE);
  for (let node = 0; node < links.length; node++)
    for (const target of links[node] ?? NONE) {
      const sources = back[target];
      if (sources === undefined || sources === NONE) back[target] = [node];
      else (sources as number[]).push(node);
    }
  return back;
}
