import type { GraphNode } from './build.js';
import { type Exchanged, exchangeGraph } from './exchange.js';
import { spreadLabels } from './label.js';
import { type Links, marked, reach, reversed } from './walk.js';

/** What `buildGraph` hands over: nodes in topological order, links by node number. */
export interface GraphParts {
  readonly nodes: readonly GraphNode[];
  /** label → the revision that bears it */
  readonly labels: ReadonlyMap<string, number>;
  readonly revises: Links;
  readonly dependsOn: Links;
  /** revises ∪ depends on */
  readonly parents: Links;
}

/** One revision as the graph sees it. */
export interface GraphRevision {
  readonly revision: string;
  readonly revises: readonly string[];
  /** Prerequisites as ids, labels resolved. */
  readonly dependsOn: readonly string[];
  /** Labels that reach it, its own included, sorted. */
  readonly labels: readonly string[];
  readonly file: string | null;
  readonly isHead: boolean;
  readonly isBase: boolean;
  readonly isMergePoint: boolean;
  readonly isBranchPoint: boolean;
}

/**
 * A directed acyclic graph of revisions, built once and frozen. Revisions are numbered in topological order, so
 * a parent's number is always smaller; methods with ids are for callers, those with numbers for planning.
 */
export class Graph {
  /** All ids, parents before children; adding revisions never reorders the ones that are there. */
  readonly ids: readonly string[];
  /** label → number of the revision that bears it */
  readonly labels: ReadonlyMap<string, number>;
  /** Parents in history, per number. */
  readonly revises: Links;
  readonly dependsOn: Links;
  /** Parents: revises ∪ depends on, per number. */
  readonly parents: Links;
  /** Children in history, per number. */
  readonly successors: Links;
  /** Everything that revises or depends on it, per number. */
  readonly children: Links;
  readonly #index: ReadonlyMap<string, number>;
  readonly #nodes: readonly GraphNode[];
  #spread: Map<number, string[]> | null = null;

  constructor(parts: GraphParts) {
    this.#nodes = parts.nodes;
    this.ids = Object.freeze(parts.nodes.map((n) => n.id));
    this.#index = new Map(this.ids.map((id, i) => [id, i]));
    this.labels = parts.labels;
    this.revises = parts.revises;
    this.dependsOn = parts.dependsOn;
    this.parents = parts.parents;
    this.successors = reversed(parts.revises);
    this.children = reversed(parts.parents);
    Object.freeze(this);
  }

  get size(): number {
    return this.ids.length;
  }

  has(id: string): boolean {
    return this.#index.has(id);
  }

  /** The number of an id; undefined if the graph doesn't have it. */
  numberOf(id: string): number | undefined {
    return this.#index.get(id);
  }

  /** The id of a number. */
  idOf(number: number): string {
    return this.ids[number] as string;
  }

  /** Ids of numbers, in topological order. */
  idsOf(numbers: Iterable<number>): string[] {
    return Array.from(Int32Array.from(numbers).sort(), (n) => this.idOf(n));
  }

  /** One revision, or undefined. */
  get(id: string): GraphRevision | undefined {
    const number = this.#index.get(id);
    return number === undefined ? undefined : this.#describe(number);
  }

  /** All revisions, parents first. */
  *revisions(): IterableIterator<GraphRevision> {
    for (let number = 0; number < this.size; number++) yield this.#describe(number);
  }

  #describe(number: number): GraphRevision {
    const revises = this.revises[number] ?? [];
    const successors = this.successors[number] ?? [];
    return {
      revision: this.idOf(number),
      revises: revises.map((n) => this.idOf(n)),
      dependsOn: (this.dependsOn[number] ?? []).map((n) => this.idOf(n)),
      labels: this.labelsOf(number),
      file: this.#nodes[number]?.file ?? null,
      isHead: successors.length === 0,
      isBase: revises.length === 0,
      isMergePoint: revises.length > 1,
      isBranchPoint: successors.length > 1,
    };
  }

  /** Revisions that nothing revises. */
  get heads(): string[] {
    return this.ids.filter((_, n) => this.successors[n]?.length === 0);
  }

  /** Heads that nothing depends on either: what the target `heads` means, and where a finished upgrade ends. */
  get effectiveHeads(): string[] {
    return this.ids.filter((_, n) => this.children[n]?.length === 0);
  }

  /** Revisions that revise nothing. */
  get bases(): string[] {
    return this.ids.filter((_, n) => this.revises[n]?.length === 0);
  }

  /** Bases that depend on nothing either. */
  get effectiveBases(): string[] {
    return this.ids.filter((_, n) => this.parents[n]?.length === 0);
  }

  get branchPoints(): string[] {
    return this.ids.filter((_, n) => (this.successors[n]?.length ?? 0) > 1);
  }

  get mergePoints(): string[] {
    return this.ids.filter((_, n) => (this.revises[n]?.length ?? 0) > 1);
  }

  /** Labels that reach the revision with this number, sorted. */
  labelsOf(number: number): readonly string[] {
    if (this.labels.size === 0) return [];
    this.#spread ??= spreadLabels(this.labels, this.revises, this.successors, this.children);
    return [...(this.#spread.get(number) ?? [])].sort();
  }

  /** Marks of `numbers` and all their ancestors over parents (dependencies included). */
  closure(numbers: Iterable<number>): Uint8Array {
    return reach(this.parents, numbers);
  }

  /** Ids of all ancestors of `id`, itself excluded, parents first. */
  ancestors(id: string): string[] {
    return this.#around(id, this.parents);
  }

  /** Ids of all descendants of `id`, itself excluded, parents first. */
  descendants(id: string): string[] {
    return this.#around(id, this.children);
  }

  #around(id: string, links: Links): string[] {
    const number = this.#index.get(id);
    if (number === undefined) return [];
    return marked(reach(links, [number])).flatMap((n) => (n === number ? [] : [this.idOf(n)]));
  }

  /** Marks of the line through `number`: ancestors ∪ itself ∪ descendants. */
  lineage(number: number, over: 'history' | 'parents' = 'history'): Uint8Array {
    const marks = reach(over === 'history' ? this.revises : this.parents, [number]);
    for (const n of marked(reach(over === 'history' ? this.successors : this.children, [number])))
      marks[n] = 1;
    return marks;
  }

  /**
   * The graph as a `@dagrejs/graphlib` Graph, for layout and exchange: an edge from every parent to its child, labelled
   * `revises` or `depends-on`. The node's name is the id, except for ids that are names on Object.prototype
   * (`constructor`, `__proto__`), which graphlib can't hold: those get `id:` in front. The id is in the node's label.
   */
  toGraphlib(): Exchanged {
    return exchangeGraph(this);
  }
}
