import { isRevgraphError, RevgraphError } from '../errors/error.js';
import type { Graph } from './graph.js';
import { BASE, lookup, lookupOne, type Position, splitBranch } from './lookup.js';
import { assertApart } from './overlap.js';
import { downgradeTargets, parseRelative, rowNumbers, upgradeTargets } from './target.js';
import { reach } from './walk.js';

/**
 * The revisions of a range, newest first: `A:B`, `A:`, `:B`; both ends included. `current` stands for the rows.
 * Without a range: everything.
 *
 * @param rows ids in the version table, for `current`
 * @throws `bad_range`, `not_an_ancestor` (A is not below B), and what resolving a target throws
 */
export function historyRange(graph: Graph, range = ':', rows: readonly string[] = []): string[] {
  const ends = range.trim().split(':');
  if (ends.length !== 2) throw new RevgraphError('bad_range', { range });
  const [from, to] = ends as [string, string];
  const upper = to === 'current' ? rows : to === '' ? 'heads' : to;
  const lower = from === 'current' ? rows : from === '' ? 'base' : from;
  const targets = upperEnd(graph, upper, lower);
  const required = graph.closure(targets.filter((n) => n !== BASE));
  const low = lowerEnd(graph, upper, lower);
  for (const n of low)
    if (required[n] !== 1)
      throw new RevgraphError('not_an_ancestor', { target: graph.idOf(n), of: graph.idsOf(targets) });
  if (low.length === 0) return newestFirst(graph, (n) => required[n] === 1);
  assertApart(graph, low);
  const between = reach(graph.successors, low);
  const below = graph.closure(low);
  const inclusive = new Set(low);
  return newestFirst(
    graph,
    (n) => required[n] === 1 && (inclusive.has(n) || (between[n] === 1 && below[n] !== 1)),
  );
}

function newestFirst(graph: Graph, belongs: (n: number) => boolean): string[] {
  const ids: string[] = [];
  for (let n = graph.size - 1; n >= 0; n--) if (belongs(n)) ids.push(graph.idOf(n));
  return ids;
}

/** The upper end; a lower end `BRANCH@…` keeps only what bears that branch's label. `+N` counts from the lower end. */
function upperEnd(
  graph: Graph,
  upper: string | readonly string[],
  lower: string | readonly string[],
): Position[] {
  const found =
    typeof upper === 'string'
      ? upgradeTargets(graph, startOf(graph, upper, lower), upper, true)
      : rowNumbers(graph, upper);
  const targets = found.filter((n) => n !== BASE);
  assertApart(graph, targets);
  const branch = typeof lower === 'string' ? splitBranch(lower).branch : null;
  if (branch === null) return targets;
  const bearer = lookupOne(graph, branch);
  const label = bearer !== BASE && graph.idOf(bearer) === branch ? graph.labelsOf(bearer)[0] : branch;
  return targets.filter((n) => label !== undefined && graph.labelsOf(n).includes(label));
}

/** The rows that an upper end `+N` counts from: the lower end. */
function startOf(graph: Graph, upper: string, lower: string | readonly string[]): readonly string[] {
  if (typeof lower !== 'string') return lower;
  const relative = parseRelative(graph, upper);
  if (relative === null || relative.symbol !== null || relative.steps <= 0) return [];
  const found = relative.branch === null ? [lookupOne(graph, lower)] : lookup(graph, lower);
  return graph.idsOf(found.filter((n) => n !== BASE));
}

/** The lower end; `-N` counts down from the upper one, and stops at the base. */
function lowerEnd(
  graph: Graph,
  upper: string | readonly string[],
  lower: string | readonly string[],
): number[] {
  if (typeof lower !== 'string') return rowNumbers(graph, lower);
  try {
    return lookup(graph, lower).filter((n) => n !== BASE);
  } catch (error) {
    if (!isRevgraphError(error, 'relative_out_of_range')) throw error;
    const from = typeof upper === 'string' ? graph.idsOf(lookup(graph, upper)) : upper;
    const to = downgradeTargets(graph, from, lower, true)[0]?.to ?? BASE;
    return to === BASE ? [] : [to];
  }
}
