import { RevgraphError } from '../../errors/error.js';
import { readDriverError } from '../connection/failure.js';
import type { Queryable } from '../connection/session.js';
import type { Mend } from './mend.js';

/** An extension comes into a schema of the search path, unless it names one itself. */
const inItsSchema = (statement: string): string =>
  statement.startsWith('CREATE EXTENSION ')
    ? `SET LOCAL search_path TO public; ${statement}; SET LOCAL search_path TO ''`
    : statement;

/**
 * Runs statements as facts print them, where every name carries its schema, in the transaction that is open. Whoever holds a lock is
 * waited for as long as in a step, for everybody else waits behind.
 * @throws `database_failed`, naming the object
 */
export async function runMends(client: Queryable, mends: readonly Mend[]): Promise<void> {
  await client.query("SELECT set_config('search_path', '', true), set_config('lock_timeout', '5s', true)");
  for (const { object, sql } of mends)
    for (const statement of sql)
      await client.query(inItsSchema(statement)).catch((error: unknown) => {
        const { message, sqlstate } = readDriverError(error);
        throw new RevgraphError(
          'database_failed',
          { what: `mending ${object}`, sqlstate, reason: message },
          { cause: error },
        );
      });
}
