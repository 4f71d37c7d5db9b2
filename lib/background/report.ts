import { resultOf, totalOf } from '../backfill/batch/result.js';
import { type BackfillStatus, byBackfill, standing } from '../backfill/standing.js';
import type { Chunk } from '../database/tables/backfill-state.js';
import type { Quarantined } from '../database/tables/quarantine.js';
import type { BatchResult } from '../revision/batches.js';

export type { BackfillStatus };

/** How far a backfill is. */
export interface BackfillReport extends BatchResult {
  readonly state: BackfillStatus;
  readonly table: string | null;
  /** Rows when it began. */
  readonly total: number | null;
  /** Rows per second of work. */
  readonly perSecond: number | null;
  readonly etaMs: number | null;
  readonly lastKey: readonly string[] | null;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly finishedAt: string | null;
  /** Up to 20 rows. */
  readonly quarantine: readonly Pick<Quarantined, 'key' | 'error' | 'sqlstate' | 'accepted'>[];
}

const SHOWN = 20;

/** One report per backfill, in the order in which they began. */
export function reportsOf(chunks: readonly Chunk[], quarantined: readonly Quarantined[]): BackfillReport[] {
  return byBackfill(chunks).map((group) => {
    const [first] = group;
    const rows = quarantined.filter(
      ({ revision, name }) => revision === first.revision && name === first.name,
    );
    return reportOf(group, rows);
  });
}

function reportOf(chunks: readonly Chunk[], rows: readonly Quarantined[]): BackfillReport {
  const [first] = chunks as [Chunk];
  const result = resultOf(chunks);
  const total = totalOf(chunks);
  const perSecond = result.ms === 0 ? null : Math.round((result.scanned / result.ms) * 1000);
  const left = total === null ? null : Math.max(total - result.scanned, 0);
  const state = standing(chunks, rows);
  const over = state === 'done' || state === 'finished';
  const times = (pick: (chunk: Chunk) => Date | null): Date[] =>
    chunks.flatMap((chunk) => pick(chunk) ?? []).sort(byTime);
  return {
    ...result,
    state,
    table: first.definition?.table ?? null,
    total,
    perSecond,
    etaMs: over || left === null || !perSecond ? null : Math.round((left / perSecond) * 1000),
    lastKey: [...chunks].reverse().find(({ cursor }) => cursor !== null)?.cursor ?? null,
    startedAt: iso(times(({ startedAt }) => startedAt)[0]) as string,
    updatedAt: iso(times(({ updatedAt }) => updatedAt).at(-1)) as string,
    finishedAt: over ? iso(times(({ finishedAt }) => finishedAt).at(-1)) : null,
    quarantine: rows
      .slice(0, SHOWN)
      .map(({ key, error, sqlstate, accepted }) => ({ key, error, sqlstate, accepted })),
  };
}

const byTime = (a: Date, b: Date): number => a.getTime() - b.getTime();
const iso = (date: Date | undefined): string | null => date?.toISOString() ?? null;
