import { inSchema } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { LEDGER_TABLE, type LedgerOf, ofTable } from './ledger.js';

/** Who ran a revision, and upon what. */
export interface RunOf {
  readonly revision: string;
  readonly parents: readonly string[];
  readonly at: Date;
  readonly actor: string;
  readonly host: string;
  readonly application: string | null;
  /** What its ids were called before: id → ids. */
  readonly names: Readonly<Record<string, readonly string[]>> | null;
  /** Whether the ledger keeps what takes it back. */
  readonly kept: boolean;
}

/** The newest upgrade of each revision that the ledger records as done. One query; the caller knows that there is a ledger. */
export async function runsOf(client: Queryable, table: LedgerOf): Promise<Map<string, RunOf>> {
  const { rows } = await client.query(
    `SELECT DISTINCT ON (revision) revision, parents, started_at AS at, actor, host, application, statistics -> 'names' AS names, coalesce(statistics ? 'downgrade', false) AS kept
     FROM ${inSchema(table.schema, LEDGER_TABLE)} WHERE outcome = 'done' AND direction = 'upgrade' AND ${ofTable(table)}
     ORDER BY revision, entry DESC`,
  );
  return new Map((rows as unknown as RunOf[]).map((row) => [row.revision, row]));
}

/** The kept downgrades of revisions, as their newest upgrade wrote them: `statistics.downgrade`. One query. */
export async function keptDowngrades(
  client: Queryable,
  table: LedgerOf,
  revisions: readonly string[],
): Promise<Map<string, unknown>> {
  const { rows } = await client.query(
    `SELECT DISTINCT ON (revision) revision, statistics -> 'downgrade' AS kept FROM ${inSchema(table.schema, LEDGER_TABLE)}
     WHERE outcome = 'done' AND direction = 'upgrade' AND revision = ANY ($1) AND ${ofTable(table)} ORDER BY revision, entry DESC`,
    [[...revisions]],
  );
  return new Map(
    rows.flatMap(({ revision, kept }) => (kept == null ? [] : [[String(revision), kept] as const])),
  );
}
