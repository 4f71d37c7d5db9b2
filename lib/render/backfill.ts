import type { BatchResult } from '../revision/batches.js';
import type { Event } from '../run/events.js';
import { duration } from './plan.js';

type Progress = Extract<Event, { type: 'backfill-progress' }>;

const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ' ');

/** `name: 12 000/50 000 (24 %), 8 000 rows/s, 5 s left, at key 12000` */
export function progressLine(event: Progress): string {
  const { name, total, scanned, failed, perSecond, etaMs, lastKey } = event;
  const share =
    total === null || total === 0 ? '' : ` (${Math.min(100, Math.floor((scanned / total) * 100))} %)`;
  return [
    `${name}: ${grouped(scanned)}${total === null ? '' : `/${grouped(total)}`}${share}`,
    `${grouped(perSecond)} rows/s`,
    ...(etaMs === null ? [] : [`${duration(etaMs)} left`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(lastKey.length === 0 ? [] : [`at key ${lastKey.join(', ')}`]),
  ].join(', ');
}

/** `name: 2000 rows: 1340 changed, 60 skipped (no messages: 60), 0 failed; made messages: 216; 4 batches, 1.2 s` */
export function finishedLine(result: Omit<BatchResult, 'revision'>): string {
  const { name, scanned, changed, skipped, failed, reasons, created, batches, ms } = result;
  const named = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([what, n]) => `${what}: ${grouped(n)}`)
      .join(', ');
  const why = Object.keys(reasons).length === 0 ? '' : ` (${named(reasons)})`;
  const made = Object.keys(created).length === 0 ? '' : `; made ${named(created)}`;
  return `${name}: ${grouped(scanned)} rows: ${grouped(changed)} changed, ${grouped(skipped)} skipped${why}, ${grouped(failed)} failed${made}; ${batches} batches, ${duration(ms)}`;
}
