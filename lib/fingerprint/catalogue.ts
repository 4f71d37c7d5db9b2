import type { Graph } from '../graph/graph.js';
import { type Fact, isComment, type Snapshot, subjectOf } from './fact.js';

/** What a revision did to the facts when the graph was replayed. */
export interface CatalogueEntry {
  readonly revision: string;
  readonly adds: readonly Fact[];
  readonly removes: readonly Fact[];
  /** Objects that it makes or changes, as revisions on other lines do: no evidence for any of them. Default: none. */
  readonly shared?: readonly string[] | undefined;
  /**
   * Facts, after it, of objects that were there before and that it would have made all the same: OR REPLACE, IF NOT EXISTS, or
   * behind a DROP. They don't show that the earlier maker ran. Default: none.
   */
  readonly remakes?: readonly Fact[] | undefined;
  /** What it does that no fact shows, in words: `rows of item`. Default: nothing. */
  readonly unseen?: readonly string[] | undefined;
}

/** The schema that a catalogue is about. */
export const HOME = 'public';

/** What each revision did, by id. */
export type Catalogue = ReadonlyMap<string, CatalogueEntry>;

/** The facts that a database has after the marked revisions ran, in topological order. */
export function expectedFacts(graph: Graph, catalogue: Catalogue, applied: Uint8Array): Snapshot {
  const facts = new Set<Fact>();
  for (let n = 0; n < graph.size; n++) {
    if (applied[n] !== 1) continue;
    const entry = catalogue.get(graph.idOf(n));
    for (const fact of entry?.removes ?? []) facts.delete(fact);
    for (const fact of entry?.adds ?? []) facts.add(fact);
  }
  return facts;
}

/**
 * Facts of objects that none of the marked revisions touches and others do: made beforehand, by hand. By the first revision that
 * makes the object, in topological order. Comments are none, whoever makes the object writes them anew.
 */
export function madeEarly(
  graph: Graph,
  catalogue: Catalogue,
  observed: Snapshot,
  ran: Uint8Array,
): Map<string, Fact[]> {
  const touched = new Set<string>();
  const makers = new Map<string, string>();
  for (let n = 0; n < graph.size; n++) {
    const entry = catalogue.get(graph.idOf(n));
    for (const fact of entry?.adds ?? [])
      if (ran[n] !== 1 && !makers.has(subjectOf(fact))) makers.set(subjectOf(fact), graph.idOf(n));
    if (ran[n] === 1)
      for (const fact of [...(entry?.adds ?? []), ...(entry?.removes ?? [])]) touched.add(subjectOf(fact));
  }
  const early = [...observed].filter((fact) => {
    const subject = subjectOf(fact);
    return makers.has(subject) && !touched.has(subject) && !isComment(fact);
  });
  const found = new Map<string, Fact[]>();
  for (const fact of early.sort()) {
    const maker = makers.get(subjectOf(fact)) as string;
    const facts = found.get(maker);
    if (facts === undefined) found.set(maker, [fact]);
    else facts.push(fact);
  }
  return found;
}

/** Everything that some revision touches: its facts, and the objects that they are about. */
export interface Known {
  readonly facts: Snapshot;
  readonly subjects: ReadonlySet<string>;
}

export function knownBy(catalogue: Catalogue): Known {
  const facts = new Set<Fact>();
  for (const { adds, removes } of catalogue.values())
    for (const fact of [...adds, ...removes]) facts.add(fact);
  return { facts, subjects: new Set([...facts].map(subjectOf)) };
}

/** Facts about objects that some revision touches. */
export function insideOf(known: Known, observed: Snapshot): Snapshot {
  return new Set(
    [...observed].filter((fact) => known.facts.has(fact) || known.subjects.has(subjectOf(fact))),
  );
}

/** Facts about objects that no revision touches, sorted; a comment is one by its text. */
export function foreignTo(known: Known, observed: Snapshot): Fact[] {
  return [...observed].filter((fact) => isForeign(known, fact)).sort();
}

function isForeign(known: Known, fact: Fact): boolean {
  return !known.facts.has(fact) && (isComment(fact) || !known.subjects.has(subjectOf(fact)));
}

/** Whether any object that a revision touches is there. */
export function overlaps(known: Known, observed: Snapshot): boolean {
  return [...observed].some((fact) => !isForeign(known, fact));
}
