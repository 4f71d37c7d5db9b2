import type { Graph } from '../graph/graph.js';
import { type Fact, subjectOf } from './fact.js';

/** What a revision did to the facts in one replay. */
export interface Effect {
  readonly adds: readonly Fact[];
  readonly removes: readonly Fact[];
}

/**
 * Objects that revisions on different lines make, change or drop: `CREATE … IF NOT EXISTS` or `DROP … IF EXISTS` on two of
 * them, each with an effect only where it comes first. Whose work it is can't be told from what is there, and the state of
 * such an object is not the sum of what the revisions did: it is no evidence for any of them.
 *
 * Cost: linear in the effects, and one walk over the graph per revision that writes an object which another one wrote
 * before, for each such pair that was not compared yet.
 *
 * @param replays what each revision did, one map per order that was replayed
 */
export function contestedSubjects(
  graph: Graph,
  replays: readonly ReadonlyMap<string, Effect>[],
): Set<string> {
  const writers = new Map<string, Set<number>>();
  for (const effects of replays)
    for (const [revision, { adds, removes }] of effects)
      for (const fact of [...adds, ...removes]) {
        const subject = subjectOf(fact);
        const known = writers.get(subject) ?? new Set<number>();
        known.add(graph.numberOf(revision) as number);
        writers.set(subject, known);
      }
  const below = new Map<number, Uint8Array>();
  const isBelow = (lower: number, upper: number): boolean => {
    const marks = below.get(upper) ?? graph.closure([upper]);
    below.set(upper, marks);
    return marks[lower] === 1;
  };
  const contested = new Set<string>();
  for (const [subject, numbers] of writers) {
    const line = [...numbers].sort((a, b) => a - b);
    for (let i = 1; i < line.length; i++)
      if (!isBelow(line[i - 1] as number, line[i] as number)) contested.add(subject);
  }
  return contested;
}
