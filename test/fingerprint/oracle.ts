import { type Catalogue, expectedFacts, knownBy } from '../../lib/fingerprint/catalogue.js';
import { type Snapshot, subjectOf } from '../../lib/fingerprint/fact.js';
import type { Graph } from '../../lib/graph/graph.js';

/** What can be known at all of a database, found by trying every state of a small graph. */
export interface Knowable {
  /** Whether some state of the graph has the facts that were observed. */
  readonly isState: boolean;
  /** Revisions that all of these states have, and that some have. */
  readonly surely: readonly string[];
  readonly possibly: readonly string[];
}

const isComment = (fact: string): boolean => fact.startsWith('comment on ');

/** Every set that holds the parents of its members. */
function* closedSets(graph: Graph): Generator<Uint8Array> {
  let sets = [new Uint8Array(graph.size)];
  for (let n = 0; n < graph.size; n++)
    sets = sets.flatMap((set) => {
      if (!(graph.parents[n] ?? []).every((parent) => set[parent] === 1)) return [set];
      const more = set.slice();
      more[n] = 1;
      return [set, more];
    });
  yield* sets;
}

/**
 * States with exactly the observed facts about what the graph knows, comments aside; of these the ones that fit the probes
 * best.
 */
export function knowable(
  graph: Graph,
  catalogue: Catalogue,
  observed: Snapshot,
  probes: ReadonlyMap<string, boolean> = new Map(),
): Knowable {
  const known = knownBy(catalogue);
  const firm = [...observed].filter((fact) => !isComment(fact) && known.subjects.has(subjectOf(fact))).sort();
  let states: Uint8Array[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (const set of closedSets(graph)) {
    const expected = expectedFacts(graph, catalogue, set);
    if (
      [...expected]
        .filter((fact) => !isComment(fact))
        .sort()
        .join('\n') !== firm.join('\n')
    )
      continue;
    let agreeing = 0;
    for (const [id, is] of probes) if ((set[graph.numberOf(id) as number] === 1) === is) agreeing++;
    if (agreeing > best) [states, best] = [[], agreeing];
    if (agreeing === best) states.push(set);
  }
  return {
    isState: states.length > 0,
    surely: graph.ids.filter((_, n) => states.length > 0 && states.every((set) => set[n] === 1)),
    possibly: graph.ids.filter((_, n) => states.some((set) => set[n] === 1)),
  };
}
