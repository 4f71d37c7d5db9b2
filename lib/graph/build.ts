import { type Problem, RevgraphError } from '../errors.js';
import { findRings } from './cycle.js';
import { Graph } from './graph.js';
import { ID_PATTERN, LABEL_PATTERN, nearest, RESERVED } from './name.js';
import { topologicalOrder } from './order.js';
import type { Links } from './walk.js';

/** What the graph has to know of a revision. Ids only: no code, no SQL. */
export interface GraphNode {
  readonly id: string;
  /** Parents in history; none = a base, two or more = a merge point. */
  readonly revises?: readonly string[];
  /** Prerequisites: an id, a label, `LABEL@head`, or `?ID` (only if the graph has it). */
  readonly dependsOn?: readonly string[];
  readonly labels?: readonly string[];
  /** Where it stands, for messages. */
  readonly file?: string | null;
}

/** Everything that building collects before the graph is frozen. Numbers are load order here. */
interface Draft {
  readonly nodes: readonly GraphNode[];
  readonly index: ReadonlyMap<string, number>;
  readonly labels: ReadonlyMap<string, number>;
  readonly revises: readonly number[][];
  readonly dependsOn: readonly number[][];
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
  const nodes = distinct([...input], problems);
  const index = new Map(nodes.map((node, i) => [node.id, i]));
  const labels = labelOwners(nodes, index, problems);
  const draft: Draft = {
    nodes,
    index,
    labels,
    revises: nodes.map(() => []),
    dependsOn: nodes.map(() => []),
    problems,
  };
  linkParents(draft);
  linkDependencies(draft);
  reportRings(draft);
  if (problems.length > 0) throw new RevgraphError('graph_invalid', { problems });
  return freeze(draft);
}

function place(node: GraphNode): { file?: string } {
  return node.file == null ? {} : { file: node.file };
}

/** First of every id; later ones and ids that can't be typed are problems. */
function distinct(nodes: readonly GraphNode[], problems: Problem[]): GraphNode[] {
  const owners = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const same = owners.get(node.id);
    if (same === undefined) owners.set(node.id, [node]);
    else same.push(node);
    if (!ID_PATTERN.test(node.id))
      problems.push({ code: 'illegal_revision_id', revision: node.id, ...place(node) });
    else if (RESERVED.has(node.id)) problems.push({ code: 'reserved_id', revision: node.id, ...place(node) });
  }
  const firsts: GraphNode[] = [];
  for (const [revision, same] of owners) {
    firsts.push(same[0] as GraphNode);
    if (same.length > 1)
      problems.push({
        code: 'duplicate_revision',
        revision,
        files: same.map((n, i) => n.file ?? `definition ${i + 1}`),
      });
  }
  return firsts;
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

function linkParents({ nodes, index, revises, problems }: Draft): void {
  nodes.forEach((node, i) => {
    for (const parent of new Set(node.revises)) {
      const target = index.get(parent);
      if (target === i) problems.push({ code: 'self_loop', revision: node.id, ...place(node) });
      else if (target !== undefined) revises[i]?.push(target);
      else
        problems.push({
          code: 'missing_revision',
          revision: node.id,
          missing: parent,
          suggestions: nearest(parent, index.keys()),
          ...place(node),
        });
    }
  });
}

function linkDependencies(draft: Draft): void {
  const { nodes, dependsOn, problems } = draft;
  nodes.forEach((node, i) => {
    for (const written of new Set(node.dependsOn)) {
      const optional = written.startsWith('?');
      const name = optional ? written.slice(1) : written;
      const found = resolveDependency(draft, name);
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
        if (!dependsOn[i]?.includes(target)) dependsOn[i]?.push(target);
      } else if (!optional)
        problems.push({
          code: 'missing_dependency',
          revision: node.id,
          missing: name,
          suggestions: nearest(name, [...draft.index.keys(), ...draft.labels.keys()]),
          ...place(node),
        });
    }
  });
}

/** An id, a label (the revision that bears it), or the heads of a label's line. */
function resolveDependency({ index, labels, revises }: Draft, name: string): number[] {
  const [label, ending, ...rest] = name.split('@');
  const start = index.get(label as string) ?? labels.get(label as string);
  if (start === undefined || rest.length > 0) return [];
  if (ending === undefined) return [start];
  return ending === 'head' ? headsAbove(revises, start) : [];
}

/** Heads among the descendants of `start`, by what revisions revise. One pass: only asked for `LABEL@head`. */
function headsAbove(revises: Links, start: number): number[] {
  const children: number[][] = revises.map(() => []);
  revises.forEach((parents, child) => {
    for (const parent of parents) children[parent]?.push(child);
  });
  const seen = new Set([start]);
  for (const node of seen) for (const child of children[node] ?? []) seen.add(child);
  return [...seen].filter((node) => children[node]?.length === 0);
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
  return revises.map((parents, i) => {
    const more = dependsOn[i] as readonly number[];
    return more.length === 0 ? parents : [...new Set([...parents, ...more])];
  });
}

/** Numbers the revisions anew in topological order, so that later sorting is by number. */
function freeze({ nodes, labels, revises, dependsOn }: Draft): Graph {
  const order = topologicalOrder(
    union(revises, dependsOn),
    nodes.map((n) => n.id),
  );
  const rank = new Int32Array(nodes.length);
  order.forEach((node, position) => {
    rank[node] = position;
  });
  const renumber = (links: Links): number[][] =>
    order.map((node) => (links[node] ?? []).map((target) => rank[target] as number));
  const history = renumber(revises);
  const prerequisites = renumber(dependsOn);
  return new Graph({
    nodes: order.map((node) => nodes[node] as GraphNode),
    labels: new Map([...labels].map(([label, node]) => [label, rank[node] as number])),
    revises: history,
    dependsOn: prerequisites,
    parents: union(history, prerequisites),
  });
}
