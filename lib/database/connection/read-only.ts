import { literal } from '../literal.js';
import { isConnectionLost, readDriverError, translate } from './failure.js';
import type { Queryable } from './session.js';
import { lastRows } from './transaction.js';

/** How long one query may wait for a table that another session has locked. */
const LOCK_TIMEOUT_MS = 1_000;

/** What every question goes back to that failed. */
const SAVEPOINT = 'revgraph_question';

/** How long one question about rows may take, and all of them together, in ms. */
export interface Patience {
  readonly eachMs: number;
  readonly allMs: number;
}

/** A read-only transaction in which questions are asked that may fail without harm to the next. */
export interface ReadOnlySession {
  /** Rows of one statement; null if it failed: no right, no time, a locked table. */
  ask(sql: string, values?: unknown[]): Promise<Record<string, unknown>[] | null>;
  /** The same for a question whose answer others are built on: to take a failure for “nothing” would hide what is there. */
  demand(what: string, sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** The same as `ask` for a question that reads rows: null as well when all the time is used up. */
  count(sql: string): Promise<Record<string, unknown>[] | null>;
  /** Oids of the types of the columns that a query would have; null if it failed. */
  types(sql: string): Promise<readonly number[] | null>;
}

/** Looks at a database in one read-only transaction, with the search path that a run would have. */
export async function withReadOnlySession<T>(
  client: Queryable,
  { searchPath, patience }: { searchPath: string | null; patience: Patience },
  action: (reader: ReadOnlySession) => Promise<T>,
): Promise<T> {
  const path = searchPath === null ? '' : ` SELECT set_config('search_path', ${literal(searchPath)}, true);`;
  // A policy that hides rows would make numbers of them that are wrong: then there are none.
  // Under READ COMMITTED every question sees what is there when it is asked, and none holds back the cleaning up.
  const begin = `BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; SET LOCAL statement_timeout = ${patience.eachMs}; SET LOCAL row_security = off;${path} SAVEPOINT ${SAVEPOINT}`;
  const begun = Date.now();
  const attempt = async <R>(question: () => Promise<R>): Promise<R | null> => {
    try {
      return await question();
    } catch (error) {
      if (isConnectionLost(error) || readDriverError(error).sqlstate === null) throw error;
      await client.query(`ROLLBACK TO ${SAVEPOINT}`);
      return null;
    }
  };
  try {
    await client.query(begin);
    return await action({
      ask: (sql, values) => attempt(async () => lastRows(await client.query(sql, values))),
      demand: async (what, sql, values) => {
        try {
          return lastRows(await client.query(sql, values));
        } catch (error) {
          throw translate(error, what, 'the database');
        }
      },
      count: async (sql) =>
        Date.now() - begun > patience.allMs ? null : attempt(async () => lastRows(await client.query(sql))),
      types: (sql) =>
        attempt(async () => {
          const { fields = [] } = await client.query(sql);
          return fields.map((field) => Number((field as { dataTypeID?: unknown }).dataTypeID));
        }),
    });
  } finally {
    await client.query('ROLLBACK').catch(() => {
      // What was found, or the error, matters more than a connection that is gone.
    });
  }
}
