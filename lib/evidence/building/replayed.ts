import type { Effect } from '../../fingerprint/contested.js';
import type { Fact, Snapshot } from '../../fingerprint/fact.js';

/** What a revision did when it was replayed. */
export interface ReplayedStep extends Effect {
  readonly revision: string;
  /** Facts of objects that were there before it, and that it makes as well. */
  readonly remakes: readonly Fact[];
  /** Objects that it has named by the date of that day. */
  readonly dated: readonly string[];
  /** What it did that no fact shows, in words. */
  readonly unseen: readonly string[];
}

/** A graph that was replayed to its heads. */
export interface Replayed {
  readonly order: readonly string[];
  readonly steps: ReadonlyMap<string, ReplayedStep>;
  readonly end: Snapshot;
  /** Revisions that an earlier build had replayed already. */
  readonly kept: number;
}

/** The facts behind steps. */
export function factsBehind(steps: readonly Effect[]): Set<Fact> {
  const facts = new Set<Fact>();
  for (const { adds, removes } of steps) {
    for (const fact of removes) facts.delete(fact);
    for (const fact of adds) facts.add(fact);
  }
  return facts;
}

export function toReplayed(steps: readonly ReplayedStep[], kept: number): Replayed {
  return {
    order: steps.map(({ revision }) => revision),
    steps: new Map(steps.map((step) => [step.revision, step])),
    end: factsBehind(steps),
    kept,
  };
}
