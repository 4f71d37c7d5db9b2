import { quote } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';

/** A table with rows of its own, and what the open transaction did to it so far. */
export interface Relation {
  /** `schema.table`. */
  readonly name: string;
  readonly sql: string;
  /** Its identity and that of its storage: another one after DROP, TRUNCATE and whatever writes all rows anew. */
  readonly storage: string;
  readonly updates: number;
  readonly inserts: number;
  /** Rows that statements wrote, whatever they wrote; null where the server doesn't count. */
  readonly writes: number | null;
}

/** Counts of the transaction include those of earlier ones that are not yet reported: only differences mean something. */
const RELATIONS = `
  SELECT n.nspname AS schema, c.relname AS name, c.oid || '/' || c.relfilenode AS storage,
         pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) AS updates,
         pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) AS inserts,
         CASE WHEN current_setting('track_counts') = 'on' THEN
           pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) + pg_catalog.pg_stat_get_xact_tuples_updated(c.oid)
           + pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid) END AS writes
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
  ORDER BY 1, 2`;

export async function readRelations(client: Queryable): Promise<ReadonlyMap<string, Relation>> {
  const { rows } = await client.query(RELATIONS);
  return new Map(
    rows.map(({ schema, name, storage, updates, inserts, writes }) => [
      `${schema}.${name}`,
      {
        name: `${schema}.${name}`,
        sql: `${quote(String(schema))}.${quote(String(name))}`,
        storage: String(storage),
        updates: Number(updates),
        inserts: Number(inserts),
        writes: writes === null ? null : Number(writes),
      },
    ]),
  );
}

/** How each row of a table reads, and how often; of the table alone, without those that inherit from it. */
const contents = (sql: string): string =>
  `SELECT pg_catalog.hashtextextended(revgraph_row::text, 0) AS content, count(*) AS n
   FROM ONLY ${sql} AS revgraph_row GROUP BY 1`;

const REMEMBERED = 'pg_temp.revgraph_second_pass';

/** Keeps in a temporary table, for the open transaction, what the rows of some tables are. */
export async function rememberRows(client: Queryable, relations: readonly Relation[]): Promise<void> {
  await client.query(
    'CREATE TEMPORARY TABLE revgraph_second_pass (name text, content bigint, n bigint) ON COMMIT DROP',
  );
  for (const { name, sql } of relations)
    await client.query(`INSERT INTO ${REMEMBERED} SELECT $1, content, n FROM (${contents(sql)}) AS now`, [
      name,
    ]);
}

/**
 * How many rows came and went, by their content, since they were remembered.
 * @param relation null if the table is not there any more
 */
export async function compareRows(
  client: Queryable,
  name: string,
  relation: Relation | undefined,
): Promise<{ came: number; went: number }> {
  const now =
    relation === undefined
      ? 'SELECT NULL::bigint AS content, 0::bigint AS n WHERE false'
      : contents(relation.sql);
  const { rows } = await client.query(
    `SELECT coalesce(sum(greatest(d.now - d.was, 0)), 0) AS came, coalesce(sum(greatest(d.was - d.now, 0)), 0) AS went
     FROM (SELECT coalesce(now.n, 0) AS now, coalesce(was.n, 0) AS was
           FROM (${now}) AS now
           FULL JOIN (SELECT content, n FROM ${REMEMBERED} WHERE name = $1) AS was USING (content)) AS d`,
    [name],
  );
  return { came: Number(rows[0]?.came), went: Number(rows[0]?.went) };
}
