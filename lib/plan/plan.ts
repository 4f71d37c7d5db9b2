/** What a step does. Never a boolean: a third direction exists. */
export type Direction = 'upgrade' | 'downgrade';

/** One revision in one direction, and what it does to the rows of the version table. */
export interface Step {
  readonly revision: string;
  readonly direction: Direction;
  /** Rows that go. */
  readonly remove: readonly string[];
  /** Rows that come. */
  readonly add: readonly string[];
}

/** What becomes of a merge point's parents when the merge point itself is taken away. */
export interface MergeFate {
  readonly merge: string;
  readonly sides: readonly { readonly revision: string; readonly fate: 'UNDO' | 'KEEP' }[];
}

/**
 * What would be run: plain data, ready for JSON. `from` and `to` are the rows before the first and after the last step.
 * Nothing to do is an empty list of steps with `from` equal to `to`.
 */
export interface Plan {
  readonly direction: Direction;
  readonly target: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly steps: readonly Step[];
  /** Downgrades: the merge points among the steps, with both sides. Empty for upgrades. */
  readonly merges: readonly MergeFate[];
}

/** A stamp moves the rows without running anything. */
export interface StampPlan {
  readonly direction: 'stamp';
  readonly target: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly remove: readonly string[];
  readonly add: readonly string[];
}

/** Nothing to do, where the rows are. */
export function planOfNothing(direction: Direction, rows: readonly string[]): Plan {
  return { direction, target: '', from: rows, to: rows, steps: [], merges: [] };
}

/** A plan that runs one revision where the rows are, and leaves them there. */
export function planOfOne(revision: string, rows: readonly string[]): Plan {
  const step = { revision, direction: 'upgrade' as const, remove: [], add: [] };
  return { direction: 'upgrade', target: revision, from: rows, to: rows, steps: [step], merges: [] };
}
