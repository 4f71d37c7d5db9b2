import { withSession } from '../database/connection/connect.js';
import type { DatabaseSource, Result } from '../database/connection/session.js';
import { runStatement } from '../database/connection/session.js';
import type { ThrowAwayOptions } from '../database/throwaway/template.js';
import { openThrowAways } from '../database/throwaway/throwaway.js';

/** A database for one test. */
export interface ThrowAwayDatabase {
  /** What `upgrade` and its kin take: a URL, or a PGlite instance. */
  readonly database: DatabaseSource;
  /** One statement with values, or several without. */
  query(sql: string, values?: unknown[]): Promise<Result>;
  drop(): Promise<void>;
}

/**
 * An empty database: PGlite in memory, or with `on` one of its own on that server. Where a suite needs many, make them in one
 * place with `throwAwayDatabases`, which makes PGlite's from a template.
 *
 * ```ts
 * const db = await throwAwayDatabase({ on: process.env.TEST_SERVER });
 * onTestFinished(db.drop);
 * await upgrade({ revisions: './revisions', database: db.database });
 * ```
 */
export async function throwAwayDatabase(options: ThrowAwayOptions = {}): Promise<ThrowAwayDatabase> {
  const place = await openThrowAways(options);
  const { database } = await place.fresh();
  return {
    database,
    query: (sql, values) => withSession(database, {}, (session) => runStatement(session, sql, values)),
    drop: () => place.close(),
  };
}
