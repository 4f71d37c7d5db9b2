import type { Graph } from '../../graph/graph.js';
import { type Catalogue, expectedFacts, insideOf, type Known } from '../catalogue.js';
import type { Diagnosis } from '../diagnose.js';
import { isEasilyMade } from '../differences.js';
import { difference, type Fact, isBody, isComment, type Snapshot } from '../fact.js';
import type { Witnesses } from '../identify.js';
import { marksOf } from './marks.js';

/** What a database would be if some of the revisions below it had been left out: nothing else differs. */
export interface Hole {
  /** Rows that stand for it. */
  readonly stamp: readonly string[];
  /** Revisions that never ran, parents first. */
  readonly without: readonly string[];
  /** Revisions of which the schema does not show whether they ran, and that must not run twice: order proves nothing here. */
  readonly unsettled: readonly string[];
}

/**
 * The claim that everything that left a mark of its own ran, and all that it stands on: marks by number. Where much was left out
 * below little, the set that disagrees least is not that one.
 * @param more revisions that are claimed as well
 */
export function claimOfMarks(
  graph: Graph,
  catalogue: Catalogue,
  observed: Snapshot,
  more: readonly string[] = [],
): Uint8Array {
  const own = marksOf(catalogue, observed);
  const also = new Set(more);
  const shown = graph.ids.flatMap((id, n) => (also.has(id) || own(id).length > 0 ? [n] : []));
  return graph.closure(shown);
}

/** Revisions that make nothing but what somebody may have made beforehand, and all of that is there: they may have run. */
export function easilyShown(graph: Graph, catalogue: Catalogue, observed: Snapshot): string[] {
  return graph.ids.filter((id) => {
    const { adds = [], removes = [] } = catalogue.get(id) ?? {};
    return (
      adds.length > 0 &&
      removes.length === 0 &&
      adds.every((fact) => isEasilyMade(fact) && observed.has(fact))
    );
  });
}

/**
 * A claim that is right but for revisions that never ran.
 * @returns null if something else differs as well, or nothing does
 */
export function holeIn(
  graph: Graph,
  catalogue: Catalogue,
  known: Known,
  observed: Snapshot,
  claimed: Uint8Array,
  { missing, undetermined, unsettled, undone, drift, changed }: Diagnosis,
  nature: Witnesses['nature'],
): Hole | null {
  if (missing.length === 0 || undone.length + drift.length + changed.length > 0) return null;
  const ran = claimed.slice();
  for (const { revision } of missing) ran[graph.numberOf(revision) as number] = 0;
  const inside = insideOf(known, observed);
  const off = difference(expectedFacts(graph, catalogue, ran), inside);
  const counts = (fact: Fact): boolean => !isComment(fact) && !isBody(fact);
  if (off.missing.some(counts) || off.unexpected.some(counts)) return null;
  return {
    stamp: graph.idsOf(graph.maximal(claimed)),
    without: missing.map(({ revision }) => revision),
    unsettled: undetermined.filter((id) => unsettled.includes(id) || nature(id) === 'matters'),
  };
}
