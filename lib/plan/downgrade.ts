import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import { BASE, lookupOne, numbers, resolveBranch } from '../graph/lookup.js';
import {
  ambiguousStart,
  type DowngradeTarget,
  downgradeTargets,
  parseRelative,
  rowNumbers,
} from '../graph/target.js';
import { marked, reach } from '../graph/walk.js';
import type { MergeFate, Plan, Step } from './plan.js';
import { readRows } from './rows.js';

/**
 * Takes away everything that stands on `target`, and leaves `target` applied. With a branch (`label@rev`), only what
 * lies on that branch where several revisions follow the target.
 *
 * @throws `not_an_ancestor` if the target is not applied; `not_a_downgrade_target` if nothing on the branch follows it;
 * `not_in_branch` if the target is not on its branch; `ambiguous_walk` if `-N` depends on the row it starts from
 */
export function planDowngrade(graph: Graph, rows: readonly string[], target: string): Plan {
  const aims = downgradeTargets(graph, rows, target);
  const starts = aims.map((aim) => roots(graph, aim, target));
  const current = rowNumbers(graph, rows);
  const applied = graph.closure(current);
  const [gone, ...others] = starts.map((from) => above(graph, from, applied));
  const [aim] = aims;
  if (gone === undefined || aim === undefined)
    throw new RevgraphError('bad_target', { target, reason: 'it is empty' });
  if (others.some((other) => other.join() !== gone.join())) throw ambiguousStart(graph, target, current);
  if (gone.length === 0 && aim.to !== BASE && !current.includes(aim.to))
    throw new RevgraphError('not_an_ancestor', { target, of: rows });
  assertOnBranch(graph, aim);
  return planRemoval(graph, rows, target, gone);
}

/**
 * Takes away everything that some revisions don't include, and leaves exactly them with what they stand on: what a release is.
 *
 * @throws `not_an_ancestor` if one of them is not applied
 */
export function planDowngradeTo(
  graph: Graph,
  rows: readonly string[],
  ids: readonly string[],
  target: string,
): Plan {
  const applied = graph.closure(readRows(graph, rows));
  const kept = graph.closureOf(ids);
  const missing = ids.find((id) => applied[graph.numberOf(id) ?? -1] !== 1);
  if (missing !== undefined) throw new RevgraphError('not_an_ancestor', { target: missing, of: rows });
  return planRemoval(
    graph,
    rows,
    target,
    marked(applied).filter((n) => kept[n] !== 1),
  );
}

/**
 * Takes away `target` itself, with everything that stands on it.
 *
 * @param target a symbol, or `current` for the one row
 * @throws `not_an_ancestor` if the target is not applied; `ambiguous_walk` for `current` where there are several rows;
 * `bad_target` for what names no revision: `base`, or a relative target
 */
export function planUndo(graph: Graph, rows: readonly string[], target: string): Plan {
  const current = readRows(graph, rows);
  const noRevision = (goesDown: boolean): RevgraphError =>
    new RevgraphError('bad_target', { target, reason: NEEDS_REVISION, goesDown });
  const relative = parseRelative(graph, target);
  if (relative !== null) throw noRevision(relative.steps < 0);
  const to = target === 'current' ? onlyRow(graph, current, target) : lookupOne(graph, target);
  if (to === BASE) throw noRevision(target !== 'current');
  const applied = graph.closure(current);
  if (applied[to] !== 1) throw new RevgraphError('not_an_ancestor', { target, of: rows });
  return planRemoval(graph, rows, target, above(graph, [to], applied));
}

const NEEDS_REVISION = 'undo takes away a revision that it names, with everything that stands on it';

/** The row that `current` means; BASE if there is none. */
function onlyRow(graph: Graph, current: readonly number[], target: string): number {
  if (current.length > 1) throw ambiguousStart(graph, target, current);
  return current[0] ?? BASE;
}

/** The applied ones among `from` and all that stands on them, parents first. */
function above(graph: Graph, from: readonly number[], applied: Uint8Array): number[] {
  return marked(reach(graph.children, from)).filter((n) => applied[n] === 1);
}

/** The revisions whose removal, with all that stands on them, reaches the target. */
function roots(graph: Graph, { branch, to }: DowngradeTarget, target: string): readonly number[] {
  const next = to === BASE ? numbers(graph, graph.bases) : (graph.successors[to] ?? []);
  if (branch === null || next.length < 2) return next;
  const way = reach(graph.revises, [resolveBranch(graph, branch)]);
  const chosen = next.filter((n) => way[n] === 1);
  if (chosen.length === 0) throw new RevgraphError('not_a_downgrade_target', { target, branch });
  return chosen;
}

/** A misspelt label must not take everything away: Alembic only looks at it where the target has several children. */
function assertOnBranch(graph: Graph, { branch, to }: DowngradeTarget): void {
  if (branch === null) return;
  const line = graph.lineage(resolveBranch(graph, branch));
  if (to !== BASE && line[to] !== 1)
    throw new RevgraphError('not_in_branch', { branch, revision: graph.idOf(to) });
}

function planRemoval(graph: Graph, rows: readonly string[], target: string, gone: readonly number[]): Plan {
  const current = readRows(graph, rows);
  const applied = graph.closure(current);
  const live = new Set(graph.maximal(applied));
  const implied = current.filter((n) => !live.has(n));
  const childrenLeft = countApplied(graph, applied);
  const steps = gone.toReversed().map((n) => downgradeStep(graph, live, childrenLeft, n));
  const [first] = steps;
  // Rows that another row implies (another tool may leave them) go with the first step.
  if (first !== undefined && implied.length > 0)
    steps[0] = { ...first, remove: [...first.remove, ...graph.idsOf(implied)] };
  return {
    direction: 'downgrade',
    target,
    from: [...rows],
    to: steps.length === 0 ? [...rows] : graph.idsOf(live),
    steps,
    merges: mergeFates(graph, new Set(gone.toReversed())),
  };
}

/** Applied children per revision. */
function countApplied(graph: Graph, applied: Uint8Array): Int32Array {
  return Int32Array.from(graph.children, (children) =>
    children.reduce((sum, child) => sum + (applied[child] ?? 0), 0),
  );
}

/** Rows − r + those parents of r that no other applied revision stands on. */
function downgradeStep(graph: Graph, live: Set<number>, childrenLeft: Int32Array, n: number): Step {
  live.delete(n);
  const bared = (graph.parents[n] ?? []).filter((parent) => {
    const left = (childrenLeft[parent] as number) - 1;
    childrenLeft[parent] = left;
    return left === 0;
  });
  for (const parent of bared) live.add(parent);
  return {
    revision: graph.idOf(n),
    direction: 'downgrade',
    remove: [graph.idOf(n)],
    add: graph.idsOf(bared),
  };
}

function mergeFates(graph: Graph, gone: ReadonlySet<number>): MergeFate[] {
  const fates: MergeFate[] = [];
  for (const n of gone) {
    const sides = graph.revises[n] ?? [];
    if (sides.length < 2) continue;
    fates.push({
      merge: graph.idOf(n),
      sides: sides.map((side) => ({ revision: graph.idOf(side), fate: gone.has(side) ? 'UNDO' : 'KEEP' })),
    });
  }
  return fates;
}
