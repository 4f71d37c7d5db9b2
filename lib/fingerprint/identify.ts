import type { Graph } from '../graph/graph.js';
import { marked } from '../graph/walk.js';
import { type Candidate, candidate, earlyOf, type FactCounts, nearest } from './candidates.js';
import {
  type Catalogue,
  type CatalogueEntry,
  foreignTo,
  insideOf,
  type Known,
  knownBy,
  overlaps,
} from './catalogue.js';
import { heaviestClosure } from './closure.js';
import { isExtension, type ObjectDifference } from './differences.js';
import { type Fact, isBody, isComment, type Snapshot, subjectOf } from './fact.js';

export type { Candidate } from './candidates.js';

/** What it would mean to run a revision again that may have run already. */
export type Nature = 'nothing' | 'idempotent' | 'matters';

export interface Witnesses {
  /** Answers of `@probe` queries, by revision. */
  readonly probes?: ReadonlyMap<string, boolean>;
  /** Whether a revision that leaves no evidence may simply run again. */
  readonly nature: (revision: string) => Nature;
}

export interface Identification {
  /**
   * `exact`: no disagreement, and nothing undetermined that matters · `drifted`: a few objects differ, and what wrote them ran
   * beyond doubt (see `judgeDrift`) · `ambiguous`: no disagreement, but a revision that
   * leaves no evidence must not run twice · `near`: some of the schema is there, but it disagrees · `none`: nothing of the
   * graph is there, but other things are · `empty`: nothing is there
   */
  readonly match: 'exact' | 'drifted' | 'near' | 'ambiguous' | 'none' | 'empty';
  /** Rows to be stamped if the match is exact, or drifted and accepted: the lowest solution. */
  readonly stamp: readonly string[];
  /** Revisions that the evidence shows applied, parents first. */
  readonly applied: readonly string[];
  /** Revisions that leave no evidence: the lowest and the highest solution differ by them. */
  readonly undetermined: readonly string[];
  /** Those of them that make it ambiguous. */
  readonly unsettled: readonly string[];
  /** What an upgrade from the stamp would run. */
  readonly willRun: readonly string[];
  /** Nearest first; the first is the stamp itself if the match is exact. */
  readonly candidates: readonly Candidate[];
  /** Extensions that are there already, and that only revisions make which are still to run. They change nothing. */
  readonly early: readonly Fact[];
  /** On what the lowest solution and the schema differ; `candidates` tells the same of others. */
  readonly differences: readonly ObjectDifference[];
  /** Whether any object that a revision touches is there. */
  readonly overlaps: boolean;
  /** Objects that no revision touches. */
  readonly foreign: readonly Fact[];
  /** Of the applied ones, topmost first: what they did that no fact shows, and that is taken on trust. */
  readonly onTrust: readonly { readonly revision: string; readonly what: readonly string[] }[];
}

/**
 * Comments are lost on the way and written by hand; a body that no revision wrote was written by hand. Neither says anything of the
 * revisions.
 */
function countsIn(known: Known, observed: Snapshot): FactCounts {
  const own = new Set<string>();
  for (const fact of observed) if (isBody(fact) && !known.facts.has(fact)) own.add(subjectOf(fact));
  return (fact) => !isComment(fact) && !(isBody(fact) && own.has(subjectOf(fact)));
}

/**
 * Finds out which revisions a database has, from its facts.
 *
 * Replaying the graph gave each fact its events: revisions that make it present or absent. A revision's weight is, over its
 * events, +1 where the observation agrees with *after*, −1 where it agrees with *before*. Where the events of a fact lie on
 * one line, the disagreement of a down-closed set with the observation is a constant minus its weight, so the heaviest
 * closure is the set that disagrees least (see `heaviestClosure`; one minimum cut for the whole graph, braided or not).
 * The least solution is never above the truth if the observation is a state of the graph: ties go to the lowest.
 *
 * Example: a creates t; b adds a column; c only writes rows. Observed `table t` alone: weights 1, −1, 0, so {a}. With the
 * column as well: {a, b}, and c is undetermined, because a database with and without its rows has the same schema.
 *
 * Cost: linear in the facts, plus the cut.
 */
export function identify(
  graph: Graph,
  catalogue: Catalogue,
  observed: Snapshot,
  witnesses: Witnesses,
): Identification {
  const known = knownBy(catalogue);
  const counts = countsIn(known, observed);
  const weights = weigh(graph, catalogue, observed, { probes: witnesses.probes ?? new Map(), counts });
  const { least, greatest } = heaviestClosure(graph.parents, weights);
  const inside = insideOf(known, observed);
  const about = { graph, catalogue, known, observed, inside, counts };
  const best = candidate(about, least);
  const undetermined = marked(greatest).filter((n) => least[n] !== 1);
  const unsettled = undetermined.filter((n) => witnesses.nature(graph.idOf(n)) === 'matters');
  const applied = marked(least);
  const foreign = foreignTo(known, observed);
  const isOurs = overlaps(known, observed);
  const early = earlyOf(about, least);
  const match = judge({
    applied: applied.length,
    best,
    unsettled: unsettled.length,
    anything: observed.size > early.length,
  });
  return {
    match,
    stamp: best.stamp,
    applied: graph.idsOf(applied),
    undetermined: graph.idsOf(undetermined),
    unsettled: graph.idsOf(unsettled),
    willRun: graph.ids.filter((_, n) => least[n] !== 1),
    candidates: match === 'exact' ? [best] : isOurs ? nearest(about, best) : [],
    early,
    differences: best.differences,
    overlaps: isOurs,
    foreign,
    onTrust: [...applied].reverse().flatMap((n) => {
      const revision = graph.idOf(n);
      const { unseen = [] } = catalogue.get(revision) ?? {};
      return unseen.length === 0 ? [] : [{ revision, what: unseen }];
    }),
  };
}

function judge(found: {
  applied: number;
  best: Candidate;
  unsettled: number;
  anything: boolean;
}): Identification['match'] {
  if (found.applied === 0) return found.anything ? 'none' : 'empty';
  if (found.best.score > 0) return 'near';
  return found.unsettled > 0 ? 'ambiguous' : 'exact';
}

/**
 * Evidence for and against each revision, by number. Facts outweigh all probes together: those settle what is left open and
 * overturn nothing. Comments weigh nothing: they are lost on the way and written by hand.
 */
function weigh(
  graph: Graph,
  catalogue: Catalogue,
  observed: Snapshot,
  { probes, counts }: { readonly probes: ReadonlyMap<string, boolean>; readonly counts: FactCounts },
): number[] {
  const unit = probes.size + 1;
  const extensions = [...catalogue.values()].flatMap(({ adds, removes }) =>
    [...adds, ...removes].filter(isExtension),
  );
  const scale = extensions.length + 1;
  return graph.ids.map((id) => {
    const said = probes.get(id);
    const facts = evidence(catalogue.get(id), observed, counts, scale);
    return unit * facts + (said === undefined ? 0 : said ? 1 : -1);
  });
}

/**
 * An extension that is there may be anybody's: a provider's, a DBA's. It speaks for a revision that makes nothing else, and all that are
 * there weigh less than one other fact.
 * @param scale what such a fact weighs
 */
function evidence(
  entry: CatalogueEntry | undefined,
  observed: Snapshot,
  counts: FactCounts,
  scale: number,
): number {
  const { adds = [], removes = [], unseen = [] } = entry ?? {};
  const others = [...adds, ...removes].some((other) => !isExtension(other) && counts(other));
  const there = (fact: Fact): number => (!isExtension(fact) ? scale : others || unseen.length > 0 ? 0 : 1);
  let weight = 0;
  for (const fact of adds) if (counts(fact)) weight += observed.has(fact) ? there(fact) : -scale;
  for (const fact of removes) if (counts(fact)) weight += observed.has(fact) ? -scale : scale;
  return weight;
}
