import { RevgraphError } from '../errors/error.js';
import type { Graph } from './graph.js';
import { BASE, lookup, lookupOne, numbers, onLine, type Position, walk } from './lookup.js';
import { marked } from './walk.js';

/** `[BRANCH@][SYMBOL](+N|-N)` in its parts. */
export interface Relative {
  readonly branch: string | null;
  readonly symbol: string | null;
  readonly steps: number;
}

/** What is typed and ends in +N or -N counts from somewhere, as far as nothing has that name. */
export const COUNTS = /[+-]\d+$/;

/**
 * A target is relative if it ends in +N or -N. A label may have a hyphen (`shop-2`), so a target that names something
 * to the letter is never relative, with or without a branch in front.
 */
export function parseRelative(graph: Graph, target: string): Relative | null {
  if (typeof target !== 'string')
    throw new RevgraphError('bad_target', { target, reason: 'a single target must be a string' });
  const name = target.slice(target.lastIndexOf('@') + 1);
  if (graph.has(name) || graph.labels.has(name)) return null;
  const match = /^(?:(.+)@)?([^@+-]+)?([+-]\d{1,9})$/.exec(target);
  if (match === null) return null;
  return { branch: match[1] ?? null, symbol: match[2] ?? null, steps: Number(match[3]) };
}

const outOfRange = (target: string, reason: string): RevgraphError =>
  new RevgraphError('relative_out_of_range', { target, reason });

/**
 * The revisions that `upgrade TARGET` aims at, from a database that holds `rows`. An empty list means base: nothing.
 *
 * @param rows ids in the version table, in its order; only looked at if the target counts from there
 * @param target as typed, or several absolute targets
 * @param clamp a relative target that goes past the end stops there (history does that)
 */
export function upgradeTargets(
  graph: Graph,
  rows: readonly string[],
  target: string | readonly string[],
  clamp = false,
): Position[] {
  if (Array.isArray(target) && target.length !== 1) return target.flatMap((one) => lookup(graph, one));
  return upgradeTarget(graph, rows, Array.isArray(target) ? target[0] : target, clamp);
}

function upgradeTarget(graph: Graph, rows: readonly string[], target: string, clamp: boolean): Position[] {
  const relative = parseRelative(graph, target);
  if (relative === null) return lookup(graph, target);
  const { branch, symbol, steps } = relative;
  if (symbol === null && steps <= 0)
    throw outOfRange(target, 'an upgrade can only go up from the current revision');
  const from =
    symbol === null
      ? upgradeStart(graph, rows, branch, target)
      : lookupOne(graph, steps > 0 || branch === null ? symbol : `${branch}@${symbol}`);
  const found = walk(graph, from, steps, { target, branch: steps > 0 ? branch : null, clamp });
  if (found === null) throw outOfRange(target, 'it ends outside the graph');
  return [found];
}

/** Where `+N` and `LABEL@+N` start: the one row (of the branch), else the one tip of what is applied of it, else base. */
function upgradeStart(
  graph: Graph,
  rows: readonly string[],
  branch: string | null,
  target: string,
): Position {
  const ambiguous = (current: readonly string[]): RevgraphError =>
    new RevgraphError('ambiguous_upgrade', { target, current });
  if (branch === null && rows.length > 1) throw ambiguous(rows);
  const current = rowNumbers(graph, rows);
  if (branch === null) return current[0] ?? BASE;
  let starts = onLine(graph, current, branch);
  if (starts.length === 0) starts = tips(graph, onLine(graph, marked(graph.closure(current)), branch));
  if (starts.length > 1) throw ambiguous(graph.idsOf(starts));
  return starts[0] ?? BASE;
}

/** Members without a child among the members. */
function tips(graph: Graph, members: readonly number[]): number[] {
  const inside = new Set(members);
  return members.filter((n) => !graph.children[n]?.some((child) => inside.has(child)));
}

/** What a downgrade aims at: everything above `to` goes; a branch narrows what “above” means at a branch point. */
export interface DowngradeTarget {
  readonly branch: string | null;
  readonly to: Position;
}

/**
 * What `downgrade TARGET` leaves applied, from a database that holds `rows`: one answer, or one per row where `-N` could
 * start at several. Whether those come to the same is for the plan to say.
 */
export function downgradeTargets(
  graph: Graph,
  rows: readonly string[],
  target: string,
  clamp = false,
): DowngradeTarget[] {
  const relative = parseRelative(graph, target);
  if (relative === null) return [absoluteDowngrade(graph, target)];
  const { branch, symbol, steps } = relative;
  if (symbol === null) return relativeDowngrades(graph, rows, target, relative, clamp);
  const up = steps >= 0;
  const start = lookupOne(graph, up || branch === null ? symbol : `${branch}@${symbol}`);
  const to = walk(graph, start, steps, { target, branch: up ? branch : null, clamp });
  // Counting up never means base: `base+0` takes nothing away, least of all everything.
  if (to === null || (up && to === BASE))
    throw outOfRange(target, `it ends ${up ? 'outside the graph' : 'below the base'}`);
  return [{ branch, to }];
}

function absoluteDowngrade(graph: Graph, target: string): DowngradeTarget {
  const at = target.lastIndexOf('@');
  return { branch: target.slice(0, Math.max(at, 0)) || null, to: lookupOne(graph, target.slice(at + 1)) };
}

/** `-N` and `LABEL@-N`: down from every row (of the branch). */
function relativeDowngrades(
  graph: Graph,
  rows: readonly string[],
  target: string,
  { branch, steps }: Relative,
  clamp: boolean,
): DowngradeTarget[] {
  if (steps >= 0) throw outOfRange(target, 'a downgrade can only go down from the current revision');
  if (rows.length === 0) throw outOfRange(target, 'the database has no revisions');
  let starts = [...new Set(rowNumbers(graph, rows))];
  if (branch !== null) {
    const heads = numbers(graph, currentHeads(graph, starts));
    starts = onLine(graph, starts, branch);
    if (starts.length === 0) starts = onLine(graph, heads, branch);
    if (starts.length === 0) throw outOfRange(target, `no revision of ${branch} is applied`);
  }
  const found = starts.map((start) => waysDown(graph, start, steps, { target, clamp, branch }));
  if (found.every((ways) => ways === null)) throw outOfRange(target, 'it ends below the base');
  return starts.flatMap((start, i) => {
    const ways = found[i] ?? null;
    if (ways === null) throw ambiguousStart(graph, target, starts);
    return ways.map((to) => ({ branch: branch ?? graph.idOf(start), to }));
  });
}

/**
 * Where a walk down ends. One that ends at the sides of a merge point ends at all of them: to leave any of them applied takes
 * the merge point away and keeps the others, so that there is one plan.
 */
function waysDown(
  graph: Graph,
  start: Position,
  steps: number,
  {
    branch,
    ...options
  }: { readonly target: string; readonly clamp: boolean; readonly branch: string | null },
): readonly Position[] | null {
  const last = steps === 0 || branch !== null ? null : walk(graph, start, steps + 1, options);
  const sides = last === null || last === BASE ? [] : (graph.revises[last] ?? []);
  if (sides.length > 1) return sides;
  const to = walk(graph, start, steps, options);
  return to === null ? null : [to];
}

/** `-N` could start at several rows, and they lead to different places: the order of rows means nothing. */
export function ambiguousStart(graph: Graph, target: string, starts: readonly number[]): RevgraphError {
  return new RevgraphError('ambiguous_walk', { target, from: 'current', choices: graph.idsOf(starts) });
}

/** The heads (in history) of what is applied when the database holds `rows`: what `current` shows. */
export function currentHeads(graph: Graph, rows: readonly number[]): string[] {
  const applied = graph.closure(rows);
  return graph.idsOf(
    marked(applied).filter((n) => !graph.successors[n]?.some((child) => applied[child] === 1)),
  );
}

/** Numbers of the rows of a version table. @throws `unknown_row` for ids that the graph doesn't have */
export function rowNumbers(graph: Graph, rows: readonly string[], table = 'revgraph_version'): number[] {
  const unknown = rows.filter((row) => !graph.has(row));
  if (unknown.length > 0) throw new RevgraphError('unknown_row', { rows: unknown, table });
  return numbers(graph, rows);
}
