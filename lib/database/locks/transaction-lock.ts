import { RevgraphError } from '../../errors/error.js';
import { ended } from '../connection/ended.js';
import { isConnectionLost } from '../connection/failure.js';
import { acquire, heldElsewhere, holderOf, type LockGuard, type LockOptions } from '../connection/lock.js';
import type { Queryable } from '../connection/session.js';
import { settingWhereThere } from '../connection/settings.js';
import { lastRows } from '../connection/transaction.js';

/** Whatever the server's settings are, they must not end a transaction that only waits. */
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 0;
  ${settingWhereThere('transaction_timeout', '0')}; SET LOCAL statement_timeout = 0`;

/**
 * Holds the advisory lock of a run in a transaction that stays open on a connection of its own: behind a transaction pooler only a
 * transaction has a connection to itself. Between its statements it has no snapshot, so nothing waits for it. The key is that of a
 * session lock: the two keep each other out.
 *
 * @param holder another connection than that of the run
 * @throws `lock_not_obtained`, `lock_lost`, `aborted`
 */
export async function withTransactionLock<T>(
  holder: Queryable,
  key: string,
  options: LockOptions,
  action: (guard: LockGuard) => Promise<T>,
): Promise<T> {
  // One transaction a try: a waiting one would keep a connection of the pool.
  const take = async (): Promise<number | false> => {
    const text = `${BEGIN}; SELECT pg_try_advisory_xact_lock(${BigInt(key)}) AS held, pg_backend_pid() AS backend`;
    const [row] = lastRows(await holder.query(text));
    if (row?.held === true) return Number(row.backend);
    await holder.query('ROLLBACK');
    return false;
  };
  const backend = (await acquire({ take, holder: () => holderOf(holder, key) }, options)) as number;
  const held = heldElsewhere(key, backend);
  const release = (): Promise<void> =>
    released(async () => {
      const text = `SELECT ${held} AND pg_backend_pid() = ${backend} AS held`;
      const [row] = lastRows(await holder.query(text));
      await holder.query('COMMIT');
      return row?.held === true;
    });
  return ended(() => action({ held }), release);
}

/** Gives a lock back. @throws `lock_lost` where it was not held any more, its connection gone among other reasons */
export async function released(release: () => Promise<boolean>): Promise<void> {
  const wasHeld = await release().catch((error: unknown) => {
    if (isConnectionLost(error)) return false;
    throw error;
  });
  if (wasHeld) return;
  throw new RevgraphError('lock_lost', {
    reason: 'all steps ran, but the lock was no longer held at the end',
  });
}
