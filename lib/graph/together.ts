import { createHash } from 'node:crypto';

/*
 * Two branches that each add a revision give a catalogue that git merges line by line, although nobody has replayed the two together. So
 * an entry says what it was replayed with: all below it by a digest, and of what is neither below nor above it the topmost.
 */

/** What of an entry says what it was replayed with. */
export interface ReplayedWith {
  readonly revision: string;
  readonly parents: readonly string[];
  readonly checksum: string;
  readonly skipped?: string | undefined;
  /** Digest of all below it, see {@link lineagesOf}. */
  readonly below: string;
  /** Others that it was replayed with, each as `ID@DIGEST`; of two revisions one names the other, or one that stands on it. */
  readonly beside?: readonly string[] | undefined;
}

type Placed = Pick<ReplayedWith, 'revision' | 'parents'>;

/** Parents first, ties by id. What stands on a ring is left out. */
export function parentsFirst<E extends Placed>(entries: readonly E[]): E[] {
  const byId = new Map(entries.map((entry) => [entry.revision, entry]));
  const children = new Map<string, E[]>();
  const waits = new Map<string, number>();
  for (const entry of byId.values()) {
    const parents = new Set(entry.parents.filter((parent) => byId.has(parent)));
    waits.set(entry.revision, parents.size);
    for (const parent of parents) children.set(parent, [...(children.get(parent) ?? []), entry]);
  }
  const order: E[] = [];
  let ready = [...byId.values()].filter(({ revision }) => waits.get(revision) === 0);
  while (ready.length > 0) {
    ready.sort((a, b) => (a.revision < b.revision ? -1 : 1));
    order.push(...ready);
    const freed: E[] = [];
    for (const { revision } of ready)
      for (const child of children.get(revision) ?? []) {
        const left = (waits.get(child.revision) as number) - 1;
        waits.set(child.revision, left);
        if (left === 0) freed.push(child);
      }
    ready = freed;
  }
  return order;
}

/** What a revision was and stood on when it was replayed, in 16 hex digits. `below`: the same without itself. */
export interface Lineage {
  readonly own: string;
  readonly below: string;
}

/** @param order parents first */
export function lineagesOf(
  order: readonly Pick<ReplayedWith, 'revision' | 'parents' | 'checksum' | 'skipped'>[],
): Map<string, Lineage> {
  const lineages = new Map<string, Lineage>();
  for (const { revision, parents, checksum, skipped } of order) {
    const below = digest([...parents].sort().map((parent) => lineages.get(parent)?.own ?? parent));
    lineages.set(revision, { below, own: digest([revision, checksum, skipped ?? null, below]) });
  }
  return lineages;
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Pairs of revisions, neither of which stands on the other, of which no entry says that they were replayed together. */
class Apart {
  readonly #below: Uint32Array[] = [];
  readonly #with: (Uint32Array | null)[] = [];
  readonly #at: ReadonlyMap<string, number>;

  constructor(
    order: readonly (Placed & Pick<ReplayedWith, 'beside'>)[],
    lineages: ReadonlyMap<string, Lineage>,
  ) {
    this.#at = new Map(order.map(({ revision }, at) => [revision, at]));
    if (isChain(order)) return;
    const words = Math.ceil(order.length / 32);
    for (const { parents } of order) {
      const below = new Uint32Array(words);
      for (const parent of parents) this.#add(below, this.#at.get(parent));
      this.#below.push(below);
    }
    for (const { beside = [] } of order) {
      const together = beside.length === 0 ? null : new Uint32Array(words);
      for (const name of beside) {
        const [id = '', own] = name.split('@');
        if (together !== null && lineages.get(id)?.own === own) this.#add(together, this.#at.get(id));
      }
      this.#with.push(together);
    }
  }

  #add(set: Uint32Array, at: number | undefined): void {
    if (at === undefined) return;
    join(set, this.#below[at] as Uint32Array);
    mark(set, at);
  }

  /** Those of some revisions on which none of the others stands. */
  topmost(ats: readonly number[]): number[] {
    const under = new Uint32Array(this.#below[0]?.length ?? 0);
    const found: number[] = [];
    for (const at of [...ats].sort((a, b) => b - a)) {
      if (has(under, at)) continue;
      found.push(at);
      join(under, this.#below[at] as Uint32Array);
    }
    return found;
  }

  /** The later of a pair first. */
  *pairs(): Generator<readonly [number, number]> {
    for (let later = 0; later < this.#below.length; later++)
      for (let earlier = 0; earlier < later; earlier++) {
        if (has(this.#below[later] as Uint32Array, earlier)) continue;
        const [mine, its] = [this.#with[later], this.#with[earlier]];
        if ((mine && has(mine, earlier)) || (its && has(its, later))) continue;
        yield [later, earlier];
      }
  }
}

const has = (set: Uint32Array, at: number): boolean => (((set[at >>> 5] as number) >>> (at & 31)) & 1) === 1;
const join = (set: Uint32Array, other: Uint32Array): void => {
  for (let i = 0; i < other.length; i++) set[i] = (set[i] as number) | (other[i] as number);
};
const mark = (set: Uint32Array, at: number): void => {
  set[at >>> 5] = (set[at >>> 5] as number) | (1 << (at & 31));
};

/** Each stands on the one before it, so there are no pairs. */
function isChain(order: readonly Placed[]): boolean {
  return order.every(({ parents }, at) => at === 0 || parents.includes(order[at - 1]?.revision as string));
}

/** Revisions that were not replayed together as they are, with the reason. Cost: quadratic in the revisions of a braid, some ns each. */
export function notTogether(entries: readonly ReplayedWith[]): { revision: string; why: string }[] {
  const order = parentsFirst(entries);
  const lineages = lineagesOf(order);
  const found = new Map<string, string>();
  for (const { revision, below } of order)
    if (lineages.get(revision)?.below !== below)
      found.set(revision, 'what it stands on has changed since it was replayed');
  for (const [later, earlier] of new Apart(order, lineages).pairs()) {
    const [a, b] = [order[later]?.revision as string, order[earlier]?.revision as string];
    if (!found.has(a)) found.set(a, `it was not replayed together with ${b}: the catalogue was merged`);
  }
  return [...found].map(([revision, why]) => ({ revision, why }));
}

/**
 * What entries name beside them, once all of them were replayed together. What was named before stays as it was, so that a revision
 * that is added changes no entry but its own.
 *
 * @param order parents first
 * @param before what the entries named that are still as they were
 */
export function besidesOf(
  order: readonly Pick<ReplayedWith, 'revision' | 'parents' | 'checksum' | 'skipped'>[],
  before: ReadonlyMap<string, readonly string[]>,
): Map<string, readonly string[]> {
  const lineages = lineagesOf(order);
  const nameOf = (id: string): string => `${id}@${lineages.get(id)?.own}`;
  const names = new Map(order.map(({ revision }) => [nameOf(revision), revision]));
  const besides = new Map<string, string[]>();
  for (const { revision } of order) {
    const kept = (before.get(revision) ?? []).filter((name) => names.has(name));
    if (kept.length > 0) besides.set(revision, kept);
  }
  const apart = new Apart(
    order.map((entry) => ({ ...entry, beside: besides.get(entry.revision) })),
    lineages,
  );
  const added = new Map<number, number[]>();
  for (const [later, earlier] of apart.pairs()) {
    const isNew = (at: number): boolean => !before.has(order[at]?.revision as string);
    const [owner, other] = isNew(later) || !isNew(earlier) ? [later, earlier] : [earlier, later];
    added.set(owner, [...(added.get(owner) ?? []), other]);
  }
  for (const [owner, others] of added) {
    const id = order[owner]?.revision as string;
    const own = apart.topmost(others).map((at) => nameOf(order[at]?.revision as string));
    besides.set(id, [...(besides.get(id) ?? []), ...own].sort());
  }
  return besides;
}
