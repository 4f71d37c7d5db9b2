import type { Queryable } from '../connection/session.js';

/** Tables that number their rows, as `schema.table`: in which order rows came is to be seen in them. One query. */
export async function numberedTables(client: Queryable): Promise<ReadonlySet<string>> {
  const { rows } = await client.query(
    `SELECT DISTINCT n.nspname AS schema, c.relname AS name
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
       AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) ~ 'nextval')`,
  );
  return new Set(rows.map(({ schema, name }) => `${schema}.${name}`));
}
