import { type Opened, withDatabase } from '../access/open.js';
import type { DatabaseOptions } from '../config/options.js';
import { readAttempts } from '../database/tables/attempts.js';
import { LEDGER_TABLE } from '../database/tables/ledger.js';
import { RevgraphError } from '../errors/error.js';
import { LOG } from '../options/inspection.js';
import { defaultsOf, type OptionsOf } from '../options/option.js';
import { type LogEntry, logEntryOf } from './log-entry.js';
import { namesOf, recordedName } from './recorded-name.js';

export interface LogOptions extends DatabaseOptions, OptionsOf<typeof LOG> {}

export interface LogResult {
  /** Newest first. */
  readonly entries: readonly LogEntry[];
  /** Whether there are older ones beyond the limit. */
  readonly more: boolean;
  /** The name of the ledger; null where there is none. */
  readonly ledger: string | null;
  readonly database: string;
}

/** See `log`. */
export async function logOf(options: LogOptions): Promise<LogResult> {
  const { revision, direction, outcome, limit = defaultsOf(LOG).limit } = options;
  const since = options.since === undefined ? undefined : momentOf(options.since, new Date());
  return withDatabase(options, async (opened) => {
    const { session, table, project } = opened;
    const id = revision === undefined ? null : await recordedName(opened, revision, options.releases);
    const found = await readAttempts(session, table, {
      direction,
      outcome,
      since,
      revisions: id === null ? undefined : namesOf(project.graph, id),
      // One more tells whether there are more.
      limit: limit === 0 ? 0 : limit + 1,
    });
    const shown = limit === 0 ? found : (found?.slice(0, limit) ?? null);
    return {
      entries: shown?.map(logEntryOf) ?? [],
      more: (found?.length ?? 0) > (shown?.length ?? 0),
      ledger: found === null ? null : LEDGER_TABLE,
      database: session.label,
    };
  });
}

/** The newest attempt of each revision that has one, in the names of today, oldest first. One query. */
export async function newestByRevision({ session, table, project }: Opened): Promise<LogEntry[]> {
  const found = (await readAttempts(session, table, { limit: 0 })) ?? [];
  const newest = new Map<string, LogEntry>();
  for (const attempt of found.toReversed()) {
    const entry = logEntryOf(attempt);
    const revision = project.graph.today(entry.revision) ?? entry.revision;
    newest.set(revision, { ...entry, revision });
  }
  return [...newest.values()];
}

const DURATION = /^(\d{1,9})\s*([smhdw])$/;
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * A date, or a duration before now, as a moment. Times without a zone are UTC, as those that are shown.
 * @throws `usage`
 */
export function momentOf(typed: string, now: Date): Date {
  const [, count, unit = ''] = DURATION.exec(typed.trim()) ?? [];
  // Before 1970 there was no ledger, and PostgreSQL's calendar ends sooner than what can be typed here.
  if (count !== undefined)
    return new Date(Math.max(0, now.getTime() - Number(count) * (UNITS[unit] as number) * 1000));
  const [, day, time = '00:00', zone = 'Z'] = MOMENT.exec(typed.trim()) ?? [];
  const moment = new Date(`${day}T${time}${zone.toUpperCase()}`);
  // 2026-02-31 would be a day in March.
  const isDay = day !== undefined && new Date(`${day}T00:00Z`).getUTCDate() === Number(day.slice(-2));
  if (isDay && !Number.isNaN(moment.getTime())) return moment;
  throw new RevgraphError('usage', {
    message: `${JSON.stringify(typed)} is neither a date nor a duration.`,
    hint: 'Write a date such as 2026-01-31 or 2026-01-31T12:00Z, or a duration before now such as 7d, 12h or 30m.',
  });
}
