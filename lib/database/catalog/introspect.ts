import { setTimeout as sleep } from 'node:timers/promises';
import type { FactRow } from '../../fingerprint/fact.js';
import { attachFailure } from '../connection/ended.js';
import { isConnectionLost, readDriverError } from '../connection/failure.js';
import type { Queryable, Result, Session } from '../connection/session.js';
import { endsWithClient } from '../connection/transaction.js';
import { literal } from '../literal.js';
import { installedExtensions } from './capabilities.js';
import { factQuery } from './fact-query.js';

/**
 * What the text of definitions depends on besides the schema: every name carries its schema, and constants of dates,
 * intervals, numbers and bytes print the same whatever a session, role or database has set.
 */
const SETTINGS = {
  search_path: '',
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  extra_float_digits: 1,
  bytea_output: 'hex',
  lc_monetary: 'C',
  quote_all_identifiers: 'off',
  // To compile the query takes longer than to run it.
  jit: 'off',
  max_parallel_workers_per_gather: 0,
  // The joins are written in an order that is good for them: to look for better ones takes longer than to run the query.
  join_collapse_limit: 1,
  enable_mergejoin: 'off',
};

const SET = Object.entries(SETTINGS)
  .map(([setting, value]) => `SET LOCAL ${setting} = ${literal(value)}`)
  .join('; ');

/**
 * What all facts of a database are made of, in one round trip whatever the number of tables. PostgreSQL 14 to 18 and PGlite
 * give the same facts for the same schema.
 *
 * @param client not inside a transaction
 * @param versionTable the version table, which is no fact, if it has a name of its own
 */
export async function readFactRows(
  client: Queryable & Partial<Pick<Session, 'provideExtensions'>>,
  versionTable = 'revgraph_version',
): Promise<FactRow[]> {
  // An embedded database that is opened again has the code of none; a default of such a type can't be printed without.
  if (client.provideExtensions !== undefined)
    await client.provideExtensions(await installedExtensions(client));
  const query = `${endsWithClient(client, 'BEGIN READ ONLY')}; ${SET}; ${factQuery(literal(versionTable))}; ROLLBACK`;
  for (let attempt = 1; ; attempt++) {
    try {
      const answers = (await client.query(query)) as Result | Result[];
      const { rows } = [answers].flat().at(-2) ?? { rows: [] };
      return rows as unknown as FactRow[];
    } catch (error) {
      if (isConnectionLost(error)) throw error;
      await client
        .query('ROLLBACK')
        .catch((failure: unknown) => Promise.reject(attachFailure(error, failure)));
      if (attempt > RETRIES || readDriverError(error).sqlstate !== INTERNAL_ERROR) throw error;
      await sleep(PAUSE_MS * attempt);
    }
  }
}

/**
 * The same inside the transaction that is open, whose settings are left as they are.
 */
export async function readFactRowsInside(
  client: Queryable,
  versionTable = 'revgraph_version',
): Promise<FactRow[]> {
  const query = `SAVEPOINT revgraph_facts; ${SET}; ${factQuery(literal(versionTable))}; ROLLBACK TO SAVEPOINT revgraph_facts; RELEASE SAVEPOINT revgraph_facts`;
  try {
    const answers = (await client.query(query)) as Result | Result[];
    const { rows } = [answers].flat().find((answer) => answer.rows.length > 0) ?? { rows: [] };
    return rows as unknown as FactRow[];
  } catch (error) {
    // Who can do without the facts goes on in the transaction.
    if (!isConnectionLost(error))
      await client
        .query('ROLLBACK TO SAVEPOINT revgraph_facts')
        .catch((failure: unknown) => Promise.reject(attachFailure(error, failure)));
    throw error;
  }
}

/**
 * Functions such as pg_get_indexdef look at the catalog as it is now, not as the query sees it: an object that another
 * session drops meanwhile is an internal error (“could not open relation”), and gone at the next try.
 */
const INTERNAL_ERROR = 'XX000';
const RETRIES = 12;
const PAUSE_MS = 25;
