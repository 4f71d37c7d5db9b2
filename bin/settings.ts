import { existsSync } from 'node:fs';
import {
  type Config,
  type DatabaseOptions,
  type Event,
  loadProject,
  type Project,
  type ProjectOptions,
  RevgraphError,
  type RunOptions,
  readConfig,
} from '../lib/index.js';
import { eventLine } from '../lib/render/events.js';
import { canAsk } from './ask.js';
import type { Globals, ProgressFlag, RunFlags } from './globals.js';
import type { Output } from './output.js';
import { progressView } from './progress.js';

const EMBEDDED = 'pglite:.revgraph/db';
const DEFAULT_REVISIONS = './revisions';

/** Flags win over the environment, the environment over the configuration. */
export async function projectSettings(
  flags: Globals,
): Promise<ProjectOptions & { revisions: string; config: Config }> {
  const config = await readConfig(flags.config);
  const { releases, runsOn, minimum, lines } = config;
  const revisions = flags.revisions ?? config.revisions ?? DEFAULT_REVISIONS;
  return { revisions, releases, runsOn, minimum, lines, config };
}

/** The same for what lists revisions. */
export async function listSettings(flags: Globals): Promise<ProjectOptions & { revisions: string }> {
  const { config: _, ...settings } = await projectSettings(flags);
  return settings;
}

/** Seconds as they are typed, in ms. */
export const ms = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

/** The database that is named, and where none is, undefined. */
export const namedUrl = (flags: Globals, config: Config): string | undefined =>
  flags.url ?? (process.env.DATABASE_URL || undefined) ?? config.url;

/** Where the database is. The embedded one is only a default on a laptop, and says so. */
function databaseUrl(flags: Globals, config: Config, output: Output): string {
  const named = namedUrl(flags, config);
  if (named !== undefined) return named;
  if (process.env.NODE_ENV === 'production')
    throw new RevgraphError('embedded_refused', {
      reason: 'NODE_ENV is production and no database was given',
    });
  // Said once in a folder.
  if (!existsSync(EMBEDDED.slice('pglite:'.length)))
    output.aside(
      'Using the embedded database in .revgraph/db. To use a server, set DATABASE_URL or use --url.',
    );
  return EMBEDDED;
}

export async function databaseSettings(
  flags: Globals & ProgressFlag,
  output: Output,
  signal?: AbortSignal,
): Promise<DatabaseOptions & { revisions: string }> {
  const { config: _, ...settings } = await databaseAndConfig(flags, output, signal);
  return settings;
}

export async function databaseAndConfig(
  flags: Globals & ProgressFlag,
  output: Output,
  signal?: AbortSignal,
): Promise<DatabaseOptions & { revisions: string; config: Config }> {
  const { config, ...project } = await projectSettings(flags);
  return {
    ...project,
    config,
    database: databaseUrl(flags, config, output),
    versionTable: flags.versionTable ?? config.versionTable,
    schema: flags.schema ?? config.schema,
    role: flags.role ?? config.role,
    connectTimeoutMs: config.connectTimeoutMs,
    silenceTimeoutMs: ms(flags.silenceTimeout) ?? config.silenceTimeoutMs,
    connectRetryMs: ms(flags.waitForDatabase) ?? config.connectRetryMs ?? 0,
    unknownRows: config.unknownRows,
    edited: config.edited,
    missed: config.missed,
    checks: config.checks,
    signal,
    onEvent: eventsOn(output, flags.progress),
  };
}

export async function runSettings(
  flags: Globals & RunFlags,
  output: Output,
  signal?: AbortSignal,
): Promise<RunOptions & { revisions: Project }> {
  const { config, ...settings } = await databaseAndConfig(flags, output, signal);
  return {
    ...settings,
    // Read once: what is printed at the end needs it too.
    revisions: await loadProject(settings.revisions),
    lock: flags.lock ?? config.lock,
    lockWaitMs: ms(flags.lockWait) ?? config.lockWaitMs,
    lockTimeoutMs: ms(flags.lockTimeout) ?? config.lockTimeoutMs,
    lockRetries: config.lockRetries,
    statementTimeoutMs: ms(flags.statementTimeout) ?? config.statementTimeoutMs,
    unknownRows: flags.unknownRows ?? config.unknownRows,
    edited: flags.edited ?? config.edited,
    missed: flags.missed ?? config.missed,
    destructive: flags.destructive ?? config.destructive ?? (canAsk() ? 'ask' : 'warn'),
    application: config.application,
    compatible: config.compatible,
    keepDowngrades: config.keepDowngrades,
    verify: flags.verify !== false,
    background: flags.background,
    dryRun: flags.dryRun,
    expect: config.expect,
    hooks: config.hooks,
    backup: config.backup,
    limits: config.preflight,
    preflight: flags.preflight === false ? 'off' : 'check',
  };
}

/** Shows the events of one command. */
function eventsOn(output: Output, progressSeconds: number | undefined): (event: Event) => void {
  const progress = progressView(progressSeconds === undefined ? undefined : progressSeconds * 1000);
  const failed = new Map<string, number>();
  return (event) => {
    if (event.type === 'backfill-progress') return progress.show(event, output);
    progress.clear();
    if (event.type === 'row-quarantined') {
      const of = `${event.revision}: ${event.name}`;
      const count = (failed.get(of) ?? 0) + 1;
      failed.set(of, count);
      if (count === SHOWN_ROWS + 1) output.aside(`${of}: more rows fail; they are not printed one by one`);
      if (count > SHOWN_ROWS) return;
    }
    showEvent(event, output);
  };
}

/** Of rows that fail, so many are printed: thousands would hide why. */
const SHOWN_ROWS = 10;

/** Steps are the result of a run; everything else that happens is said aside. */
export function showEvent(event: Event, output: Output): void {
  const line = eventLine(event, output.paint);
  if (line === null) return;
  if (event.type === 'step-finished') output.text(line);
  else output.aside(line);
}
