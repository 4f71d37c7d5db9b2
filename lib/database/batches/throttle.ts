import { RevgraphError } from '../../errors/error.js';
import { isConnectionLost, readDriverError } from '../connection/failure.js';
import type { Queryable } from '../connection/session.js';
import { ask } from '../connection/transaction.js';
import { qualify } from './source.js';

/** What may hold a batch up. */
interface Hold {
  readonly maxLagMs?: number | undefined;
  readonly waitingLocks?: boolean | undefined;
  readonly when?: string | undefined;
}

/** Why the next batch has to wait, or null. @throws `backfill_invalid` if the query of `when` can't be asked */
export async function isHeldUp(client: Queryable, hold: Hold, table: string | null): Promise<string | null> {
  if (hold.maxLagMs !== undefined) {
    const { rows } = await client.query(
      'SELECT coalesce(max(extract(epoch FROM replay_lag)) * 1000, 0)::float8 AS lag FROM pg_stat_replication',
    );
    const lag = Number(rows[0]?.lag);
    if (lag > hold.maxLagMs) return `a standby is ${Math.round(lag)} ms behind`;
  }
  if (hold.waitingLocks === true && table !== null) {
    const { rows } = await client.query(
      'SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = to_regclass($1)',
      [qualify(table)],
    );
    if (Number(rows[0]?.n) > 0) return `${String(rows[0]?.n)} sessions wait for a lock on ${table}`;
  }
  if (hold.when === undefined) return null;
  const [row] = await ask(client, hold.when).catch((error: unknown) => {
    if (isConnectionLost(error)) throw error;
    throw new RevgraphError('backfill_invalid', {
      message: `The query throttle.when failed: ${readDriverError(error).message}.`,
      hint: 'Write a query that returns true when the next batch may run.',
    });
  });
  return Object.values(row ?? {})[0] === true ? null : 'its condition is not true';
}
