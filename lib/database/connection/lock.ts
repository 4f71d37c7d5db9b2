import { createHash } from 'node:crypto';
import { RevgraphError } from '../../errors/error.js';
import { defaultsOf } from '../../options/option.js';
import { RUN } from '../../options/table.js';
import { literal } from '../literal.js';
import { attachFailure } from './ended.js';
import { isConnectionLost } from './failure.js';
import { pause } from './pause.js';
import type { Queryable, Result } from './session.js';

export interface LockOptions {
  /** How long to wait for another run, in ms. Default 300,000. */
  readonly waitMs?: number | undefined;
  /** Told who holds the lock: when waiting begins, and when the holder changes. */
  readonly onWaiting?: (holder: string) => void;
  /** Told how long that took, in ms, if it had to wait. */
  readonly onObtained?: (waitedMs: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** Statements that travel with the look at the lock, right behind it. */
  readonly also?: readonly string[] | undefined;
  /** What an error of theirs means. */
  readonly meant?: ((error: unknown) => unknown) | undefined;
}

const { lockWaitMs: LOCK_WAIT_MS } = defaultsOf(RUN);
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** The key of a version table: 64 bits of a hash, so that two schemas of one database don't wait for each other. */
export function lockKey(database: string, schema: string, table: string): string {
  const name = ['revgraph', database, schema, table].join('\0');
  return createHash('sha256').update(name).digest().readBigInt64BE(0).toString();
}

/** {@link lockKey} of what expressions of SQL give. */
export function lockKeyExpression(database: string, schema: string, table: string): string {
  const parts = [literal('revgraph'), database, schema, table].map((part) => `convert_to(${part}, 'UTF8')`);
  const digest = `sha256(${parts.join(" || decode('00', 'hex') || ")})`;
  return `('x' || encode(substr(${digest}, 1, 8), 'hex'))::bit(64)::bigint`;
}

/** Rows of pg_locks for a key: `$1` is the key. */
const MINE = `locktype = 'advisory' AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((classid::bigint << 32) | objid::bigint) = $1::bigint`;

/** The lock with this key as a list of locks names it: see `SessionState`. */
export function lockName(key: string): string {
  const bits = BigInt.asUintN(64, BigInt(key));
  return `1 ${bits >> 32n} ${bits & 0xffffffffn} ExclusiveLock`;
}

/** A lock that is held beside the connection of the run: how a transaction of that one sees that it still is. */
export interface LockGuard {
  /** An expression of SQL. */
  readonly held: string;
}

/** The key of an advisory lock that the connection of the run holds itself, or a guard. */
export type RunLock = string | LockGuard;

export const isGuard = (lock: RunLock | null): lock is LockGuard => lock !== null && typeof lock === 'object';

/** An expression that is true while a lock is held. */
export const heldOf = (lock: RunLock): string => (isGuard(lock) ? lock.held : heldExpression(literal(lock)));

/** {@link heldExpression} for a lock that the backend with this number holds. */
export const heldElsewhere = (key: string, backend: number): string =>
  `EXISTS (SELECT FROM pg_locks WHERE ${MINE.replace('$1', literal(key))} AND granted AND pid = ${backend})`;

/** An expression that is true while this backend holds the lock with the key `$N`. */
export function heldExpression(mark: string): string {
  return `EXISTS (SELECT FROM pg_locks WHERE ${MINE.replace('$1', mark)} AND granted AND pid = pg_backend_pid())`;
}

/**
 * Takes the advisory lock, runs `action`, gives the lock back.
 *
 * Polls `pg_try_advisory_lock`: a waiter inside the blocking call has a snapshot that CREATE INDEX CONCURRENTLY waits
 * for, and the two deadlock. Whether the lock is really ours is read back: behind a transaction pooler it may be held by
 * a connection that is no longer ours.
 *
 * @throws `lock_not_obtained` after `waitMs`, naming the holder; `lock_lost`; `aborted`
 */
export async function withAdvisoryLock<T>(
  client: Queryable,
  key: string,
  options: LockOptions,
  action: (results: readonly Result[]) => Promise<T>,
): Promise<T> {
  const take = async (): Promise<boolean> => tryLock(client, key);
  await acquire({ take, holder: () => holderOf(client, key) }, options);
  const release = async (reason: string): Promise<void> => {
    const { rows } = await client.query('SELECT pg_advisory_unlock($1::bigint) AS released', [key]);
    if (rows[0]?.released !== true) throw new RevgraphError('lock_lost', { reason });
  };
  let value: T;
  try {
    value = await action(await verifyHeld(client, key, options));
  } catch (error) {
    // The first error is the one to report; a broken connection has given the lock back by itself.
    await release('it was not there to be released').catch((failure: unknown) => {
      if (!isConnectionLost(failure)) attachFailure(error, failure);
    });
    throw error;
  }
  await release('all steps ran, but the lock was no longer held at the end');
  return value;
}

/** How a lock is taken. */
export interface Taking<T> {
  /** @returns what is false while another one has it */
  readonly take: () => Promise<T>;
  /** Who has it, for people. */
  readonly holder: () => Promise<string>;
}

/** Tries until the lock is taken. @throws `lock_not_obtained`, `aborted` */
export async function acquire<T>({ take, holder: holds }: Taking<T>, options: LockOptions): Promise<T> {
  const begun = Date.now();
  const waitMs = options.waitMs ?? LOCK_WAIT_MS;
  let told = '';
  for (let ms = SHORTEST_PAUSE_MS; ; ms = Math.min(ms * 1.5, LONGEST_PAUSE_MS)) {
    const taken = await take();
    const waitedMs = Date.now() - begun;
    if (taken && told !== '') options.onObtained?.(waitedMs);
    if (taken) return taken;
    const holder = await holds();
    if (waitedMs >= waitMs) throw new RevgraphError('lock_not_obtained', { waitedMs, holder });
    if (holder !== told) options.onWaiting?.(holder);
    told = holder;
    await pause(Math.min(ms * (0.5 + Math.random()), Math.max(waitMs - waitedMs, 1)), options.signal, {
      during: 'while waiting for the lock',
      applied: [],
      remaining: [],
    });
  }
}

/** Takes a lock if nobody has it. @returns whether it is ours now */
export async function tryLock(client: Queryable, key: string): Promise<boolean> {
  const { rows } = await client.query('SELECT pg_try_advisory_lock($1::bigint) AS taken', [key]);
  return rows[0]?.taken === true;
}

export async function unlock(client: Queryable, key: string): Promise<void> {
  await client.query('SELECT pg_advisory_unlock($1::bigint)', [key]);
}

/** Whether anybody has it. */
export async function isHeld(client: Queryable, key: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT EXISTS (SELECT FROM pg_locks WHERE ${MINE} AND granted) AS held`,
    [key],
  );
  return rows[0]?.held === true;
}

/** @returns what the statements answered that travelled with it */
export async function verifyHeld(
  client: Queryable,
  lock: RunLock,
  { also = [], meant = (error) => error }: LockOptions,
): Promise<readonly Result[]> {
  const text = [`SELECT ${heldOf(lock)} AS held`, ...also].join('; ');
  const answer = await client.query(text).catch((error: unknown) => {
    throw meant(error);
  });
  const [held, ...results] = [answer].flat() as readonly Result[];
  if (held?.rows[0]?.held !== true) throw notHeld(lock);
  return results;
}

/** Makes sure that the lock with this key is held by this very connection; null: there is none to be held. @throws `lock_lost` */
export async function holdsLock(client: Queryable, lock: RunLock | null): Promise<void> {
  if (lock !== null) await verifyHeld(client, lock, {});
}

/** The lock is not held where it is asked for: a pooler gave the session another connection. */
export const otherConnection = (): RevgraphError =>
  new RevgraphError('lock_lost', { reason: 'the connection that took it is not the current connection' });

/** The same for any lock. */
export const notHeld = (lock: RunLock | null): RevgraphError =>
  isGuard(lock)
    ? new RevgraphError('lock_lost', { reason: 'what held it is gone, or another run has taken it since' })
    : otherConnection();

export async function holderOf(client: Queryable, key: string): Promise<string> {
  const { rows } = await client.query(
    `SELECT a.pid, a.application_name, a.usename, a.client_addr::text AS address,
            to_char(a.backend_start AT TIME ZONE 'UTC', 'HH24:MI:SS') AS since
     FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE ${MINE} AND granted`,
    [key],
  );
  const [row] = rows;
  if (row === undefined) return 'a run that just ended';
  const from = row.address === null ? '' : ` from ${String(row.address)}`;
  return `${String(row.application_name || 'unknown')} (pid ${String(row.pid)}, user ${String(row.usename)}${from}, connected since ${String(row.since)} UTC)`;
}
