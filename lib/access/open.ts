import { hostname, userInfo } from 'node:os';
import type { DatabaseOptions, RunOptions } from '../config/options.js';
import { withSession } from '../database/connection/connect.js';
import { lockKey, type RunLock } from '../database/connection/lock.js';
import { describeWith, type Server } from '../database/connection/server.js';
import type { ConnectOptions, Session } from '../database/connection/session.js';
import {
  type FoundTables,
  readTables,
  tablesExpression,
  usedTable,
} from '../database/tables/found-tables.js';
import { readVersionRows, rowsOf, rowsTexts, type VersionRows } from '../database/tables/read-rows.js';
import { otherLedger } from '../database/tables/record.js';
import { VERSION_TABLE } from '../database/tables/version-table.js';
import { RevgraphError } from '../errors/error.js';
import { listenTo } from '../listeners/listen.js';
import { loadProject, type Project } from '../project/project.js';
import type { EventBody } from '../run/events.js';
import { resetAfterFailure } from '../run/settings.js';
import { asRun, hasVolatile, parentsOfApplied } from './as-run.js';
import { withoutImplied } from './implied-rows.js';
import { judge } from './judgement.js';
import { assertNotRenamed, assertOwnTable } from './record/beside.js';
import { goneIn, movedAway } from './record/moved.js';
import { inNamesOf, type NamedRows } from './record/names.js';
import { withReleased } from './released-rows.js';

/** An open database and what is known of it. */
export interface Opened extends NamedRows {
  /** Ids under which something else ran: others stood on it then and do not now, and its text is another. */
  readonly reused?: readonly string[];
  readonly project: Project;
  readonly session: Session;
  readonly emit: (event: EventBody) => void;
}

function connectOptions(
  { connectTimeoutMs, connectRetryMs, silenceTimeoutMs, signal, ...rest }: RunOptions,
  project: Project,
  emit: Opened['emit'],
): ConnectOptions {
  const extensions = [...project.revisions.values()].flatMap(({ header }) =>
    header.requires.flatMap((requirement) => (requirement.kind === 'extension' ? [requirement.name] : [])),
  );
  return {
    applicationName: rest.application ?? 'revgraph',
    extensions: [...new Set(extensions)],
    onBusy: (holder) => emit({ type: 'database-busy', holder }),
    onDown: (reason) => emit({ type: 'database-waiting', reason }),
    signal,
    ...(rest.role === undefined ? {} : { role: rest.role }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    ...(connectRetryMs === undefined ? {} : { connectRetryMs }),
    ...(silenceTimeoutMs === undefined ? {} : { silenceTimeoutMs }),
  };
}

async function readRows(
  session: Session,
  loaded: Project,
  { versionTable: name, schema }: DatabaseOptions,
  emit: Opened['emit'],
  read = (): Promise<VersionRows> => readVersionRows(session, { name, schema, checksums: true }),
): Promise<Omit<Opened, 'session' | 'emit'>> {
  const stored = await read();
  await assertOwnTable(session, loaded.graph, stored);
  await assertNotRenamed(session, stored);
  const first = inNamesOf(loaded.graph, stored);
  // Only where something is gone, and something never ran, may a squash stand there that does not say so: bodies are read for that.
  const isOdd = goneIn(loaded.graph, first.record).length > 1 && judge(loaded.graph, first).missed.length > 0;
  const { named, project: meant } = isOdd
    ? await (await import('./by-hand.js')).asMeant(session, loaded, stored, first, emit)
    : { named: first, project: loaded };
  const { rows, table } = named;
  if (table.adopted) emit({ type: 'version-table-adopted', table: table.name });
  const isFloating = rows.length > 0 && hasVolatile(meant);
  const project = isFloating ? asRun(meant, await parentsOfApplied(session, meant.graph, named)) : meant;
  // By the dependencies with which they ran: what one is today may include a row that it did not include then.
  const found = { ...withoutImplied(project.graph, withReleased(project.graph, named)), project };
  const away = movedAway(project.graph, found.record);
  if (away.length === 0) return found;
  const { editedIn } = await import('./edited.js');
  return { ...found, reused: await editedIn({ session, ...found }, away) };
}

const OTHERS_OF_OURS = /^revgraph_(ledger|lock|(backfill|quarantine)(_.*)?)$/;

/** Opens the database; one that is not the one that is meant is refused before it is asked anything else. */
function withExpected<T>(
  options: RunOptions,
  { project, emit }: Pick<Opened, 'project' | 'emit'>,
  action: (session: Session) => Promise<T>,
): Promise<T> {
  const { database, expect, versionTable = VERSION_TABLE } = options;
  if (OTHERS_OF_OURS.test(versionTable))
    throw new RevgraphError('version_table_invalid', {
      table: versionTable,
      reason: 'that is the name of another table of revgraph',
    });
  return withSession(database, connectOptions(options, project, emit), async (session) => {
    if (expect !== undefined) await (await import('./expect.js')).assertExpected(session, database, expect);
    return action(session);
  });
}

/**
 * Opens the database to look at it: no lock, nothing is written.
 * @param checksums whether the record has them; a service that only looks does without
 */
export async function withDatabase<T>(
  options: DatabaseOptions & Pick<RunOptions, 'expect'>,
  action: (opened: Opened) => Promise<T>,
  checksums = true,
): Promise<T> {
  const project = await loadProject(options.revisions);
  const emit = listenTo(options);
  return withExpected(options, { project, emit }, async (session) => {
    const { versionTable: name, schema } = options;
    const read = () => readVersionRows(session, { name, schema, checksums });
    const found = await readRows(session, project, options, emit, read);
    return action({ session, emit, ...found });
  });
}

/** The rows of a version table. @throws `database_missing_option` */
export async function currentRows({
  database,
  ...options
}: Omit<DatabaseOptions, 'database'> & Partial<Pick<DatabaseOptions, 'database'>>): Promise<
  readonly string[]
> {
  if (database === undefined)
    throw new RevgraphError('database_missing_option', { variable: 'DATABASE_URL' });
  return withDatabase({ ...options, database }, async ({ rows }) => rows);
}

/** A database that is ours alone while the lock is held. */
export interface Locked extends Opened {
  readonly server: Server;
  readonly lockKey: RunLock | null;
}

/** Opens the database, takes the lock, and only then reads the rows: what was read before it may be old. */
export async function withLock<T>(options: RunOptions, action: (locked: Locked) => Promise<T>): Promise<T> {
  const project = await loadProject(options.revisions);
  const emit = listenTo(options);
  return withExpected(options, { project, emit }, (session) =>
    lockSession({ session, project, emit }, options, action),
  );
}

/** The same on a connection that is open. */
export async function lockSession<T>(
  { session, project, emit }: Pick<Opened, 'session' | 'project' | 'emit'>,
  options: RunOptions,
  action: (locked: Locked) => Promise<T>,
): Promise<T> {
  const reading = { name: options.versionTable, schema: options.schema, checksums: true };
  const { server, answer } = await describeWith(session, options.schema, tablesExpression(reading));
  const before = answer === null ? null : readTables(answer);
  // The embedded database is locked as a whole while it is open.
  const unlocked = options.lock === 'off' || session.kind === 'embedded';
  const name = (before && usedTable(reading, before)) ?? options.versionTable ?? VERSION_TABLE;
  const key = unlocked ? null : lockKey(server.database, schemaOf(server, reading, before), name);
  const work = async (
    lockKey: RunLock | null,
    read: () => Promise<{ stored: VersionRows; tables: FoundTables | null }>,
  ): Promise<T> => {
    let tables: FoundTables | null = null;
    const found = await readRows(session, project, options, emit, async () => {
      const { stored, tables: now } = await read();
      tables = now;
      return stored;
    });
    const table =
      server.versionNumber === null
        ? found.table
        : { ...found.table, schema: schemaOf(server, reading, tables) };
    try {
      return await action({ session, server, lockKey, emit, ...found, table });
    } finally {
      // Its owner goes on with it; what is asked beside the steps may leave something as well.
      if (server.state?.lent === true) await resetAfterFailure({ session, server, lockKey });
    }
  };
  if (key === null)
    return work(null, async () => ({
      stored: await readVersionRows(session, reading, before ?? undefined),
      tables: before,
    }));
  // Tables that are there stay. Others may have been made by whoever had the lock.
  const all = before !== null && usedTable(reading, before) !== null && before.ledger !== null;
  const also =
    before === null
      ? []
      : all
        ? rowsTexts(reading, before)
        : [`SELECT ${tablesExpression(reading)} AS tables`];
  const waiting = {
    waitMs: options.lockWaitMs,
    signal: options.signal,
    onWaiting: (holder: string) => emit({ type: 'lock-waiting', holder }),
    onObtained: (waitedMs: number) => emit({ type: 'lock-obtained', waitedMs }),
    also,
    meant: otherLedger,
  };
  const schema = schemaOf(server, reading, before);
  const { withRunLock } = await import('./run-lock.js');
  const connect = connectOptions(options, project, emit);
  return withRunLock({ session, server, key, schema, name, connect }, options, waiting, (lock, results) =>
    work(lock, async () => {
      if (all) return { stored: rowsOf(reading, before, results), tables: before };
      const tables = before === null ? null : readTables(results[0]?.rows[0]?.tables);
      return { stored: await readVersionRows(session, reading, tables ?? undefined), tables };
    }),
  );
}

/**
 * The schema of the table that is really used, however it was found: two names for one table are one lock, and a revision that
 * changes the search path can't hide it. One that is still to be made comes into the first of the search path.
 */
function schemaOf(
  server: Server,
  reading: { schema?: string | undefined },
  tables: FoundTables | null,
): string {
  if (reading.schema !== undefined) return reading.schema;
  return (
    tables?.version ??
    (tables !== null && usedTable(reading, tables) !== null ? tables.alembic : null) ??
    server.schema
  );
}

/** Who does this and where, for the ledger. */
export function whoAndWhere(): { actor: string; host: string } {
  return { actor: currentUser(), host: hostname() };
}

function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
