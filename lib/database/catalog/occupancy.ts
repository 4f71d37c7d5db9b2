import { askServer } from '../connection/pg-mem.js';
import type { Queryable } from '../connection/session.js';

const OURS = /^(revgraph_|alembic_version$)/;

/** True if the database (or the schema) has a table or view that is neither ours nor an extension's. */
export async function hasUserTables(client: Queryable, schema: string | null): Promise<boolean> {
  const answer = await askServer(
    client,
    'looking for tables',
    `SELECT EXISTS (
       SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
         AND n.nspname NOT LIKE 'pg\\_temp%' AND ($1::text IS NULL OR n.nspname = $1)
         AND c.relname !~ '${OURS.source}'
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     ) AS occupied`,
    [schema],
  );
  return answer === null ? hasListedTables(client) : answer.rows[0]?.occupied === true;
}

/** For pg-mem, which only speaks plain SQL. */
async function hasListedTables(client: Queryable): Promise<boolean> {
  const { rows } = await client.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
  );
  return rows.some((row) => !OURS.test(String(row.table_name)));
}
