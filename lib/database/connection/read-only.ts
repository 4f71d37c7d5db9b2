import { literal } from '../literal.js';
import { isConnectionLost, readDriverError, translate } from './failure.js';
import type { Queryable, Result } from './session.js';
import { endsWithClient, lastRows } from './transaction.js';

/** How long one query may wait for a table that another session has locked. */
const LOCK_TIMEOUT_MS = 1_000;

/** What every question goes back to that failed. */
const SAVEPOINT = 'revgraph_question';

/** How long one question about rows may take, and all of them together, in ms. */
export interface Patience {
  readonly eachMs: number;
  readonly allMs: number;
}

/** A statement and its values, which are what `literal` can write. */
export type CatalogQuestion = readonly [sql: string, values: readonly unknown[]];

/** A read-only transaction in which questions are asked that may fail without harm to the next. */
export interface ReadOnlySession {
  /** Rows of each of several statements, with one round trip while all goes well; null for those that failed. */
  askAll(questions: readonly CatalogQuestion[]): Promise<(Record<string, unknown>[] | null)[]>;
  /** Rows of one statement; null if it failed: no right, no time, a locked table. */
  ask(sql: string, values?: unknown[]): Promise<Record<string, unknown>[] | null>;
  /** The same for a question whose answer others are built on: to take a failure for “nothing” would hide what is there. */
  demand(what: string, sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** The same as `ask` for a question that reads rows: null as well when all the time is used up. */
  count(sql: string): Promise<Record<string, unknown>[] | null>;
  /** Oids of the types of the columns that a query would have; null if it failed. */
  types(sql: string): Promise<readonly number[] | null>;
}

/** Looks at a database in read-only transactions, with the search path that a run would have. */
export async function withReadOnlySession<T>(
  client: Queryable,
  { searchPath, patience }: { searchPath: string | null; patience: Patience },
  action: (reader: ReadOnlySession) => Promise<T>,
): Promise<T> {
  const path = searchPath === null ? '' : ` SELECT set_config('search_path', ${literal(searchPath)}, true);`;
  // A policy that hides rows would make numbers of them that are wrong: then there are none.
  // Under READ COMMITTED every question sees what is there when it is asked, and none holds back the cleaning up.
  const begin = `${endsWithClient(client, 'BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY')}; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; SET LOCAL statement_timeout = ${patience.eachMs}; SET LOCAL row_security = off;${path} SAVEPOINT ${SAVEPOINT}`;
  const begun = Date.now();
  let isOpen = false;
  const open = async (): Promise<void> => {
    if (!isOpen) await client.query(begin);
    isOpen = true;
  };
  const attempt = async <R>(question: () => Promise<R>): Promise<R | null> => {
    await open();
    try {
      return await question();
    } catch (error) {
      if (isConnectionLost(error) || readDriverError(error).sqlstate === null) throw error;
      await client.query(`ROLLBACK TO ${SAVEPOINT}`);
      return null;
    }
  };
  const ask: ReadOnlySession['ask'] = (sql, values) =>
    attempt(async () => lastRows(await client.query(sql, values)));
  try {
    return await action({
      askAll: async (questions) => {
        const together = isOpen ? null : await askTogether(client, begin, questions);
        if (together !== null) return together;
        const found: (Record<string, unknown>[] | null)[] = [];
        for (const [sql, values] of questions) found.push(await ask(sql, [...values]));
        return found;
      },
      ask,
      demand: async (what, sql, values) => {
        try {
          await open();
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
    if (isOpen)
      await client.query('ROLLBACK').catch(() => {
        // What was found, or the error, matters more than a connection that is gone.
      });
  }
}

/** Questions as one message that is a transaction of its own; null where one of them fails, whichever it is. */
async function askTogether(
  client: Queryable,
  begin: string,
  questions: readonly CatalogQuestion[],
): Promise<Record<string, unknown>[][] | null> {
  const texts = questions.map(([sql, values]) => sql.replace(/\$(\d)/g, (_, n) => literal(values[n - 1])));
  try {
    const answer: unknown = await client.query([begin, ...texts, 'ROLLBACK'].join(';\n'));
    const rows = ([answer].flat() as Result[]).slice(-1 - texts.length, -1).map((result) => result.rows);
    return rows.length === texts.length ? rows : null;
  } catch (error) {
    if (isConnectionLost(error) || readDriverError(error).sqlstate === null) throw error;
    await client.query('ROLLBACK');
    return null;
  }
}
