/** How the size of batches follows the time that they take. */
export interface Pace {
  /** Rows of the first batch. */
  readonly size: number;
  readonly maxSize: number;
  readonly targetMs: number;
}

/**
 * Rows of the next batch: as many as would have taken the target time, but at most twice, at least half of what was just
 * done, so that one odd batch does not throw it about.
 * @param rows that were done in `ms`
 * @param limit that they were read with; a batch that was not full says nothing about a larger one
 */
export function nextSize(
  pace: Pace,
  { rows, limit, ms }: { rows: number; limit: number; ms: number },
): number {
  const ideal = Math.round((rows * pace.targetMs) / Math.max(ms, 1));
  const grown = rows < limit ? Math.min(ideal, limit) : ideal;
  return Math.max(1, Math.min(pace.maxSize, limit * 2, Math.max(grown, Math.ceil(limit / 2))));
}

/** Rows of the next try after a batch failed or took too long. */
export function halved(rows: number): number {
  return Math.max(1, Math.floor(rows / 2));
}
