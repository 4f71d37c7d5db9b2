import { type Server, versionText } from '../database/server.js';
import type { Queryable } from '../database/session.js';
import { RevgraphError } from '../errors.js';
import type { PreparedStep } from './prepare.js';

/** Rights by the words of `@requires privilege …`, as boolean expressions; `$1` is the name that follows, if any. */
const PRIVILEGES: readonly { readonly pattern: RegExp; readonly sql: string }[] = [
  { pattern: /^(superuser)$/, sql: 'SELECT rolsuper AS held FROM pg_roles WHERE rolname = current_user' },
  {
    pattern: /^(createrole)$/,
    sql: 'SELECT rolcreaterole OR rolsuper AS held FROM pg_roles WHERE rolname = current_user',
  },
  {
    pattern: /^(createdb)$/,
    sql: 'SELECT rolcreatedb OR rolsuper AS held FROM pg_roles WHERE rolname = current_user',
  },
  {
    pattern: /^(create) on database$/,
    sql: "SELECT has_database_privilege(current_database(), 'CREATE') AS held",
  },
  { pattern: /^create on schema (\S+)$/, sql: "SELECT has_schema_privilege($1, 'CREATE') AS held" },
  { pattern: /^member of (\S+)$/, sql: "SELECT pg_has_role($1, 'MEMBER') AS held" },
];

/**
 * Checks `@requires` of the whole plan against the server.
 * @throws `requirement_unmet` for the first revision that can't run, with all that it lacks
 */
export async function checkRequirements(
  client: Queryable,
  server: Server,
  steps: readonly PreparedStep[],
): Promise<void> {
  // Something that only speaks plain SQL (pg-mem) has no version and no extensions to ask for.
  if (server.versionNumber === null) return;
  const available = await availableExtensions(client, [...new Set(steps.flatMap((s) => s.extensions))]);
  for (const { revision, extensions } of steps) {
    const unmet: string[] = extensions
      .filter((name) => !available.has(name))
      .map((name) => `extension ${name} is not available on this server`);
    for (const requirement of revision.header.requires) {
      if (requirement.kind === 'postgres') {
        const found = await postgresMeets(server.versionNumber, requirement.range);
        if (found !== null) unmet.push(found);
      } else if (requirement.kind === 'privilege') {
        const found = await privilegeMissing(client, requirement.privilege);
        if (found !== null) unmet.push(found);
      }
    }
    if (unmet.length > 0)
      throw new RevgraphError('requirement_unmet', { revision: revision.revision, unmet });
  }
}

async function availableExtensions(client: Queryable, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const { rows } = await client.query('SELECT name FROM pg_available_extensions WHERE name = ANY($1)', [
    names,
  ]);
  return new Set(rows.map((row) => String(row.name)));
}

async function postgresMeets(versionNumber: number, range: string): Promise<string | null> {
  const { default: semver } = await import('semver');
  if (semver.validRange(range) === null) return `"${range}" is not a version range`;
  const version = `${Math.floor(versionNumber / 10_000)}.${versionNumber % 10_000}.0`;
  if (semver.satisfies(version, range)) return null;
  return `it needs PostgreSQL ${range}, this is ${versionText(versionNumber)}`;
}

async function privilegeMissing(client: Queryable, privilege: string): Promise<string | null> {
  for (const { pattern, sql } of PRIVILEGES) {
    const match = pattern.exec(privilege.toLowerCase());
    if (match === null) continue;
    const { rows } = await client.query(sql, sql.includes('$1') ? [match[1]] : []);
    return rows[0]?.held === true
      ? null
      : `it needs the privilege ${privilege}, which this role does not have`;
  }
  return `privilege ${JSON.stringify(privilege)} is none that can be checked (superuser, createrole, createdb, create on database, create on schema NAME, member of ROLE)`;
}
