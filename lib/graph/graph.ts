import { type Exchanged, exchangeGraph } from './exchange.js';
import { formerNamesOf, squashesOf } from './former.js';
import { spreadLabels } from './label.js';
import type { GraphNode } from './node.js';
import { type Links, marked, reach, reversed } from './walk.js';

export type { GraphNode } from './node.js';

/** What `buildGraph` hands over: nodes in topological order, links by node number. */
export interface GraphParts {
  readonly nodes: readonly GraphNode[];
  /** The number of an id, or undefined. */
  readonly numberOf: (id: string) => number | undefined;
  /** label → the revision that bears it */
  readonly labels: ReadonlyMap<string, number>;
  /** Ids of the past (`formerly`, `replaces`) → the revision that they mean now */
  readonly former?: ReadonlyMap<string, number>;
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
  /** Ids of the past (`formerly`, `replaces`) → number of the revision that they mean now */
  readonly former: ReadonlyMap<string, number>;
  /** Revisions that took the place of others, with those, in the order in which they ran. */
  readonly squashes: ReadonlyMap<string, readonly string[]>;
  /** Parents in history, per number. */
  readonly revises: Links;
  readonly dependsOn: Links;
  /** Parents: revises ∪ depends on, per number. */
  readonly parents: Links;
  /** Children in history, per number. */
  readonly successors: Links;
  /** Everything that revises or depends on it, per number. */
  readonly children: Links;
  /** Revisions that nothing revises. */
  readonly heads: readonly string[];
  /** Heads that nothing depends on either: what the target `heads` means, and where a finished upgrade ends. */
  readonly effectiveHeads: readonly string[];
  /** Revisions that revise nothing. */
  readonly bases: readonly string[];
  /** Bases that depend on nothing either. */
  readonly effectiveBases: readonly string[];
  /** Revisions that more than one revision revises. */
  readonly branchPoints: readonly string[];
  /** Revisions that revise more than one. */
  readonly mergePoints: readonly string[];
  readonly #numberOf: (id: string) => number | undefined;
  readonly #nodes: readonly GraphNode[];
  readonly #formerNames: ReadonlyMap<string, readonly string[]>;
  #spread: Map<number, string[]> | null = null;

  constructor(parts: GraphParts) {
    this.#nodes = parts.nodes;
    this.ids = Object.freeze(parts.nodes.map((n) => n.id));
    this.#numberOf = parts.numberOf;
    this.labels = parts.labels;
    this.former = parts.former ?? new Map();
    const named = this.former.size === 0 ? [] : parts.nodes;
    this.squashes = squashesOf(named);
    this.#formerNames = formerNamesOf(named);
    this.revises = parts.revises;
    this.dependsOn = parts.dependsOn;
    this.parents = parts.parents;
    this.successors = reversed(parts.revises);
    this.children = parts.parents === parts.revises ? this.successors : reversed(parts.parents);
    this.heads = this.#withCount(this.successors, 0, 0);
    this.effectiveHeads = this.#withCount(this.children, 0, 0);
    this.bases = this.#withCount(this.revises, 0, 0);
    this.effectiveBases = this.#withCount(this.parents, 0, 0);
    this.branchPoints = this.#withCount(this.successors, 2, Number.POSITIVE_INFINITY);
    this.mergePoints = this.#withCount(this.revises, 2, Number.POSITIVE_INFINITY);
    Object.freeze(this);
  }

  /** Ids of revisions with so many links. */
  #withCount(links: Links, least: number, most: number): readonly string[] {
    const found: string[] = [];
    for (let n = 0; n < links.length; n++) {
      const count = (links[n] as readonly number[]).length;
      if (count >= least && count <= most) found.push(this.idOf(n));
    }
    return Object.freeze(found);
  }

  get size(): number {
    return this.ids.length;
  }

  has(id: string): boolean {
    return this.#numberOf(id) !== undefined;
  }

  /** The number of an id; undefined if the graph doesn't have it. */
  numberOf(id: string): number | undefined {
    return this.#numberOf(id);
  }

  /** The id of today of an id that may be one of the past; undefined if the graph has neither. */
  today(id: string): string | undefined {
    const number = this.#numberOf(id) ?? this.former.get(id);
    return number === undefined ? undefined : this.idOf(number);
  }

  /** What revisions were called before, or took the place of: id → ids, of those that did. */
  namesOf(ids: readonly string[]): Record<string, readonly string[]> {
    return Object.fromEntries(
      ids.flatMap((id) => {
        const names = this.#formerNames.get(id);
        return names === undefined ? [] : [[id, names] as const];
      }),
    );
  }

  /** The id of a number. */
  idOf(number: number): string {
    return this.ids[number] as string;
  }

  /** Ids of numbers, in topological order. */
  idsOf(numbers: Iterable<number>): string[] {
    const sorted = [...numbers];
    if (sorted.length > 1) sorted.sort((a, b) => a - b);
    return sorted.map((n) => this.idOf(n));
  }

  /** One revision, or undefined. */
  get(id: string): GraphRevision | undefined {
    const number = this.#numberOf(id);
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

  /** Marks of ids; those that the graph doesn't have are passed over. */
  marksOf(ids: Iterable<string>): Uint8Array {
    const marks = new Uint8Array(this.size);
    for (const id of ids) {
      const number = this.#numberOf(id);
      if (number !== undefined) marks[number] = 1;
    }
    return marks;
  }

  /** Those of the marked revisions without a marked child: the rows that stand for an applied set. */
  maximal(applied: Uint8Array): number[] {
    return marked(applied).filter((n) => !this.children[n]?.some((child) => applied[child] === 1));
  }

  /** {@link closure} of ids, as a version table holds them; those that the graph doesn't have are passed over. */
  closureOf(ids: Iterable<string>): Uint8Array {
    return this.closure(marked(this.marksOf(ids)));
  }

  /** Ids of what `id` revises or depends on, parents first; none for an id that the graph doesn't have. */
  parentsOf(id: string): string[] {
    const number = this.#numberOf(id);
    return number === undefined ? [] : this.idsOf(this.parents[number] ?? []);
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
    const number = this.#numberOf(id);
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
