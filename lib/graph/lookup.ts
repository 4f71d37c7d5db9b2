import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { squashedAway } from './former.js';
import type { Graph } from './graph.js';
import { nearest, RESERVED } from './name.js';

/** Where a target points: the number of a revision, or BASE, below all of them. */
export type Position = number;
export const BASE: Position = -1;

/** A prefix, and an id that has one, has at least this many characters: two or three name a revision by chance. */
const SHORTEST_PREFIX = 4;

/** `label@name` in two; the first @ counts. Nothing before the @ is no branch. */
export function splitBranch(symbol: string): { branch: string | null; name: string } {
  const at = symbol.indexOf('@');
  return at === -1
    ? { branch: null, name: symbol }
    : { branch: symbol.slice(0, at) || null, name: symbol.slice(at + 1) };
}

/**
 * All revisions that a symbol names: `heads` may be several, `base` none at all.
 * Symbols: id, unique prefix, label, `head`, `heads`, `base`, `-N` (N below every head), each with `BRANCH@` in front.
 */
export function lookup(graph: Graph, symbol: string): Position[] {
  const { branch, name } = splitBranch(symbol);
  if (/^-\d*[1-9]\d*$/.test(name)) return below(graph, branch, Number(name), symbol);
  return names(graph, branch, name, symbol).map((found) => onBranch(graph, found, branch));
}

/** The one revision that a symbol names, or BASE. */
export function lookupOne(graph: Graph, symbol: string): Position {
  const { branch, name } = splitBranch(symbol);
  const found = names(graph, branch, name, symbol);
  if (found.length > 1)
    throw new RevgraphError('multiple_heads', { target: symbol, heads: graph.idsOf(found) });
  return found[0] === undefined ? BASE : onBranch(graph, found[0], branch);
}

/**
 * The id that a symbol names, by the same rules, where there are also ids that the graph doesn't have (any more): those
 * of rows whose files are gone. `base` names none: null.
 */
export function lookupId(graph: Graph, symbol: string, others: readonly string[]): string | null {
  const gone = others.filter((id) => !graph.has(id));
  if (gone.includes(symbol)) return symbol;
  const matches = isExact(graph, symbol) ? [] : gone.filter((id) => isPrefix(symbol, id));
  if (matches.length === 0) {
    const found = lookupOne(graph, symbol);
    return found === BASE ? null : graph.idOf(found);
  }
  return onlyMatch(symbol, [...matches, ...matching(graph, symbol, null).keys()]) as string;
}

/** The one of `matches`; undefined where there is none. @throws `ambiguous_prefix`, `prefix_too_short` */
function onlyMatch(prefix: string, matches: readonly string[]): string | undefined {
  if (matches.length === 0) return undefined;
  const details = { prefix, matches: [...matches].sort() };
  if (prefix.length < SHORTEST_PREFIX) throw new RevgraphError('prefix_too_short', details);
  if (matches.length > 1) throw new RevgraphError('ambiguous_prefix', details);
  return matches[0];
}

const isExact = (graph: Graph, name: string): boolean =>
  RESERVED.has(name) || graph.has(name) || graph.labels.has(name) || graph.former.has(name);

function names(graph: Graph, branch: string | null, name: string, symbol: string): number[] {
  switch (name) {
    case 'heads':
      if (branch === null) return numbers(graph, graph.effectiveHeads);
      return onLine(graph, numbers(graph, graph.heads), branch);
    case 'head': {
      const heads = branch === null ? numbers(graph, graph.effectiveHeads) : lineHeads(graph, branch);
      if (heads.length > 1)
        throw new RevgraphError('multiple_heads', { target: symbol, heads: graph.idsOf(heads) });
      return heads;
    }
    case 'base':
      if (branch !== null && !RESERVED.has(branch)) resolveBranch(graph, branch);
      return [];
    default:
      return [find(graph, name, branch)];
  }
}

/** Tips of a line without those that the line itself goes on from by a dependency. */
function lineHeads(graph: Graph, branch: string): number[] {
  const tips = onLine(graph, numbers(graph, graph.heads), branch);
  const needed = (tip: number): boolean => onLine(graph, graph.children[tip] ?? [], branch).length > 0;
  return tips.length < 2 ? tips : tips.filter((tip) => !needed(tip));
}

/** Numbers of ids that are known to be in the graph. */
export function numbers(graph: Graph, ids: readonly string[]): number[] {
  return ids.map((id) => graph.numberOf(id) as number);
}

/** `-N` without a start: N below every head (that bears the label). */
function below(graph: Graph, branch: string | null, steps: number, symbol: string): Position[] {
  if (symbol.startsWith('@')) throw new RevgraphError('unknown_branch', { name: '', suggestions: [] });
  const heads = numbers(graph, graph.effectiveHeads);
  const chosen = branch === null ? heads : heads.filter((head) => graph.labelsOf(head).includes(branch));
  const found = chosen.map((head) => walk(graph, head, steps, { target: symbol }));
  return found.map((position) => {
    if (position !== null) return position;
    throw new RevgraphError('relative_out_of_range', { target: symbol, reason: 'it goes below the base' });
  });
}

/** Id, label or unique prefix; with a branch, prefixes of that line only. */
function find(graph: Graph, name: string, branch: string | null): number {
  const exact = graph.numberOf(name) ?? graph.labels.get(name) ?? graph.former.get(name);
  if (exact !== undefined) {
    const away = squashedAway(graph, name);
    if (away !== undefined) throw new RevgraphError('squashed_away', { name, ...away });
    return exact;
  }
  const line = branch === null ? null : graph.lineage(resolveBranch(graph, branch));
  const matches = matching(graph, name, line);
  const found = matches.get(onlyMatch(name, [...matches.keys()]) ?? '');
  if (found !== undefined) return found;
  throw new RevgraphError('unknown_revision', { name, suggestions: suggest(graph, name) });
}

const isPrefix = (name: string, candidate: string): boolean =>
  name !== '' && candidate.length >= SHORTEST_PREFIX && candidate.startsWith(name);

/** Ids and labels (of a line) that begin with a name. */
function matching(graph: Graph, name: string, line: ArrayLike<number> | null): Map<string, number> {
  const matches = new Map<string, number>();
  const consider = (candidate: string, number: number): void => {
    if (isPrefix(name, candidate) && (line === null || line[number] === 1)) matches.set(candidate, number);
  };
  graph.ids.forEach(consider);
  for (const [label, number] of graph.labels) consider(label, number);
  return matches;
}

function suggest(graph: Graph, name: string): string[] {
  return nearest(name, [...graph.ids, ...graph.labels.keys(), 'head', 'heads', 'base', 'current']);
}

/** The revision that stands for a branch: the bearer of a label, or a revision by id or prefix. */
export function resolveBranch(graph: Graph, branch: string): number {
  const exact = graph.labels.get(branch) ?? graph.numberOf(branch);
  if (exact !== undefined) return exact;
  try {
    return find(graph, branch, null);
  } catch (error) {
    // What starts with it is listed: that says more than “unknown”.
    if (isRevgraphError(error, 'ambiguous_prefix') || isRevgraphError(error, 'prefix_too_short')) throw error;
    throw new RevgraphError(
      'unknown_branch',
      { name: branch, suggestions: suggest(graph, branch) },
      { cause: error },
    );
  }
}

/** Those of `candidates` that share a line (in history) with the branch; `head@` and `base@` name a line too. */
export function onLine(graph: Graph, candidates: readonly number[], branch: string): number[] {
  if (RESERVED.has(branch)) {
    const lines = names(graph, null, branch, branch).map((n) => graph.lineage(n));
    return candidates.filter((n) => lines.length === 0 || lines.some((line) => line[n] === 1));
  }
  const line = graph.lineage(resolveBranch(graph, branch));
  return candidates.filter((n) => line[n] === 1);
}

function onBranch(graph: Graph, number: number, branch: string | null): number {
  if (branch !== null && graph.lineage(resolveBranch(graph, branch))[number] !== 1)
    throw new RevgraphError('not_in_branch', { branch, revision: graph.idOf(number) });
  return number;
}

/** How a walk is told apart in messages, and what it may do at the end of the graph. */
export interface WalkOptions {
  /** What the user typed. */
  readonly target: string;
  /** Upwards: only children on this line. */
  readonly branch?: string | null;
  /** Stop at the end of the graph instead of answering null. */
  readonly clamp?: boolean;
}

/**
 * Walks `steps` revisions up (positive) or down (negative) in history.
 * @returns where it ends, or null when it leaves the graph (unless `clamp`)
 * @throws `ambiguous_walk` where there is more than one way
 */
export function walk(graph: Graph, start: Position, steps: number, options: WalkOptions): Position | null {
  let at = start;
  for (let step = 0; step < Math.abs(steps); step++) {
    const next = steps > 0 ? above(graph, at, options.branch ?? null) : under(graph, at);
    if (next.length > 1)
      throw new RevgraphError('ambiguous_walk', {
        target: options.target,
        from: at === BASE ? 'base' : graph.idOf(at),
        choices: graph.idsOf(next),
      });
    const only = next[0];
    if (only === undefined) return options.clamp === true ? at : null;
    at = only;
  }
  return at;
}

function above(graph: Graph, at: Position, branch: string | null): number[] {
  const children = at === BASE ? numbers(graph, graph.bases) : (graph.successors[at] ?? []);
  return branch === null ? [...children] : onLine(graph, children, branch);
}

function under(graph: Graph, at: Position): readonly Position[] {
  if (at === BASE) return [];
  const parents = graph.revises[at] ?? [];
  return parents.length === 0 ? [BASE] : parents;
}
