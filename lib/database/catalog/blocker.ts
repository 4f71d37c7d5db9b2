import type { Queryable, Session } from '../connection/session.js';

/** Whom a backend waits for, as PostgreSQL itself says, the oldest first, and on what. */
const BLOCKER = `
  SELECT b.pid, a.application_name, a.usename, a.state, extract(epoch FROM now() - a.xact_start)::int AS seconds, left(a.query, 80) AS query,
         (SELECT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE l.pid = $1 AND NOT l.granted LIMIT 1) AS relname
  FROM unnest(pg_blocking_pids($1)) AS b(pid) LEFT JOIN pg_stat_activity a ON a.pid = b.pid ORDER BY a.xact_start LIMIT 1`;

async function ask(other: Queryable, backend: number): Promise<string | null> {
  const { rows } = await other.query(BLOCKER, [backend]);
  const [row] = rows;
  if (row === undefined) return null;
  // A prepared transaction has no backend.
  if (row.application_name === null)
    return row.pid === 0 ? 'a prepared transaction' : `pid ${String(row.pid)}`;
  const name = row.application_name === '' ? '' : `${String(row.application_name)}, `;
  const where = row.relname === null ? '' : ` on ${String(row.relname)}`;
  return `pid ${String(row.pid)} (${name}user ${String(row.usename)}, ${String(row.state)} for ${String(row.seconds)} s${where}: ${String(row.query).replace(/\s+/g, ' ')})`;
}

/**
 * Watches whom the statements of a session wait for. When one was given up nobody can tell any more, so it is asked meanwhile, by
 * another connection, which is opened once a statement may be waiting for long.
 *
 * @param backend the number of the session's backend; null: it is not known, and nothing is watched
 * @param lockTimeoutMs how long the session waits for a lock
 * @returns the end of it: who stood in the way last, or null
 */
export function watchBlocker(
  { beside, processId }: Pick<Session, 'beside' | 'processId'>,
  backend: number | null,
  lockTimeoutMs: number,
): () => string | null {
  if (beside === undefined || backend === null || backend !== processId || lockTimeoutMs <= 0)
    return () => null;
  let found: string | null = null;
  let ended = false;
  // A step that waits for nobody costs one timer.
  let timer: NodeJS.Timeout | undefined;
  let goOn: () => void = () => {};
  const later = (action: () => void): void => {
    timer = setTimeout(action, lockTimeoutMs / 3).unref();
  };
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      goOn = resolve;
      later(resolve);
    });
  const watch = async (other: Queryable): Promise<void> => {
    while (!ended) {
      found = await ask(other, backend);
      if (!ended) await pause();
    }
  };
  // What can't be watched is not told.
  later(() => void beside(watch).catch(() => {}));
  return () => {
    ended = true;
    clearTimeout(timer);
    goOn();
    return found;
  };
}
