import { type Problem, RevgraphError } from '../errors/error.js';
import { findRings } from './cycle.js';
import { formerNames } from './former.js';
import type { GraphNode } from './graph.js';
import { Graph } from './graph.js';
import { idProblem, LABEL_PATTERN, nearest } from './name.js';
import { topologicalOrder } from './order.js';
import { type Links, marked, reach, reversed } from './walk.js';

/** Everything that building collects before the graph is frozen. Numbers are load order here. */
interface Draft {
  readonly nodes: readonly GraphNode[];
  readonly index: ReadonlyMap<string, number>;
  readonly labels: ReadonlyMap<string, number>;
  /** Names of the past → the revision that they mean now. */
  readonly former: ReadonlyMap<string, number>;
  readonly revises: Links;
  readonly dependsOn: Links;
  readonly problems: Problem[];
}

/**
 * Builds the graph once and freezes it.
 *
 * @throws RevgraphError `graph_invalid` with *all* problems: duplicate id (both files), missing parent (who asks for
 * whom), self-loop, cycle (the ring, in order), label conflict, reserved or illegal id.
 */
export function buildGraph(input: Iterable<GraphNode>): Graph {
  const problems: Problem[] = [];
  const { nodes, index } = distinct(input, problems);
  const labels = labelOwners(nodes, index, problems);
  const former = formerNames(nodes, { index, labels }, problems);
  const revises = linkParents({ nodes, index, former, problems });
  const dependsOn = linkDependencies({ nodes, index, labels, former, revises, problems });
  const draft: Draft = { nodes, index, labels, former, revises, dependsOn, problems };
  const order = topologicalOrder(
    union(revises, dependsOn),
    nodes.map((node) => node.id),
  );
  // What stands on a ring is in no order: only then is it worth looking for one.
  if (order.length < nodes.length) reportRings(draft);
  if (problems.length > 0) throw new RevgraphError('graph_invalid', { problems });
  return freeze(draft, order);
}

function place(node: GraphNode): { file?: string } {
  return node.file == null ? {} : { file: node.file };
}

/** First of every id, numbered; later ones and ids that can't be typed are problems. */
function distinct(input: Iterable<GraphNode>, problems: Problem[]): Pick<Draft, 'nodes' | 'index'> {
  const nodes: GraphNode[] = [];
  const index = new Map<string, number>();
  const again = new Map<string, GraphNode[]>();
  for (const node of input) {
    const { id } = node;
    const first = index.get(id);
    if (first === undefined) index.set(id, nodes.push(node) - 1);
    else again.set(id, [...(again.get(id) ?? [nodes[first] as GraphNode]), node]);
    const problem = idProblem(id);
    if (problem !== null) problems.push({ code: problem, revision: id, ...place(node) });
  }
  for (const [revision, same] of again)
    problems.push({
      code: 'duplicate_revision',
      revision,
      files: same.map((n, i) => n.file ?? `definition ${i + 1}`),
    });
  return { nodes, index };
}

function labelOwners(
  nodes: readonly GraphNode[],
  index: ReadonlyMap<string, number>,
  problems: Problem[],
): Map<string, number> {
  const owners = new Map<string, number>();
  const conflict = (label: string, ...at: number[]): void => {
    const clashing = [...new Set(at)].map((i) => nodes[i] as GraphNode);
    const files = clashing.flatMap((n) => (n.file == null ? [] : [n.file]));
    problems.push({ code: 'label_conflict', label, revisions: clashing.map((n) => n.id), files });
  };
  nodes.forEach((node, i) => {
    for (const label of node.labels ?? []) {
      const namesake = index.get(label);
      const owner = owners.get(label);
      if (!LABEL_PATTERN.test(label))
        problems.push({ code: 'illegal_label', label, revision: node.id, ...place(node) });
      else if (namesake !== undefined) conflict(label, namesake, i);
      else if (owner !== undefined) conflict(label, owner, i);
      else owners.set(label, i);
    }
  });
  return owners;
}

/** Most revisions have one parent and no dependency: what they share is made once. */
const NONE: readonly number[] = Object.freeze([]);

/** Suggestions cost a look at every name; a folder that lost half of its files gets them for the first few. */
const MOST_SUGGESTED = 20;

function suggest(name: string, known: Iterable<string>, problems: readonly Problem[]): string[] {
  return problems.length < MOST_SUGGESTED ? nearest(name, known) : [];
}

function linkParents({
  nodes,
  index,
  former,
  problems,
}: Pick<Draft, 'nodes' | 'index' | 'former' | 'problems'>): Links {
  return nodes.map((node, i) => {
    const parents: number[] = [];
    for (const parent of node.revises ?? NONE) {
      const target = index.get(parent as string) ?? former.get(parent as string);
      if (target === i) problems.push({ code: 'self_loop', revision: node.id, ...place(node) });
      else if (target === undefined)
        problems.push({
          code: 'missing_revision',
          revision: node.id,
          missing: parent as string,
          suggestions: suggest(parent as string, index.keys(), problems),
          ...place(node),
        });
      else if (!parents.includes(target)) parents.push(target);
    }
    return parents.length === 0 ? NONE : parents;
  });
}

function linkDependencies(draft: Omit<Draft, 'dependsOn'>): Links {
  const { nodes, index, labels, problems } = draft;
  const headsOf = lineHeads(draft);
  return nodes.map((node, i) => {
    if (node.dependsOn === undefined || node.dependsOn.length === 0) return NONE;
    const needed: number[] = [];
    for (const written of node.dependsOn) {
      const optional = written.startsWith('?');
      const name = optional ? written.slice(1) : written;
      const found = resolveDependency(draft, name, (start) => headsOf(start, i));
      if (found.length > 1)
        problems.push({
          code: 'ambiguous_dependency',
          revision: node.id,
          name,
          matches: found.map((n) => (nodes[n] as GraphNode).id),
          ...place(node),
        });
      const target = found[0];
      if (target === i) problems.push({ code: 'dependency_self_loop', revision: node.id, ...place(node) });
      else if (target !== undefined) {
        if (!needed.includes(target)) needed.push(target);
      } else if (!optional)
        problems.push({
          code: 'missing_dependency',
          revision: node.id,
          missing: name,
          suggestions: suggest(name, [...index.keys(), ...labels.keys()], problems),
          ...place(node),
        });
    }
    return needed;
  });
}

/** An id, a label (the revision that bears it), or the heads of a label's line. */
function resolveDependency(
  { index, labels, former }: Pick<Draft, 'index' | 'labels' | 'former'>,
  name: string,
  headsOf: (start: number) => readonly number[],
): readonly number[] {
  const [label, ending, ...rest] = name.split('@');
  const start = index.get(label as string) ?? labels.get(label as string) ?? former.get(label as string);
  if (start === undefined || rest.length > 0) return [];
  if (ending === undefined) return [start];
  return ending === 'head' ? headsOf(start) : [];
}

/**
 * For `LABEL@head`: the heads of a label's line as the asking revision finds it, without what stands on that revision
 * itself: else merging the two lines would close a ring.
 */
function lineHeads({ revises }: Pick<Draft, 'revises'>): (start: number, asker: number) => readonly number[] {
  let children: Links | null = null;
  return (start, asker) => {
    children ??= reversed(revises);
    const line = reach(children, [start]);
    const own = reach(children, [asker]);
    const headsWithin = (inside: (n: number) => boolean): number[] =>
      marked(line).filter((n) => inside(n) && !children?.[n]?.some(inside));
    const without = headsWithin((n) => line[n] === 1 && own[n] !== 1);
    // A line that stands on the asker as a whole is a ring, and is to be shown as one.
    return without.length > 0 ? without : headsWithin((n) => line[n] === 1);
  };
}

/** Rings over `revises` first; then those that only close through a dependency. */
function reportRings({ nodes, revises, dependsOn, problems }: Draft): void {
  const names = (ring: readonly number[]): string[] => ring.map((i) => (nodes[i] as GraphNode).id);
  const inHistory = new Set<number>();
  for (const ring of findRings(revises)) {
    problems.push({ code: 'cycle', ring: names(ring) });
    for (const node of ring) inHistory.add(node);
  }
  for (const ring of findRings(union(revises, dependsOn)))
    if (!ring.some((node) => inHistory.has(node)))
      problems.push({ code: 'dependency_cycle', ring: names(ring) });
}

function union(revises: Links, dependsOn: Links): Links {
  if (dependsOn.every((needed) => needed.length === 0)) return revises;
  return revises.map((parents, i) => {
    const more = dependsOn[i] as readonly number[];
    return more.length === 0 ? parents : [...new Set([...parents, ...more])];
  });
}

/** Numbers the revisions anew in topological order, so that later sorting is by number. */
function freeze(
  { nodes, index, labels, former, revises, dependsOn }: Draft,
  order: readonly number[],
): Graph {
  const rank = new Int32Array(nodes.length);
  order.forEach((node, position) => {
    rank[node] = position;
  });
  // In place: the draft ends here, and the lists are its own.
  const renumber = (links: Links): Links => {
    for (const targets of links as number[][])
      for (let i = 0; i < targets.length; i++) targets[i] = rank[targets[i] as number] as number;
    return order.map((node) => links[node] as readonly number[]);
  };
  const history = renumber(revises);
  const prerequisites = renumber(dependsOn);
  return new Graph({
    nodes: order.map((node) => nodes[node] as GraphNode),
    numberOf: (id) => {
      const node = index.get(id);
      return node === undefined ? undefined : rank[node];
    },
    labels: new Map([...labels].map(([label, node]) => [label, rank[node] as number])),
    former: new Map([...former].map(([name, node]) => [name, rank[node] as number])),
    revises: history,
    dependsOn: prerequisites,
    parents: union(history, prerequisites),
  });
}
