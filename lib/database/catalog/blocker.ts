import type { Queryable } from '../connection/session.js';

/**
 * Who stands in the way of a statement that could not get its table lock: the oldest transaction of another session that
 * holds a lock on a table which the statement names. Null if it is gone by now.
 */
export async function findBlocker(client: Queryable, statement: string | null): Promise<string | null> {
  const { rows } = await client
    .query(
      `SELECT a.pid, a.application_name, a.usename, a.state, c.relname,
              extract(epoch FROM now() - a.xact_start)::int AS seconds, left(a.query, 80) AS query
       FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.granted AND l.pid <> pg_backend_pid() AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND c.relnamespace <> 'pg_catalog'::regnamespace AND strpos($1, c.relname) > 0
       ORDER BY a.xact_start LIMIT 1`,
      [statement ?? ''],
    )
    .catch(() => ({ rows: [] as Record<string, unknown>[] }));
  const [row] = rows;
  if (row === undefined) return null;
  const name = row.application_name === '' ? '' : `${String(row.application_name)}, `;
  return `pid ${String(row.pid)} (${name}user ${String(row.usename)}, ${String(row.state)} for ${String(row.seconds)} s on ${String(row.relname)}: ${String(row.query).replace(/\s+/g, ' ')})`;
}
