import { RevgraphError } from '../../errors/error.js';
import { withSession } from '../connection/connect.js';
import type { ConnectOptions, DatabaseSource, PoolLike, Queryable, Session } from '../connection/session.js';

/** What is used of a `pg.Client` to open another one like it. */
interface PgClientLike {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly user?: unknown;
  readonly password?: unknown;
  readonly database?: unknown;
  readonly ssl?: unknown;
  readonly connectionParameters?: unknown;
}

/**
 * Runs `action` with another connection to the same place.
 * @throws `usage` for a client of which none can be opened
 */
export function withSecond<T>(
  source: DatabaseSource,
  options: ConnectOptions,
  action: (session: Session) => Promise<T>,
): Promise<T> {
  const again = likeIt(source);
  if (again === null)
    throw new RevgraphError('usage', {
      message: 'This lock needs a second connection, and the given client does not say how to open one.',
      hint: 'Pass a URL or a pool as `database`.',
    });
  return withSession(again, options, action);
}

/** A source of further connections; null where there is none. */
export function likeIt(source: DatabaseSource): string | PoolLike | Queryable | null {
  if (typeof source === 'string') return source;
  if ('totalCount' in source) return source as PoolLike;
  const { host, port, user, password, database, ssl, connectionParameters } = source as PgClientLike;
  if (connectionParameters === undefined || typeof host !== 'string') return null;
  const Client = source.constructor as new (config: object) => Queryable;
  return new Client({ host, port, user, password, database, ssl });
}
