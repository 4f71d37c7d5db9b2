import type { Chunk } from '../database/tables/backfill-state.js';
import type { BackfillContext } from './batch/context.js';
import { resultOf, totalOf } from './batch/result.js';

/** Tells how far a backfill is, after every batch of any of its chunks. */
export function meter(
  { emit, revision }: Pick<BackfillContext, 'emit' | 'revision'>,
  name: string,
  begin: readonly Chunk[],
): (chunk: Chunk) => void {
  const began = performance.now();
  const before = resultOf(begin).scanned;
  const chunks = new Map(begin.map((chunk) => [chunk.chunk, chunk]));
  const total = totalOf(begin);
  return (chunk) => {
    chunks.set(chunk.chunk, chunk);
    const { scanned, changed, skipped, failed } = resultOf([...chunks.values()]);
    const seconds = Math.max((performance.now() - began) / 1000, 0.001);
    const perSecond = (scanned - before) / seconds;
    const left = total === null ? null : Math.max(total - scanned, 0);
    emit({
      type: 'backfill-progress',
      revision,
      name,
      total,
      scanned,
      changed,
      skipped,
      failed,
      perSecond: Math.round(perSecond),
      etaMs: left === null || perSecond === 0 ? null : Math.round((left / perSecond) * 1000),
      lastKey: chunk.cursor ?? [],
      size: chunk.size ?? 0,
    });
  };
}
