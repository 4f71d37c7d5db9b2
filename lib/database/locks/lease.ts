import { setTimeout as sleep } from 'node:timers/promises';
import { ended } from '../connection/ended.js';
import { readDriverError } from '../connection/failure.js';
import { acquire, type LockGuard, type LockOptions } from '../connection/lock.js';
import { inSchema } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { literal } from '../literal.js';
import { released } from './transaction-lock.js';

export const LEASE_TABLE = 'revgraph_lock';

/** How long a lease holds after it was last renewed. */
const LEASE_MS = 30_000;
const RENEW_MS = LEASE_MS / 3;

/** A term as the database issued it: nobody else has one with the same two. */
interface Term {
  readonly holder: string;
  readonly electedAt: string;
}

/** Who wants the lease. */
export interface LeaseWanted {
  readonly schema: string;
  /** The version table that it is for. */
  readonly name: string;
  /** Unlike any other's; shown to whoever waits. */
  readonly holder: string;
}

/**
 * Holds a row of a table as the lock of a run. The database issues the term, by its own clock; a connection of its own renews it.
 * Every step looks in its own transaction whether that very term still holds: a process that was stopped, and whose lease went to
 * another one, changes nothing when it goes on.
 *
 * @param keeper another connection than that of the run
 * @throws `lock_not_obtained`, `lock_lost`, `aborted`
 */
export async function withLease<T>(
  keeper: Queryable,
  { schema, name, holder }: LeaseWanted,
  options: LockOptions,
  action: (guard: LockGuard) => Promise<T>,
): Promise<T> {
  const table = inSchema(schema, LEASE_TABLE);
  await makeTable(
    keeper,
    `CREATE TABLE IF NOT EXISTS ${table} (name text CONSTRAINT ${LEASE_TABLE}_pkey PRIMARY KEY, holder text NOT NULL, elected_at timestamptz NOT NULL, expires_at timestamptz NOT NULL)`,
  );
  const until = `clock_timestamp() + ${literal(`${LEASE_MS} ms`)}::interval`;
  const take = async (): Promise<Term | false> => {
    const { rows } = await keeper.query(
      `INSERT INTO ${table} AS l (name, holder, elected_at, expires_at) VALUES (${literal(name)}, ${literal(holder)}, clock_timestamp(), ${until})
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, elected_at = excluded.elected_at, expires_at = excluded.expires_at
       WHERE l.expires_at < clock_timestamp() RETURNING holder, elected_at::text AS elected`,
    );
    const [row] = rows;
    return row === undefined ? false : { holder: String(row.holder), electedAt: String(row.elected) };
  };
  const whoHolds = async (): Promise<string> => {
    const { rows } = await keeper.query(
      `SELECT holder, to_char(elected_at AT TIME ZONE 'UTC', 'HH24:MI:SS') AS since FROM ${table} WHERE name = $1`,
      [name],
    );
    return rows[0] === undefined ? 'a run that just ended' : `${rows[0].holder} (since ${rows[0].since} UTC)`;
  };
  const term = (await acquire({ take, holder: whoHolds }, options)) as Term;
  const mine = `name = ${literal(name)} AND holder = ${literal(term.holder)} AND elected_at = ${literal(term.electedAt)}::timestamptz AND expires_at > clock_timestamp()`;
  const over = new AbortController();
  const renewing = renew(
    keeper,
    `UPDATE ${table} SET expires_at = ${until} WHERE ${mine} RETURNING holder`,
    over.signal,
  );
  const release = async (): Promise<void> => {
    over.abort();
    await renewing;
    await released(async () => {
      const { rows } = await keeper.query(`DELETE FROM ${table} WHERE ${mine} RETURNING holder`);
      return rows.length > 0;
    });
  };
  return ended(() => action({ held: `EXISTS (SELECT FROM ${table} WHERE ${mine})` }), release);
}

/** Two that make it at the same time may both find it missing: then one of them fails, and it is there. */
async function makeTable(keeper: Queryable, statement: string): Promise<void> {
  const made = keeper.query(statement);
  await made.catch((error: unknown) => {
    if (!/^(23505|42P07|42710)$/.test(readDriverError(error).sqlstate ?? '')) throw error;
  });
}

/** Renews the lease until that is no longer wanted, or it is not held any more: then every step of the run sees that by itself. */
async function renew(keeper: Queryable, statement: string, ended: AbortSignal): Promise<void> {
  for (;;) {
    if (!(await sleep(RENEW_MS, true, { signal: ended, ref: false }).catch(() => false))) return;
    const renewed = await keeper.query(statement).then(
      ({ rows }) => rows.length > 0,
      () => false,
    );
    if (!renewed) return;
  }
}
