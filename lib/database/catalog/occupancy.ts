import { askServer } from '../connection/pg-mem.js';
import type { Queryable } from '../connection/session.js';

const OURS = /^(revgraph_|alembic_version$)/;

/** True if the schema (by default the first of the search path) has a table or view that is neither ours nor an extension's. */
export async function hasUserTables(client: Queryable, schema: string | null): Promise<boolean> {
  const answer = await askServer(
    client,
    'looking for tables',
    `SELECT EXISTS (
       SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
         AND n.nspname NOT LIKE 'pg\\_temp%' AND n.nspname = coalesce($1::text, current_schema())
         AND c.relname !~ '${OURS.source}'
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     ) AS occupied`,
    [schema],
  );
  return answer === null ? hasListedTables(client) : answer.rows[0]?.occupied === true;
}

/** Whether a schema is there; true where that can't be asked. */
export async function hasSchema(client: Queryable, schema: string): Promise<boolean> {
  const sql = 'SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS found';
  const answer = await askServer(client, 'looking for a schema', sql, [schema]);
  return answer === null || answer.rows[0]?.found === true;
}

/** For pg-mem, which only speaks plain SQL. */
async function hasListedTables(client: Queryable): Promise<boolean> {
  const { rows } = await client.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
  );
  return rows.some((row) => !OURS.test(String(row.table_name)));
}
