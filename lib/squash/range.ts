import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import { historyRange } from '../graph/history.js';
import { marked, reach } from '../graph/walk.js';

/** What a squash takes the place of, and where it stands. */
export interface SquashRange {
  /** Ids in the order in which they run; at least two. */
  readonly replaces: readonly string[];
  /** Parents of these outside. */
  readonly revises: readonly string[];
  readonly dependsOn: readonly string[];
  /** Revisions outside that stand on another one than the last: they will stand on the whole squash. */
  readonly standOnPart: readonly string[];
}

/**
 * The revisions of `FROM:TO`, both ends included. Pure.
 * @param range with ids of the graph; without a colon, everything up to that revision
 * @throws `squash_refused` for fewer than two, for several last ones, for one that is a squash itself, and where a revision
 * outside stands between two of them; what a range throws
 */
export function squashRange(graph: Graph, range: string): SquashRange {
  const replaces = historyRange(graph, range.includes(':') ? range : `base:${range}`).toReversed();
  const refuse = (reason: string): RevgraphError => new RevgraphError('squash_refused', { range, reason });
  if (replaces.length < 2)
    throw refuse(
      `it has ${replaces.length === 0 ? 'no revision' : 'one revision'}; a squash takes the place of two or more`,
    );
  const inside = graph.marksOf(replaces);
  const numbers = marked(inside);
  const outside = (links: readonly number[] = []): number[] => links.filter((n) => inside[n] !== 1);
  const last = numbers.filter((n) => graph.children[n]?.every((child) => inside[child] !== 1) ?? true);
  if (last.length > 1)
    throw refuse(
      `it ends in several revisions (${graph.idsOf(last).join(', ')}); name one that all others lead to`,
    );
  const squash = replaces.find((id) => graph.squashes.has(id));
  if (squash !== undefined)
    throw refuse(
      `${squash} is a squash itself (@replaces), and databases of before it may still exist; once there are none, delete that line of its header`,
    );
  const after = reach(graph.children, numbers);
  const before = graph.closure(numbers);
  const between = graph.ids.find((_, n) => inside[n] !== 1 && after[n] === 1 && before[n] === 1);
  if (between !== undefined)
    throw refuse(`${between} stands on one of them and below another; take it in, or end below it`);
  const parents = [...new Set(numbers.flatMap((n) => outside(graph.revises[n])))];
  const needed = [...new Set(numbers.flatMap((n) => outside(graph.dependsOn[n])))];
  return {
    replaces,
    revises: graph.idsOf(parents),
    dependsOn: graph.idsOf(needed.filter((n) => !parents.includes(n))),
    standOnPart: graph.ids.filter(
      (_, n) =>
        inside[n] !== 1 && graph.parents[n]?.some((parent) => inside[parent] === 1 && parent !== last[0]),
    ),
  };
}
