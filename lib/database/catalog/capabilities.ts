import type { Queryable } from '../connection/session.js';

/** Rights by the words of `@requires privilege …`, as boolean expressions; `$1` is the name that follows, if any. */
const PRIVILEGES: readonly { readonly pattern: RegExp; readonly sql: string }[] = [
  { pattern: /^(superuser)$/i, sql: 'SELECT rolsuper AS held FROM pg_roles WHERE rolname = current_user' },
  {
    pattern: /^(createrole)$/i,
    sql: 'SELECT rolcreaterole OR rolsuper AS held FROM pg_roles WHERE rolname = current_user',
  },
  {
    pattern: /^(createdb)$/i,
    sql: 'SELECT rolcreatedb OR rolsuper AS held FROM pg_roles WHERE rolname = current_user',
  },
  {
    pattern: /^(create) on database$/i,
    sql: "SELECT has_database_privilege(current_database(), 'CREATE') AS held",
  },
  { pattern: /^create on schema (\S+)$/i, sql: "SELECT has_schema_privilege($1, 'CREATE') AS held" },
  { pattern: /^member of (\S+)$/i, sql: "SELECT pg_has_role($1, 'MEMBER') AS held" },
];

/** What `hasPrivilege` understands, for messages. */
export const PRIVILEGE_FORMS =
  'superuser, createrole, createdb, create on database, create on schema NAME, member of ROLE';

/** Whether the current role has a privilege; null if the words name none that can be checked. */
export async function hasPrivilege(client: Queryable, privilege: string): Promise<boolean | null> {
  for (const { pattern, sql } of PRIVILEGES) {
    const match = pattern.exec(privilege.trim());
    if (match === null) continue;
    const { rows } = await client.query(sql, sql.includes('$1') ? [match[1]] : []);
    return rows[0]?.held === true;
  }
  return null;
}

/** Extensions that are installed in this database: what it holds may need their code. */
export async function installedExtensions(client: Queryable): Promise<string[]> {
  const { rows } = await client.query("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'");
  return rows.map((row) => String(row.extname));
}

/** Those of `names` that the server could install. */
export async function availableExtensions(client: Queryable, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const { rows } = await client.query('SELECT name FROM pg_available_extensions WHERE name = ANY($1)', [
    names,
  ]);
  return new Set(rows.map((row) => String(row.name)));
}
