import type { CatalogQuestion } from '../connection/read-only.js';

/** A session that may make a run wait. */
export interface Blockers {
  /** `transaction`: long open · `lock`: holds a lock on a table that will be changed · `prepared`: prepared and neither committed nor rolled back */
  readonly kind: 'transaction' | 'lock' | 'prepared';
  /** Null for a prepared transaction. */
  readonly pid: number | null;
  /** Application and user, or the name of the prepared transaction. */
  readonly who: string;
  readonly state: string;
  /** Since when, in seconds. */
  readonly seconds: number;
  readonly table: string | null;
  readonly mode: string | null;
}

const WHO = "concat_ws(', ', nullif(a.application_name, ''), 'user ' || a.usename)";
const SECONDS = 'coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::int';
const DATABASE = '(SELECT oid FROM pg_database WHERE datname = current_database())';

const OTHERS = `
  SELECT 'transaction' AS kind, a.pid, ${WHO} AS who, coalesce(a.state, 'unknown') AS state, ${SECONDS} AS seconds, NULL AS "table", NULL AS mode
  FROM pg_stat_activity a
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
    AND a.xact_start <= clock_timestamp() - make_interval(secs => $1)
  UNION ALL
  SELECT 'lock', l.pid, ${WHO}, coalesce(a.state, 'prepared'), ${SECONDS}, c.relname, string_agg(DISTINCT l.mode, ', ')
  FROM pg_locks l JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE l.granted AND l.locktype = 'relation' AND l.database = ${DATABASE} AND l.relation = ANY ($2::oid[])
    AND l.pid IS DISTINCT FROM pg_backend_pid() AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
  GROUP BY l.pid, a.application_name, a.usename, a.state, a.xact_start, c.relname
  UNION ALL
  SELECT 'prepared', NULL, p.gid || ' of ' || p.owner, 'prepared', extract(epoch FROM clock_timestamp() - p.prepared)::int, NULL, NULL
  FROM pg_prepared_xacts p WHERE p.database = current_database()
  ORDER BY seconds DESC`;

/** What to ask for them. @param tables oids of what a run will change */
export const blockerQuestion = (tables: readonly number[], longSeconds: number): CatalogQuestion => [
  OTHERS,
  [longSeconds, tables],
];

/** What was answered; null where that is nothing. */
export function blockersOf(rows: readonly Record<string, unknown>[] | null | undefined): Blockers[] | null {
  return (
    rows?.map((row) => ({
      kind: row.kind as Blockers['kind'],
      pid: row.pid === null ? null : Number(row.pid),
      who: String(row.who),
      state: String(row.state),
      seconds: Number(row.seconds),
      table: row.table as string | null,
      mode: row.mode as string | null,
    })) ?? null
  );
}
