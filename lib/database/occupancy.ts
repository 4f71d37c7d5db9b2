import type { Queryable } from './session.js';

/** True if the database (or the schema) has a table, view or sequence that is neither ours nor an extension's. */
export async function hasUserTables(client: Queryable, schema: string | null): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT EXISTS (
       SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
         AND n.nspname NOT LIKE 'pg\\_temp%' AND ($1::text IS NULL OR n.nspname = $1)
         AND c.relname NOT LIKE 'revgraph\\_%' AND c.relname <> 'alembic_version'
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     ) AS occupied`,
    [schema],
  );
  return rows[0]?.occupied === true;
}
