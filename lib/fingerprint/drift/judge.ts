import type { Graph } from '../../graph/graph.js';
import { marked } from '../../graph/walk.js';
import type { Catalogue, CatalogueEntry } from '../catalogue.js';
import { isPerformanceOnly, type ObjectDifference } from '../differences.js';
import { type Fact, isBody, isComment, type Snapshot, subjectOf } from '../fact.js';
import { tableOf } from '../partitions.js';
import { marksOf } from './marks.js';

/**
 * Between which of the statements of a revision an object is written, from 1: `first` may be too early and `last` too late,
 * never the other way round.
 */
export interface StatementSpan {
  readonly first: number;
  readonly last: number;
  /** How many of them name it and may change it. Two may leave it as it was, and one of them not. */
  readonly times: number;
}

/** An object that differs, and what speaks for its being no more than that. */
export interface ObjectDrift extends ObjectDifference {
  /** The last of the revisions that are there that wrote it; null for one that only a revision that did not run makes. */
  readonly revision: string | null;
  /** Whether it costs nothing but speed. */
  readonly performanceOnly: boolean;
  /**
   * `confirmed`: what wrote it ran to its end · `unconfirmed`: nothing shows that it did · `pending`: revisions that are still to
   * run write it
   */
  readonly verdict: 'confirmed' | 'unconfirmed' | 'pending';
  /** Revisions that are still to run and write it. */
  readonly pending: readonly string[];
}

/** What differences are judged by. */
export interface DriftCase {
  readonly graph: Graph;
  readonly catalogue: Catalogue;
  readonly observed: Snapshot;
  /** Marks of the best solution. */
  readonly applied: Uint8Array;
  readonly differences: readonly ObjectDifference[];
  /** The statements of a revision that write an object; null where that is not known. */
  readonly spanOf: (revision: string, object: string) => StatementSpan | null;
  /** Whether a revision may write rows. */
  readonly writesRows: (revision: string) => boolean;
}

/**
 * Judges each object on which the best solution and the schema differ. A revision that ran by half leaves such differences too,
 * so what wrote an object last has to be confirmed:
 *
 * - from above: a revision that stands on it has facts of its own, all of them as it left them. Revisions run in order;
 * - or by a later statement of the revision itself: statements run in order. Where it writes rows, by two relations of such.
 *
 * Only what nobody makes beforehand confirms (no index, constraint or extension), what is there (what is absent may never have been
 * made), and what no other revision makes. A body that no revision wrote was written by a hand, which says nothing of the body before:
 * it needs no confirmation where its revision only defines, and otherwise one that its own facts give.
 *
 * What revisions that are still to run write is left alone: they would find something else than they were written for. But for
 * an index or constraint in a revision that writes no rows: that one fails, and says so, before anything is lost.
 *
 * Cost: linear in the facts and the edges.
 */
export function judgeDrift(one: DriftCase): ObjectDrift[] {
  const { graph, differences } = one;
  const { writers, confirms, above, tops } = groundsOf(one);
  const strange = strangeRelations(one);
  return differences.map((difference) => {
    const { object } = difference;
    const writer = writers.get(object);
    const revision = writer === undefined ? null : graph.idOf(writer);
    const pending = pendingWriters(one, object);
    const isHandmade = isBody(object) && difference.unexpected.length > 0;
    // A hand may have replaced the body before as well: where the revision does nothing but define, nothing is lost by that.
    const isHarmless = isHandmade && (revision === null || !one.writesRows(revision));
    const isAbove = (n: number): boolean => above[n] === 1 && (!isHandmade || confirms(n).length > 0);
    const within = (n: number): boolean => isConfirmedWithin(one, n, object, confirms(n), strange);
    // What changes it on its way and leaves it as it was may have stopped in between.
    const passes = tops.filter((n) => n !== writer && (one.spanOf(graph.idOf(n), object)?.times ?? 0) > 1);
    const isConfirmed =
      isHarmless || ((writer === undefined || isAbove(writer) || within(writer)) && passes.every(within));
    const isLeft = pending.some((id) => !FAILS_FIRST.test(object) || one.writesRows(id));
    return {
      ...difference,
      revision,
      performanceOnly: isPerformanceOnly(difference),
      verdict: isLeft ? 'pending' : isConfirmed ? 'confirmed' : 'unconfirmed',
      pending,
    };
  });
}

/** What differences are judged by, before any text is read. */
interface Grounds {
  /** The last of the revisions that are there that wrote an object, by number. */
  readonly writers: ReadonlyMap<string, number>;
  /** Facts that show that a revision ran. */
  readonly confirms: (n: number) => readonly Fact[];
  /** Marks of the revisions that one above them confirms, and the others. */
  readonly above: Uint8Array;
  readonly tops: readonly number[];
}

export function groundsOf(
  one: Pick<DriftCase, 'graph' | 'catalogue' | 'observed' | 'applied' | 'differences'>,
): Grounds {
  const { graph, catalogue, observed, applied } = one;
  const objects = new Set(one.differences.map(({ object }) => object));
  const writers = lastWriters(one, objects);
  const own = marksOf(catalogue, observed);
  const confirms = (n: number): readonly Fact[] =>
    own(graph.idOf(n)).filter((fact) => !objects.has(subjectOf(fact)));
  const hasDrift = new Set(writers.values());
  const above = confirmedFromAbove(graph, applied, (n) => confirms(n).length > 0 && !hasDrift.has(n));
  return { writers, confirms, above, tops: marked(applied).filter((n) => above[n] !== 1) };
}

const written = ({ adds, removes, remakes = [] }: CatalogueEntry): Fact[] => [
  ...adds,
  ...removes,
  ...remakes,
];

function lastWriters(
  { graph, catalogue, applied }: Pick<DriftCase, 'graph' | 'catalogue' | 'applied'>,
  objects: ReadonlySet<string>,
): Map<string, number> {
  const found = new Map<string, number>();
  for (const n of marked(applied)) {
    const entry = catalogue.get(graph.idOf(n));
    if (entry === undefined) continue;
    for (const subject of written(entry).map(subjectOf)) if (objects.has(subject)) found.set(subject, n);
  }
  return found;
}

/** Marks of the revisions that one which is there, and for which `isClear` holds, stands on. */
function confirmedFromAbove(graph: Graph, applied: Uint8Array, isClear: (n: number) => boolean): Uint8Array {
  const above = new Uint8Array(graph.size);
  for (let n = graph.size - 1; n >= 0; n--) {
    if (applied[n] !== 1 || (above[n] !== 1 && !isClear(n))) continue;
    for (const parent of graph.parents[n] ?? []) above[parent] = 1;
  }
  return above;
}

const relationOf = (fact: Fact): string => tableOf(fact) ?? subjectOf(fact);

/** Tables that have parts which no revision makes. */
function strangeRelations({ catalogue, observed }: DriftCase): ReadonlySet<string> {
  const known = new Set([...catalogue.values()].flatMap(({ adds }) => adds.map(subjectOf)));
  return new Set([...observed].filter((fact) => !known.has(subjectOf(fact))).map(relationOf));
}

/**
 * Whether a statement that is not before the last one that writes the object left its mark. Of a revision that writes rows, somebody
 * may have made an object by hand and left the rows out: there it takes two, in relations that have nothing else.
 */
function isConfirmedWithin(
  { graph, spanOf, writesRows }: DriftCase,
  writer: number,
  object: string,
  confirming: readonly Fact[],
  strange: ReadonlySet<string>,
): boolean {
  const revision = graph.idOf(writer);
  const marks = notBefore(spanOf, revision, object, confirming);
  if (!writesRows(revision)) return marks.length > 0;
  const relations = new Set(marks.map(relationOf).filter((relation) => !strange.has(relation)));
  return relations.size > 1;
}

/** Of facts that a revision makes, those of a statement that is not before the last one that writes the object. */
function notBefore(
  spanOf: DriftCase['spanOf'],
  revision: string,
  object: string,
  facts: readonly Fact[],
): readonly Fact[] {
  const last = spanOf(revision, object)?.last ?? Number.POSITIVE_INFINITY;
  return facts.filter((fact) => (spanOf(revision, subjectOf(fact))?.first ?? 0) >= last);
}

/**
 * Objects that a revision removes, and that may be gone for another reason: no statement of it that is not before has left a mark.
 * Somebody dropped them, or what they hang on (`DROP COLUMN … CASCADE`), or gave them another name.
 */
export function unshownRemovals(
  {
    catalogue,
    observed,
    differences,
    spanOf,
  }: Pick<DriftCase, 'catalogue' | 'observed' | 'differences' | 'spanOf'>,
  revision: string,
): string[] {
  const objects = new Set(differences.map(({ object }) => object));
  const there = new Set([...observed].map(subjectOf));
  const marks = marksOf(catalogue, observed)(revision).filter((fact) => !objects.has(subjectOf(fact)));
  const removed = (catalogue.get(revision)?.removes ?? []).filter(
    (fact) => !isComment(fact) && !isBody(fact),
  );
  return [...new Set(removed.map(subjectOf))].filter(
    (object) =>
      !there.has(object) && !objects.has(object) && notBefore(spanOf, revision, object, marks).length === 0,
  );
}

/** Revisions that are still to run and write an object, or a part of it. */
export function pendingWriters(
  { graph, catalogue, applied }: Pick<DriftCase, 'graph' | 'catalogue' | 'applied'>,
  object: string,
): string[] {
  const table = /^table (.*)$/.exec(object)?.[1];
  const isAbout = (fact: Fact): boolean =>
    subjectOf(fact) === object || (table !== undefined && tableOf(fact) === table);
  return graph.ids.filter((id, n) => {
    const entry = catalogue.get(id);
    return applied[n] !== 1 && entry !== undefined && written(entry).some(isAbout);
  });
}

/** Where one is there already, or gone, the statement that makes or drops it fails. */
const FAILS_FIRST = /^(?:index|constraint) /;

/** The catalogue without objects. */
export function withoutObjects(catalogue: Catalogue, objects: ReadonlySet<string>): Catalogue {
  const rest = (facts: readonly Fact[]): Fact[] => facts.filter((fact) => !objects.has(subjectOf(fact)));
  return new Map(
    [...catalogue].map(([id, entry]) => [
      id,
      {
        ...entry,
        adds: rest(entry.adds),
        removes: rest(entry.removes),
        ...(entry.remakes === undefined ? {} : { remakes: rest(entry.remakes) }),
      },
    ]),
  );
}
