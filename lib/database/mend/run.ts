import { RevgraphError } from '../../errors/error.js';
import { readDriverError } from '../connection/failure.js';
import type { Queryable } from '../connection/session.js';
import type { Mend } from './mend.js';

/** An extension comes into a schema of the search path, unless it names one itself. */
const inItsSchema = (statement: string): string =>
  statement.startsWith('CREATE EXTENSION ')
    ? `SET LOCAL search_path TO public; ${statement}; SET LOCAL search_path TO ''`
    : statement;

/** An object that could not be mended, and why. */
export interface FailedMend {
  readonly object: string;
  readonly sqlstate: string | null;
  readonly reason: string;
}

/**
 * Runs statements as facts print them, where every name carries its schema, in the transaction that is open. Whoever holds a lock is
 * waited for as long as in a step, for everybody else waits behind. An object whose statements fail, for rows are in their way maybe,
 * is left as it was, and keeps no other from being mended.
 * @returns those objects
 * @throws `database_failed` where none could be mended, naming the first
 */
export async function runMends(client: Queryable, mends: readonly Mend[]): Promise<FailedMend[]> {
  await client.query("SELECT set_config('search_path', '', true), set_config('lock_timeout', '5s', true)");
  const failed: FailedMend[] = [];
  const meant = mends.filter(({ sql }) => sql.length > 0);
  for (const { object, sql } of meant) {
    await client.query('SAVEPOINT revgraph_mend');
    try {
      for (const statement of sql) await client.query(inItsSchema(statement));
      await client.query('RELEASE SAVEPOINT revgraph_mend');
    } catch (error) {
      const { message, sqlstate } = readDriverError(error);
      failed.push({ object, sqlstate, reason: message });
      if (failed.length === meant.length) throw unmended(failed[0] as FailedMend, error);
      await client.query('ROLLBACK TO SAVEPOINT revgraph_mend').catch(() => {
        throw unmended(failed.at(-1) as FailedMend, error);
      });
    }
  }
  return failed;
}

const unmended = ({ object, ...why }: FailedMend, cause: unknown): RevgraphError<'database_failed'> =>
  new RevgraphError('database_failed', { what: `mending ${object}`, ...why }, { cause });
