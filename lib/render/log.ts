import type { LogEntry } from '../inspection/log-entry.js';
import { type Paint, PLAIN } from './lists.js';
import { counted, duration, excerpt, list } from './words.js';

interface Log {
  readonly entries: readonly LogEntry[];
  readonly more: boolean;
  readonly ledger: string | null;
  readonly database: string;
}

/** `log`: the ledger as a story, newest first, a few lines per attempt. */
export function logText({ entries, more, ledger, database }: Log, paint: Paint = PLAIN): string {
  if (ledger === null) return `There is no ledger in ${database}: nothing has been recorded.`;
  if (entries.length === 0) return `No entry of ${ledger} matches.`;
  return [
    ...entries.map((entry) => entryText(entry, paint)),
    ...(more
      ? [`Only the newest ${counted(entries.length, 'entry', 'entries')}. To see all, use --limit 0.`]
      : []),
  ].join('\n');
}

/** One attempt: when, what and how it ended; then who, the rows, and why it failed or was stamped. */
export function entryText(entry: LogEntry, paint: Paint = PLAIN): string {
  const { direction, revision, startedAt, rowsFrom, rowsTo, reason } = entry;
  const rows = (ids: readonly string[]): string => list(ids, 6) || 'base';
  const moved = rows(rowsFrom) === rows(rowsTo) ? `stays at ${rows(rowsTo)}` : null;
  return [
    `${paint.dim(moment(startedAt))}  ${direction} ${paint.id(revision)}  ${outcomeText(entry, paint)}`,
    `  ${byWhom(entry)}`,
    `  rows: ${moved ?? `${rows(rowsFrom)} → ${rows(rowsTo)}`}`,
    ...(reason === null ? [] : [`  reason: ${reason}`]),
    ...failureLines(entry).map((line) => `  ${line}`),
  ].join('\n');
}

/** `2026-01-31 12:00:05 UTC` */
export function moment(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

function outcomeText({ outcome, ms, attempt, direction, progress }: LogEntry, paint: Paint): string {
  const nth = attempt === 1 || direction === 'stamp' ? '' : `, attempt ${attempt}`;
  const time =
    ms === null || direction === 'stamp' ? '' : ` ${outcome === 'done' ? 'in' : 'after'} ${duration(ms)}`;
  const at =
    progress === null
      ? ''
      : `, ${progress.finished} of ${counted(progress.statements, 'statement')} finished`;
  if (outcome === 'done') return `${paint.good('done')}${time}${nth}`;
  if (outcome === 'failed') return `${paint.bad('failed')}${time}${nth}${at}`;
  if (outcome === 'retry') return `${paint.mark('to be tried again')}${at}`;
  return `${paint.mark('running, or interrupted')}${nth}${at}`;
}

function byWhom({ actor, host, application, libraryVersion }: LogEntry): string {
  return `by ${actor} on ${host}${application === null ? '' : ` for ${application}`}, revgraph ${libraryVersion}`;
}

/** Why it failed, and at which statement. */
export function failureLines({ message, sqlstate, statement }: LogEntry): string[] {
  const state = sqlstate === null ? '' : ` (SQLSTATE ${sqlstate})`;
  return [
    ...(message === null ? [] : [`error: ${message}${state}`]),
    ...(statement === null ? [] : [`statement: ${excerpt(statement)}`]),
  ];
}
