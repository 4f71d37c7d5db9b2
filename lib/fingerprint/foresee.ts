import type { Graph } from '../graph/graph.js';
import { type Catalogue, expectedFacts } from './catalogue.js';
import { type Difference, type Fact, isComment, type Snapshot, subjectOf } from './fact.js';

/**
 * What would not be as the claim says if revisions that are missing from it were run now, after later ones: facts of the
 * objects that they touch. A missing revision that makes what a later one took away would bring it back.
 *
 * @param claimed marks of the revisions that the rows include
 * @param missing ids to be run, parents first
 */
export function foresee(
  graph: Graph,
  catalogue: Catalogue,
  observed: Snapshot,
  claimed: Uint8Array,
  missing: readonly string[],
): Difference {
  const after = foreseen(observed, catalogue, missing);
  const subjects = new Set<string>();
  for (const id of missing) {
    const { adds = [], removes = [] } = catalogue.get(id) ?? {};
    for (const fact of [...adds, ...removes]) if (!isComment(fact)) subjects.add(subjectOf(fact));
  }
  const expected = expectedFacts(graph, catalogue, claimed);
  const concerns = (fact: Fact): boolean => subjects.has(subjectOf(fact));
  // Comments are lost on the way and written by hand: only one that would be written now, and is not the last, speaks.
  const wouldCome = (fact: Fact): boolean => isComment(fact) && !observed.has(fact);
  return {
    missing: [...expected].filter((fact) => concerns(fact) && !after.has(fact)).sort(),
    unexpected: [...after]
      .filter((fact) => (concerns(fact) || wouldCome(fact)) && !expected.has(fact))
      .sort(),
  };
}

/** The facts as they will be when revisions have run: each does what it did when the graph was replayed. */
export function foreseen(observed: Snapshot, catalogue: Catalogue, ids: readonly string[]): Set<Fact> {
  const after = new Set(observed);
  for (const id of ids) {
    const { adds = [], removes = [] } = catalogue.get(id) ?? {};
    for (const fact of removes) after.delete(fact);
    for (const fact of adds) after.add(fact);
  }
  return after;
}
