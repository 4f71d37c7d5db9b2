import type { BackfillPreview } from '../backfill/preview.js';
import type { BackfillReport } from '../background/report.js';
import type { BatchResult } from '../revision/batches.js';
import type { EventBody } from '../run/events.js';
import { type Paint, PLAIN } from './lists.js';
import { agree, counted, duration, excerpt } from './words.js';

type Progress = Extract<EventBody, { type: 'backfill-progress' }>;

const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ' ');

const rowsText = (n: number): string => counted(n, 'row', 'rows', grouped(n));

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

const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, n]) => `${what}: ${grouped(n)}`)
    .join(', ');

const SHOWN_ROWS = 10;

/** One backfill on a few lines: where it stands, its counts, the rows in quarantine. */
export function reportText(report: BackfillReport, paint: Paint = PLAIN): string {
  const { revision, state, total, scanned, perSecond, etaMs, lastKey, quarantine, name } = report;
  const share = total === null || total === 0 ? '' : ` of ${grouped(total)}`;
  const pace = [
    ...(perSecond === null ? [] : [`${grouped(perSecond)} rows/s while running`]),
    ...(etaMs === null ? [] : [`${duration(etaMs)} left`]),
    ...(lastKey === null ? [] : [`last key ${lastKey.join(', ')}`]),
  ];
  const good = state === 'finished' || state === 'done' || state === 'running';
  return [
    `${paint.id(revision)}  ${(good ? paint.good : paint.bad)(state)}  ${name === '' ? 'in the background' : `${grouped(scanned)}${share} ${agree(total || scanned, 'row', 'rows')}`}`,
    ...(name === '' ? [] : [`  ${finishedLine(report)}`]),
    ...(pace.length === 0 ? [] : [`  ${pace.join(', ')}`]),
    ...quarantine
      .slice(0, SHOWN_ROWS)
      .map(
        ({ key, error, accepted }) =>
          `  ${paint.bad('failed')} ${key.join(', ')}: ${error}${accepted === null ? '' : ` (accepted: ${accepted})`}`,
      ),
    ...(quarantine.length <= SHOWN_ROWS ? [] : [`  and ${grouped(report.failed - SHOWN_ROWS)} more`]),
  ].join('\n');
}

const value = (one: unknown): string =>
  excerpt(typeof one === 'string' ? one : (JSON.stringify(one) ?? 'null'), 100);

/** What a dry run saw, with rows before and after. */
export function previewText(seen: BackfillPreview, mode: 'run' | 'count', paint: Paint = PLAIN): string {
  if (mode === 'count')
    return `${seen.name}: ${counted(seen.total, 'row', 'rows', grouped(seen.total))} to process`;
  const samples = seen.samples.flatMap(({ key, before, after }) => [
    `  ${paint.id(key.join(', '))}`,
    ...[...new Set([...Object.keys(before), ...Object.keys(after)])].map(
      (column) => `    ${column}: ${paint.bad(value(before[column]))} → ${paint.good(value(after[column]))}`,
    ),
  ]);
  const failures = seen.failures.map(
    ({ key, error }) => `  ${paint.bad('would fail')} ${key.join(', ')}: ${error}`,
  );
  return [`would be ${finishedLine(seen)}`, ...samples, ...failures].join('\n');
}

/** `name: 2000 rows: 1340 changed, 60 skipped (no messages: 60), 0 failed; made messages: 216; 4 batches, 1.2 s` */
export function finishedLine(result: Omit<BatchResult, 'revision'>): string {
  const { name, scanned, changed, skipped, failed, reasons, created, batches, ms } = result;
  const why = Object.keys(reasons).length === 0 ? '' : ` (${countsText(reasons)})`;
  const made = Object.keys(created).length === 0 ? '' : `; made ${countsText(created)}`;
  return `${name}: ${rowsText(scanned)}: ${grouped(changed)} changed, ${grouped(skipped)} skipped${why}, ${grouped(failed)} failed${made}; ${counted(batches, 'batch', 'batches')}, ${duration(ms)}`;
}
