import { inSchema } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { LEDGER_TABLE } from './ledger.js';

/** Who ran a revision, and upon what. */
export interface RunOf {
  readonly revision: string;
  readonly parents: readonly string[];
  readonly at: Date;
  readonly actor: string;
  readonly host: string;
  readonly application: string | null;
}

/** The newest upgrade of each revision that the ledger records as done. One query; the caller knows that there is a ledger. */
export async function runsOf(client: Queryable, schema: string | null): Promise<Map<string, RunOf>> {
  const { rows } = await client.query(
    `SELECT DISTINCT ON (revision) revision, parents, started_at AS at, actor, host, application
     FROM ${inSchema(schema, LEDGER_TABLE)} WHERE outcome = 'done' AND direction = 'upgrade'
     ORDER BY revision, entry DESC`,
  );
  return new Map((rows as unknown as RunOf[]).map((row) => [row.revision, row]));
}
