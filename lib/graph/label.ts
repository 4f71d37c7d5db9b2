import type { Links } from './walk.js';

/**
 * Labels as they spread over a line: to every descendant of the revision that bears them and, where the line above it is
 * a plain chain, to its ancestors down to, but not including, the next branch or merge point (as Alembic does).
 *
 * @param bearers label → number of the revision that bears it
 * @param revises parents in history per node
 * @param children children in history per node
 * @param dependents how many revisions depend on or revise a node, per node
 * @returns labels per node, only for nodes that have any
 */
export function spreadLabels(
  bearers: ReadonlyMap<string, number>,
  revises: Links,
  children: Links,
  dependents: Links,
): Map<number, string[]> {
  const spread = new Map<number, string[]>();
  const mark = (node: number, label: string): void => {
    const labels = spread.get(node);
    if (labels === undefined) spread.set(node, [label]);
    else if (!labels.includes(label)) labels.push(label);
  };
  const isPlain = (node: number): boolean =>
    (dependents[node]?.length ?? 0) <= 1 && (revises[node]?.length ?? 0) <= 1;
  const plainChain = (bearer: number): boolean => {
    let node: number | undefined = bearer;
    while (node !== undefined && isPlain(node)) node = children[node]?.[0];
    return node === undefined;
  };
  for (const [label, bearer] of bearers) {
    const seen = new Set([bearer]);
    for (const node of seen) {
      mark(node, label);
      for (const child of children[node] ?? []) seen.add(child);
    }
    if (!plainChain(bearer)) continue;
    for (
      let node: number | undefined = bearer;
      node !== undefined && isPlain(node);
      node = revises[node]?.[0]
    )
      mark(node, label);
  }
  return spread;
}
