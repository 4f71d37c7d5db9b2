import type { Graph } from '../graph/graph.js';
import { marked } from '../graph/walk.js';
import { type Catalogue, expectedFacts, type Known } from './catalogue.js';
import { byObject, isExtension, type ObjectDifference } from './differences.js';
import { difference, type Fact, isComment, type Snapshot } from './fact.js';
import { otherShapes } from './shapes.js';

/** A state that the database may be in, and how it differs from it. */
export interface Candidate {
  /** Rows that stand for it. */
  readonly stamp: readonly string[];
  readonly missing: readonly Fact[];
  readonly unexpected: readonly Fact[];
  /** How many facts differ. */
  readonly score: number;
  /** The same by object; bodies that somebody wrote by hand are told of, and don't count. */
  readonly differences: readonly ObjectDifference[];
}

const CANDIDATES = 3;

/** Whether a fact counts. */
export type FactCounts = (fact: Fact) => boolean;

/** What candidates are held against. */
export interface About {
  readonly graph: Graph;
  readonly catalogue: Catalogue;
  readonly known: Known;
  readonly observed: Snapshot;
  readonly inside: Snapshot;
  readonly counts: FactCounts;
}

/** Extensions that no revision of a set has made. */
export function earlyOf({ graph, catalogue, inside }: About, applied: Uint8Array): Fact[] {
  const there = [...inside].filter(isExtension);
  if (there.length === 0) return there;
  const written = new Set(marked(applied).flatMap((n) => writtenBy(catalogue, graph.idOf(n))));
  return there.filter((fact) => !written.has(fact)).sort();
}

function writtenBy(catalogue: Catalogue, revision: string): readonly Fact[] {
  const { adds = [], removes = [] } = catalogue.get(revision) ?? {};
  return [...adds, ...removes].filter(isExtension);
}

export function candidate(about: About, applied: Uint8Array): Candidate {
  const { graph, catalogue, known, observed, inside, counts } = about;
  const found = difference(expectedFacts(graph, catalogue, applied), inside);
  const early = new Set(earlyOf(about, applied));
  const told = {
    missing: found.missing.filter((fact) => !isComment(fact)),
    unexpected: found.unexpected.filter((fact) => !isComment(fact) && !early.has(fact)),
  };
  const missing = told.missing.filter(counts);
  const unexpected = told.unexpected.filter(counts);
  const isEqual = told.missing.length + told.unexpected.length === 0;
  return {
    stamp: graph.idsOf(graph.maximal(applied)),
    missing,
    unexpected,
    score: missing.length + unexpected.length,
    differences: isEqual ? [] : byObject(told, otherShapes(known, observed)),
  };
}

/**
 * The states that a database passes on the way from base to heads in the graph's order, nearest first, with the best
 * closure among them. Their disagreement is counted along the way, one event at a time.
 */
export function nearest(about: About, best: Candidate): Candidate[] {
  const { graph, catalogue, inside } = about;
  let disagreement = inside.size;
  const scores: { upTo: number; disagreement: number }[] = [];
  for (let n = 0; n < graph.size; n++) {
    const entry = catalogue.get(graph.idOf(n));
    for (const fact of entry?.adds ?? []) disagreement += inside.has(fact) ? -1 : 1;
    for (const fact of entry?.removes ?? []) disagreement += inside.has(fact) ? 1 : -1;
    scores.push({ upTo: n, disagreement });
  }
  scores.sort((a, b) => a.disagreement - b.disagreement || a.upTo - b.upTo);
  const others = scores.slice(0, CANDIDATES).map(({ upTo }) => {
    const applied = new Uint8Array(graph.size).fill(1, 0, upTo + 1);
    return candidate(about, applied);
  });
  const all = [best, ...others].filter(
    (one, i, list) =>
      one.stamp.length > 0 && list.findIndex((o) => o.stamp.join() === one.stamp.join()) === i,
  );
  return all.sort((a, b) => a.score - b.score).slice(0, CANDIDATES);
}
