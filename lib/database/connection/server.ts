import { RevgraphError } from '../../errors/error.js';
import { quote } from '../literal.js';
import { askServer } from './pg-mem.js';
import type { Session } from './session.js';
import { type SessionState, stateExpression } from './session-state.js';

export { quote } from '../literal.js';

/** What has to be known of the other side before anything is written. */
export interface Server {
  readonly database: string;
  /** The schema that version table and ledger are in. */
  readonly schema: string;
  /** 160004 for 16.4; null where it isn't PostgreSQL proper (pg-mem). */
  readonly versionNumber: number | null;
  readonly user: string;
  /** Backend process, to notice a pooler that changes it under us; null where there is none. */
  readonly backend: number | null;
  /** Whether something runs with each definition. */
  readonly hasEventTriggers: boolean;
  /** Settings that this server takes per transaction. */
  readonly checksConnection: boolean;
  /**
   * `standard_conforming_strings` is off before anything sets it: where a string ends is then another matter than for whoever cut the
   * text, and statements in one message could run into each other.
   */
  readonly escapesStrings: boolean;
  /** The search path of the session, to be restored for every step. */
  readonly searchPath: string | null;
  /** Whether that is what a reset of the session leads back to. */
  readonly hasOwnPath: boolean;
  /** Why nothing can be written: it is a standby, or a setting says so; null where it can. */
  readonly readOnly: 'standby' | 'setting' | null;
  /** The session as it was when this was asked; null where there is no version. */
  readonly state: SessionState | null;
}

const describe = (kind: Session['kind'], also: string): string => `
  SELECT current_database() AS database, current_schema() AS schema, current_user AS "user",
         current_setting('server_version_num')::int AS version, pg_backend_pid() AS backend,
         current_setting('search_path') AS search_path,
         current_setting('standard_conforming_strings', true) = 'off' AS escapes_strings,
         current_setting('client_connection_check_interval', true) IS NOT NULL AS checks_connection,
         EXISTS (SELECT FROM pg_event_trigger WHERE evtenabled <> 'D') AS listens,
         CASE WHEN pg_is_in_recovery() THEN 'standby' WHEN current_setting('transaction_read_only') = 'on' THEN 'setting' END AS read_only,
         ${stateExpression(kind)} AS state, ${also} AS also`;

/**
 * One query. pg-mem, which only speaks plain SQL, is a server without a version; whatever else fails is an error.
 * @param schema the schema asked for; default: the first of the search path that exists
 */
export async function describeServer(session: Session, schema?: string): Promise<Server> {
  return (await describeWith(session, schema, 'NULL')).server;
}

/**
 * The same, and the answer to something else that travels with it; null from pg-mem.
 * @param also an expression of SQL
 */
export async function describeWith(
  session: Session,
  schema: string | undefined,
  also: string,
): Promise<{ server: Server; answer: unknown }> {
  const lent = session.kind === 'given';
  const result = await askServer(session, 'describing the server', describe(session.kind, also));
  if (result === null) return { server: plainServer(schema), answer: null };
  const row = result.rows[0] ?? {};
  return { server: serverOf(row, lent, session, schema), answer: row.also };
}

function serverOf(
  row: Record<string, unknown>,
  lent: boolean,
  session: Session,
  schema: string | undefined,
): Server {
  const versionNumber = Number(row.version ?? Number.NaN);
  if (!Number.isInteger(versionNumber))
    throw new RevgraphError('database_failed', {
      what: 'describing the server',
      sqlstate: null,
      reason: 'it does not tell its version',
    });
  const found = schema ?? (row.schema as string | null);
  if (found === null) throw new RevgraphError('schema_missing', { searchPath: String(row.search_path) });
  return {
    database: String(row.database),
    schema: found,
    versionNumber,
    user: String(row.user),
    backend: Number(row.backend),
    checksConnection: row.checks_connection === true && session.kind !== 'embedded',
    hasEventTriggers: row.listens === true,
    escapesStrings: row.escapes_strings === true,
    searchPath: schema === undefined ? String(row.search_path) : `${quote(schema)}, public`,
    hasOwnPath: schema === undefined && !lent,
    readOnly: row.read_only as Server['readOnly'],
    state: { ...(row.state as Omit<SessionState, 'lent'>), lent },
  };
}

function plainServer(schema = 'public'): Server {
  return {
    database: 'memory',
    schema,
    versionNumber: null,
    user: 'unknown',
    backend: null,
    hasEventTriggers: false,
    checksConnection: false,
    escapesStrings: false,
    searchPath: null,
    hasOwnPath: false,
    readOnly: null,
    state: null,
  };
}

/** A name within a schema as SQL; without one, it is found by the search path. */
export function inSchema(schema: string | null, name: string): string {
  return schema === null ? quote(name) : `${quote(schema)}.${quote(name)}`;
}

/** `16.4` for 160004. */
export function versionText(versionNumber: number): string {
  return `${Math.floor(versionNumber / 10_000)}.${versionNumber % 10_000}`;
}
