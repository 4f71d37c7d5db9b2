import type { Queryable } from '../connection/session.js';
import type { Mend } from './mend.js';

/** Runs statements as facts print them, where every name carries its schema, in the transaction that is open. */
export async function runMends(client: Queryable, mends: readonly Mend[]): Promise<void> {
  await client.query("SELECT set_config('search_path', '', true)");
  for (const { sql } of mends) for (const statement of sql) await client.query(statement);
}
