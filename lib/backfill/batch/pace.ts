/** How the size of batches follows the time that they take. */
export interface Pace {
  /** Rows of the first batch. */
  readonly size: number;
  readonly maxSize: number;
  readonly targetMs: number;
  /** What a batch may keep others from, once it is larger than the first; null where the whole work is done under lock. */
  readonly held: Held | null;
}

/** How long rows stay locked is how long a writer waits who wants one of them; their share, how often one has to. */
export interface Held {
  readonly ms: number;
  /** Of all rows of the backfill. */
  readonly share: number;
}

/** A batch that is through. */
export interface Done {
  readonly rows: number;
  /** That it was read with; a batch that was not full says nothing about a larger one. */
  readonly limit: number;
  readonly ms: number;
  /** Of these, how long rows were locked. */
  readonly heldMs: number;
}

/**
 * Rows of the next batch: as many as would have taken the target time, but at most twice, at least half of what was just
 * done, so that one odd batch does not throw it about.
 * @param total rows of the backfill; null if nobody counted
 */
export function nextSize(pace: Pace, { rows, limit, ms, heldMs }: Done, total: number | null): number {
  const lasting = (target: number, took: number): number => Math.round((rows * target) / Math.max(took, 1));
  const { size, maxSize, targetMs, held } = pace;
  const bearable = ({ ms: most, share }: Held): number =>
    Math.min(lasting(most, heldMs), total === null ? maxSize : Math.round(total * share));
  // Not below the first size: a server far away takes its time whatever the size.
  const free = held === null ? maxSize : Math.max(size, bearable(held));
  const ideal = Math.min(lasting(targetMs, ms), free);
  const grown = rows < limit ? Math.min(ideal, limit) : ideal;
  return Math.max(1, Math.min(maxSize, limit * 2, Math.max(grown, Math.ceil(limit / 2))));
}

/** Rows of the next try after a batch failed or took too long. */
export function halved(rows: number): number {
  return Math.max(1, Math.floor(rows / 2));
}
