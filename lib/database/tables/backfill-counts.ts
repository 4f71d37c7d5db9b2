/** Counts of a chunk, or of a backfill, over all runs. */
export interface Counts {
  readonly batches: number;
  /** Rows that were read. With `change`: changed + skipped + failed. */
  readonly scanned: number;
  readonly changed: number;
  readonly skipped: number;
  /** Rows in quarantine. */
  readonly failed: number;
  /** Reason → number of rows skipped for it. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Table → number of rows inserted. */
  readonly created: Readonly<Record<string, number>>;
  /** Run time of the batches, in ms. */
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
