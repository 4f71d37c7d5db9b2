import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { RunOptions } from '../config/options.js';
import { type LockOptions, type RunLock, verifyHeld, withAdvisoryLock } from '../database/connection/lock.js';
import type { Server } from '../database/connection/server.js';
import type { ConnectOptions, Result, Session } from '../database/connection/session.js';
import { withLease } from '../database/locks/lease.js';
import { refusePooler } from '../database/locks/pooler.js';
import { withSecond } from '../database/locks/second.js';
import { withTransactionLock } from '../database/locks/transaction-lock.js';

/** What a run locks, and where. */
export interface Locking {
  readonly session: Session;
  readonly server: Server;
  readonly key: string;
  /** Schema and name of the version table. */
  readonly schema: string;
  readonly name: string;
  readonly connect: ConnectOptions;
}

/**
 * Holds the lock of a run while `action` runs.
 * @param action given what the statements answered that travelled with the first look at the lock
 * @throws `lock_not_obtained`, `lock_lost`, `pooler_detected`, `aborted`
 */
export async function withRunLock<T>(
  { session, server, key, schema, name, connect }: Locking,
  {
    lock = 'advisory',
    database,
    application = 'revgraph',
  }: Pick<RunOptions, 'lock' | 'database' | 'application'>,
  options: LockOptions,
  action: (lock: RunLock, results: readonly Result[]) => Promise<T>,
): Promise<T> {
  const guarded = async (guard: RunLock): Promise<T> =>
    action(guard, await verifyHeld(session, guard, options));
  if (lock === 'transaction')
    return withSecond(database, connect, (holder) => withTransactionLock(holder, key, options, guarded));
  if (lock === 'row') {
    const holder = `${application} on ${hostname()}, process ${process.pid}, ${randomUUID()}`;
    return withSecond(database, connect, (keeper) =>
      withLease(keeper, { schema, name, holder }, options, guarded),
    );
  }
  await refusePooler(session, server, database, connect);
  return withAdvisoryLock(session, key, options, (results) => action(key, results));
}
