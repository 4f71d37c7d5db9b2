/** Counts of a chunk, over all runs. */
export interface Counts {
  readonly batches: number;
  readonly scanned: number;
  readonly changed: number;
  readonly skipped: number;
  readonly failed: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly created: Readonly<Record<string, number>>;
  /** Time at work, in ms. */
  readonly ms: number;
}

/** Before the first batch. */
export const NOTHING_COUNTED: Counts = {
  batches: 0,
  scanned: 0,
  changed: 0,
  skipped: 0,
  failed: 0,
  reasons: {},
  created: {},
  ms: 0,
};
