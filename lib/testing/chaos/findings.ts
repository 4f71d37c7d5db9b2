import type { ChaosKind, ChaosRow } from './options.js';

type Count = 'hits' | 'twice' | 'lost' | 'locksLeft' | 'falseSuccess' | 'failed';

/** Counts what is found in the cases of one kind. */
export class Findings {
  readonly #begun = performance.now();
  readonly #counts: Record<Count, number> = {
    hits: 0,
    twice: 0,
    lost: 0,
    locksLeft: 0,
    falseSuccess: 0,
    failed: 0,
  };
  readonly #problems: string[] = [];
  #slowestLockMs = 0;

  hit(): void {
    this.#counts.hits += 1;
  }

  lockFreeAfter(ms: number): void {
    this.#slowestLockMs = Math.max(this.#slowestLockMs, ms);
  }

  /** @param inCase which case, so that it can be found again */
  found(what: Exclude<Count, 'hits'>, inCase: string, words: string, times = 1): void {
    if (times === 0) return;
    this.#counts[what] += times;
    this.#problems.push(`${inCase}: ${words.split('\n')[0]}`);
  }

  row(kind: ChaosKind, what: string, cases: number, processes: number): ChaosRow {
    return {
      kind,
      what,
      cases,
      processes,
      ...this.#counts,
      slowestLockMs: this.#slowestLockMs,
      ms: Math.round(performance.now() - this.#begun),
      skipped: null,
      problems: this.#problems,
    };
  }
}

/** A kind of which nothing was done. */
export const skippedRow = (kind: ChaosKind, why: string): ChaosRow => ({
  ...new Findings().row(kind, '', 0, 0),
  ms: 0,
  skipped: why,
});

/** Whether nothing was found. */
export const isFine = (row: ChaosRow): boolean =>
  row.twice + row.lost + row.locksLeft + row.falseSuccess + row.failed === 0;
