import type { Graph, GraphNode } from '../../lib/graph/graph.js';

/**
 * The rules of the graph once more, naively: sets of ids, no numbers, no short cuts. What the library answers is held
 * against this. For small graphs only.
 */
export class Model {
  readonly ids: readonly string[];
  readonly #nodes: ReadonlyMap<string, GraphNode>;

  constructor(nodes: readonly GraphNode[]) {
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    this.ids = nodes.map((node) => node.id);
  }

  static of(graph: Graph): Model {
    return new Model([...graph.revisions()].map(({ revision, ...links }) => ({ id: revision, ...links })));
  }

  revises(id: string): Set<string> {
    return new Set(this.#nodes.get(id)?.revises);
  }

  parents(id: string): Set<string> {
    const prerequisites = this.#nodes.get(id)?.dependsOn ?? [];
    return new Set([...this.revises(id), ...prerequisites.map((name) => name.replace(/^\?/, ''))]);
  }

  successors(id: string): Set<string> {
    return this.#those((other) => this.revises(other).has(id));
  }

  children(id: string): Set<string> {
    return this.#those((other) => this.parents(other).has(id));
  }

  /** `ids` and everything below them. */
  closure(ids: Iterable<string>): Set<string> {
    return spread(ids, (id) => this.parents(id));
  }

  /** `ids` and everything above them. */
  above(ids: Iterable<string>): Set<string> {
    return spread(ids, (id) => this.children(id));
  }

  /** Members that no other member stands on: the rows that stand for an applied set. */
  maximal(members: ReadonlySet<string>): Set<string> {
    return new Set([...members].filter((id) => ![...this.children(id)].some((child) => members.has(child))));
  }

  isDownClosed(members: ReadonlySet<string>): boolean {
    return [...members].every((id) => [...this.parents(id)].every((parent) => members.has(parent)));
  }

  #those(test: (id: string) => boolean): Set<string> {
    return new Set(this.ids.filter(test));
  }
}

/** Grows with every `add` while it is walked, so this ends when nothing new turns up. */
function spread(starts: Iterable<string>, next: (id: string) => Iterable<string>): Set<string> {
  const found = new Set(starts);
  for (const id of found) for (const other of next(id)) found.add(other);
  return found;
}

/** The same ids, whatever their order. */
export const sorted = (ids: Iterable<string>): string[] => [...ids].sort();
