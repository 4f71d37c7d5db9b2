import { isGuard, lockName, notHeld, otherConnection } from '../database/connection/lock.js';
import {
  asOwnRole,
  becomeOwnRole,
  releaseLocks,
  resetSession,
  type SessionState,
} from '../database/connection/session-state.js';
import { setForTransaction, withSettings } from '../database/connection/settings.js';
import { lockRows } from '../database/tables/version-table.js';
import { RevgraphError } from '../errors/error.js';
import { STEP_DEFAULTS } from './options.js';
import { commitsByBatch, type PreparedStep } from './prepare.js';
import { type Run, rowsThere } from './run.js';

/** A client that is cut off by its network is gone for the server within 30 s, with its locks. */
const KEEP_ALIVE: readonly [name: string, value: string][] = [
  ['tcp_keepalives_idle', '10'],
  ['tcp_keepalives_interval', '5'],
  ['tcp_keepalives_count', '3'],
  ['tcp_user_timeout', '25s'],
];

/** Between two statements of a file nobody thinks: a transaction that idles has lost its client. Code may think for long. */
export const idleLimit = (
  { server }: Pick<Run, 'server'>,
  { work }: Pick<PreparedStep, 'work'>,
): [name: string, value: string][] =>
  server.checksConnection && work.kind !== 'code' ? [['idle_in_transaction_session_timeout', '30s']] : [];

/** How long a statement waits for a table lock, in ms. */
export const lockTimeoutOf = ({ options }: Pick<Run, 'options'>): number =>
  options.lockTimeoutMs ?? STEP_DEFAULTS.lockTimeoutMs;

type Settings = Pick<Run, 'server' | 'options'>;

/** Settings of a step by name. The search path is set again for every step: a revision may have changed it. */
export function settingsOf({ server, options }: Settings): [name: string, value: string][] {
  // 0 means no limit: what is less than a millisecond must not become that.
  const ms = (value: number): string => `${value > 0 ? Math.max(1, Math.round(value)) : 0}ms`;
  const settings: [string, string][] = [
    ['lock_timeout', ms(lockTimeoutOf({ options }))],
    ['statement_timeout', ms(options.statementTimeoutMs ?? STEP_DEFAULTS.statementTimeoutMs)],
  ];
  // A killed client's statement must not go on for minutes behind everybody's back.
  if (server.checksConnection) settings.push(['client_connection_check_interval', '1s'], ...KEEP_ALIVE);
  if (server.searchPath !== null) settings.push(['search_path', server.searchPath]);
  return settings;
}

/**
 * Applies the settings of a step, for its transaction only, and makes sure that the lock is still held: one round trip.
 * @throws `lock_lost`
 */
export async function applySettings(
  run: Settings & Pick<Run, 'session' | 'lockKey'>,
  more: readonly [name: string, value: string][] = [],
): Promise<void> {
  if (run.server.versionNumber === null) return;
  if (await setForTransaction(run.session, [...settingsOf(run), ...more], run.lockKey)) return;
  throw notHeld(run.lockKey);
}

/**
 * Where the lock is held beside this connection, it may go to another run in the middle of a step: the rows of the version table are
 * kept for this one until it ends, and have to be those that it has come to.
 */
export async function lockGuarded({
  session,
  table,
  lockKey,
  progress,
}: Pick<Run, 'session' | 'table' | 'lockKey' | 'progress'>): Promise<void> {
  if (isGuard(lockKey) && progress.tables.version)
    await lockRows(session, table, rowsThere({ table, progress }));
}

/**
 * A lock beside the connection of the run is looked at in every transaction: what commits by itself is guarded by nothing.
 * @throws `lock_guards_no_step`
 */
export function assertGuarded(
  { lockKey, options }: Pick<Run, 'lockKey' | 'options'>,
  steps: readonly PreparedStep[],
): void {
  const { lock = '', dryRun } = options as { lock?: string; dryRun?: boolean };
  // A dry run takes no lock.
  if (!isGuard(lockKey) && !(dryRun === true && /^(transaction|row)$/.test(lock))) return;
  const unguarded = steps.filter((one) => one.mode === 'none' || commitsByBatch(one));
  if (unguarded.length === 0) return;
  const revisions = unguarded.map(({ step }) => step.revision);
  throw new RevgraphError('lock_guards_no_step', { lock, revisions });
}

/** The session as the run began with it, and the lock of the run. */
export function stateOf({ session, server, lockKey }: Holding): SessionState | null {
  if (server.state === null) return null;
  const ours = lockKey === null || isGuard(lockKey) ? [] : [lockName(lockKey)];
  return { ...server.state, custom: session.custom, locks: [...server.state.locks, ...ours] };
}

type Holding = Pick<Run, 'session' | 'server' | 'lockKey'>;

/**
 * Before our own entries: what the revision set, or made for its session, must neither be there when they are written nor
 * when the next step begins. The transaction goes on with the settings of a step. The answer names the lock of the run, too: a revision
 * that gave it back let another run in, and the row that is moved next would look as it should.
 * @returns what remains to be done when it is committed
 * @throws `lock_lost`
 */
export async function resetInTransaction(run: Settings & Holding): Promise<() => Promise<void>> {
  const state = stateOf(run);
  if (state === null) return async () => {};
  const { lockKey } = run;
  const ours = lockKey === null || isGuard(lockKey) ? null : lockName(lockKey);
  const asked = { ...state, locks: state.locks.filter((name) => name !== ours) };
  const locks = await resetSession(run.session, asked, settingsOf(run));
  if (ours !== null && !locks.includes(ours)) throw otherConnection();
  if (locks.every((name) => name === ours)) return async () => {};
  return () =>
    releaseLocks(run.session, state).catch(() => {
      // It is committed. A connection that is gone holds no locks; whoever asks next will notice.
    });
}

/** The same where no transaction is open. */
export async function resetOutside(run: Holding): Promise<void> {
  const state = stateOf(run);
  if (state !== null) await resetSession(run.session, state);
}

/** Settings that stand for the session are those of a step alone: whatever else is asked must not be asked with them. */
export async function resetStanding(run: Holding & Pick<Run, 'progress'>): Promise<void> {
  if (!run.progress.stands) return;
  await resetOutside(run);
  run.progress.stands = false;
}

/** After a failure, which is what counts; a rollback leaves prepared statements and advisory locks. */
export async function resetAfterFailure(run: Holding & Partial<Pick<Run, 'progress'>>): Promise<void> {
  await resetOutside(run).catch(() => {});
  if (run.progress !== undefined) run.progress.stands = false;
}

/** Runs `write`, of an entry of ours in the middle of a revision that may have changed its role. */
export function asOurselves(
  { session, server }: Pick<Run, 'session' | 'server'>,
  write: () => Promise<void>,
): Promise<void> {
  return server.state === null ? write() : asOwnRole(session, server.state, write);
}

/** For an entry of ours at the end of a transaction of such a revision: what it is then ends with the transaction. */
export async function becomeOurselves({ session, server }: Pick<Run, 'session' | 'server'>): Promise<void> {
  if (server.state !== null) await becomeOwnRole(session, server.state);
}

/** PostgreSQL 14. */
const IDLE_SINCE = 140_000;

/** For statements outside a transaction: the settings hold for the session while `action` runs. */
export async function withSessionSettings<T>(
  run: Settings & Pick<Run, 'session'>,
  action: () => Promise<T>,
): Promise<T> {
  if (run.server.versionNumber === null) return action();
  // Code may think for longer than a server lets a connection idle.
  const idle: [string, string][] =
    run.server.versionNumber >= IDLE_SINCE ? [['idle_session_timeout', '0']] : [];
  return withSettings(run.session, [...settingsOf(run), ...idle], action);
}
