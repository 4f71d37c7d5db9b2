import { askServer } from './pg-mem.js';
import type { DatabaseSource, Session } from './session.js';

/** What a database says of itself. Null: it has none, or does not tell. */
export interface Identity {
  readonly database: string | null;
  /** What the URL or the connection calls the server, and the address at which it answers. */
  readonly hosts: readonly string[];
  readonly systemIdentifier: string | null;
  readonly label: string | null;
}

/** The setting that stands with the database wins over one that a session brings along. */
const IDENTITY = `
  SELECT current_database() AS database, host(inet_server_addr()) AS address,
         coalesce((SELECT substr(setting, length('revgraph.label=') + 1)
                   FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) AS setting
                   WHERE d.datname = current_database() AND s.setrole = 0 AND setting LIKE 'revgraph.label=%'),
                  nullif(current_setting('revgraph.label', true), '')) AS label`;

/** Reads who this is: one round trip, and one more for the system identifier if that is asked for. */
export async function readIdentity(
  session: Session,
  source: DatabaseSource,
  wants: { systemIdentifier: boolean },
): Promise<Identity> {
  const row = await one(session, IDENTITY);
  const system = wants.systemIdentifier
    ? await one(session, 'SELECT system_identifier::text AS id FROM pg_control_system()')
    : {};
  const hosts = session.kind === 'embedded' ? [] : [hostOf(source), textOf(row.address)];
  return {
    database: textOf(row.database),
    hosts: [...new Set(hosts.filter((host) => host !== null))],
    systemIdentifier: textOf(system.id),
    label: textOf(row.label),
  };
}

/** pg-mem has no answer. */
async function one(session: Session, sql: string): Promise<Record<string, unknown>> {
  return (await askServer(session, 'identifying the database', sql))?.rows[0] ?? {};
}

const textOf = (value: unknown): string | null =>
  value === null || value === undefined || value === '' ? null : String(value);

/** The host as it was named; null for a PGlite instance. */
function hostOf(source: DatabaseSource): string | null {
  if (typeof source === 'string') return hostOfUrl(source);
  const { host, options } = source as {
    host?: unknown;
    options?: { host?: unknown; connectionString?: unknown };
  };
  if (typeof host === 'string') return host;
  if (typeof options?.connectionString === 'string') return hostOfUrl(options.connectionString);
  return typeof options?.host === 'string' ? options.host : null;
}

/** A host among the parameters, as sockets need it, is the one that the driver takes. */
function hostOfUrl(url: string): string | null {
  try {
    const { hostname, searchParams } = new URL(url.replace(/^postgres(ql)?:/, 'http:'));
    return searchParams.get('host') ?? textOf(hostname.replace(/^\[(.*)\]$/, '$1'));
  } catch {
    return null;
  }
}
