import type { Chunk } from '../../database/tables/backfill-state.js';
import type { BatchResult } from '../../revision/batches.js';

/** Rows that there were when chunks began; null where one does not know. */
export function totalOf(chunks: readonly Chunk[]): number | null {
  return chunks.reduce<number | null>(
    (sum, { total }) => (sum === null || total === null ? null : sum + total),
    0,
  );
}

/** What the chunks of one backfill came to. */
export function resultOf(chunks: readonly Chunk[]): BatchResult {
  const [first] = chunks as [Chunk];
  const sum = (pick: (chunk: Chunk) => number): number =>
    chunks.reduce((total, chunk) => total + pick(chunk), 0);
  return {
    revision: first.revision,
    name: first.name,
    scanned: sum(({ scanned }) => scanned),
    changed: sum(({ changed }) => changed),
    skipped: sum(({ skipped }) => skipped),
    failed: sum(({ failed }) => failed),
    reasons: added(chunks.map(({ reasons }) => reasons)),
    created: added(chunks.map(({ created }) => created)),
    batches: sum(({ batches }) => batches),
    ms: Math.round(sum(({ ms }) => ms)),
  };
}

/** Counts by name, summed. */
export function added(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all = new Map<string, number>();
  for (const part of parts)
    for (const [name, n] of Object.entries(part)) all.set(name, (all.get(name) ?? 0) + n);
  return Object.fromEntries(all);
}
