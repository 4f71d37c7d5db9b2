import { RevgraphError } from '../../errors/error.js';
import { messageOf, processIdOf } from '../wire/client.js';
import { rememberCustom } from './custom-settings.js';
import { ended } from './ended.js';
import { isConnectionLost, isOfDatabase, readDriverError, translate } from './failure.js';
import { copyVia, openServer } from './own-client.js';
import { comeUp } from './pause.js';
import type {
  ConnectOptions,
  DatabaseSource,
  PGliteLike,
  PoolLike,
  Queryable,
  Sent,
  Session,
} from './session.js';
import { parseUrl } from './url.js';

/**
 * Opens `source`, hands the session to `action`, and lets go of it whatever happens. What the database or the network said
 * to a query of this connection comes out as an error of ours; what anybody else throws, such as a callback of the caller's,
 * as it is.
 */
export async function withSession<T>(
  source: DatabaseSource,
  options: ConnectOptions,
  action: (session: Session) => Promise<T>,
): Promise<T> {
  const said = new WeakSet<object>();
  const session = listened(await openSession(source, options), said);
  try {
    const { role } = options;
    if (role !== undefined) return await asRole(session, role, () => action(session));
    return await action(session);
  } catch (error) {
    const ofOurs = typeof error === 'object' && error !== null && said.has(error) && isOfDatabase(error);
    throw ofOurs ? translate(error, 'running a statement', session.label) : error;
  } finally {
    await session.close().catch(() => {
      // What the action said matters more than a connection that can't be closed because it is gone.
    });
  }
}

/**
 * Does `action` as another role. A client that was lent has its own again at the end; other sessions end there.
 * @throws `role_refused`
 */
async function asRole<T>(session: Session, role: string, action: () => Promise<T>): Promise<T> {
  const { rows } = await session
    .query("SELECT current_setting('role') AS was, set_config('role', $1, false)", [role])
    .catch((error: unknown) => {
      if (isConnectionLost(error)) throw error;
      throw new RevgraphError(
        'role_refused',
        { role, reason: readDriverError(error).message },
        { cause: error },
      );
    });
  if (session.kind !== 'given') return action();
  return ended(action, () => session.query("SELECT set_config('role', $1, false)", [String(rows[0]?.was)]));
}

/** The session; what its queries fail with is noted in `said`. */
function listened(session: Session, said: WeakSet<object>): Session {
  const note = (error: unknown): never => {
    if (typeof error === 'object' && error !== null) said.add(error);
    throw error;
  };
  const { sendAll, sendBehind } = session;
  const heard = (sent: Sent): Sent => {
    const error = sent.failure?.error;
    if (typeof error === 'object' && error !== null) said.add(error);
    return sent;
  };
  return {
    ...session,
    query: (text, values) => session.query(text, values).catch(note),
    sendAll: sendAll && (async (texts) => heard(await sendAll(texts))),
    sendBehind:
      sendBehind &&
      ((...args) => {
        const { first, others } = sendBehind(...args);
        return { first: first.catch(note), others: others.then(heard) };
      }),
  };
}

/** Opens several more connections of one kind, for work side by side. */
export async function withSessions<T>(
  source: DatabaseSource,
  options: ConnectOptions,
  count: number,
  action: (sessions: readonly Session[]) => Promise<T>,
  opened: readonly Session[] = [],
): Promise<T> {
  if (opened.length >= count) return action(opened);
  return withSession(source, options, (session) =>
    withSessions(source, options, count, action, [...opened, session]),
  );
}

async function openSession(source: DatabaseSource, options: ConnectOptions): Promise<Session> {
  if (typeof source !== 'string' && (typeof source !== 'object' || source === null)) throw notADatabase();
  if (typeof source === 'string') {
    const address = parseUrl(source);
    if (address.kind === 'server')
      return comeUp(() => openServer(address.url, address.label, options), options);
    const { openEmbedded } = await import('./embedded.js');
    return openEmbedded(address, options);
  }
  if (isPGlite(source)) {
    const { wrapPGlite } = await import('./embedded.js');
    return wrapPGlite(source);
  }
  if (isPool(source)) return comeUp(() => borrow(source), options);
  if (typeof (source as Queryable | undefined)?.query === 'function') return useGiven(source);
  throw notADatabase();
}

function notADatabase(): RevgraphError {
  return new RevgraphError('usage', {
    message: 'The option database must be a URL, a pool, a client or a PGlite instance.',
    hint: 'Pass a connection string, a pg.Pool, a connected pg.Client or a PGlite instance as `database`.',
  });
}

function isPGlite(source: object): source is PGliteLike {
  return 'waitReady' in source && 'execProtocolRaw' in source;
}

/** Pools of `pg` count their clients; pg-mem's pools only have `connect` and no connection parameters. */
export function isPool(source: object): source is PoolLike {
  return (
    'totalCount' in source ||
    ('connect' in source && 'release' in source && !('connectionParameters' in source))
  );
}

interface Emitter {
  on?(event: string, listener: (argument: unknown) => void): unknown;
  off?(event: string, listener: (argument: unknown) => void): unknown;
}

/**
 * A session on the caller's own client. While it is ours an error of the connection must not end the process, which an
 * `error` event without a listener does; every query reports it anyway. At the end nothing of ours is left on it.
 */
function onGiven(client: Queryable, label: string, letGo: (lost: Error | null) => Promise<void>): Session {
  const emitter = client as Emitter;
  let lost: Error | null = null;
  const listeners: ((message: string) => void)[] = [];
  const failed = (error: unknown): void => {
    lost = error as Error;
  };
  const noticed = (notice: unknown): void => {
    for (const listener of listeners) listener(messageOf(notice));
  };
  emitter.on?.('error', failed);
  emitter.on?.('notice', noticed);
  return {
    kind: 'given',
    label,
    processId: processIdOf(client),
    ...rememberCustom((text, values) => client.query(text, values)),
    sendCopy: copyVia(client),
    onNotice: (listener) => {
      listeners.push(listener);
    },
    close: async () => {
      emitter.off?.('notice', noticed);
      await letGo(lost);
      // A client that broke may still say so after it is let go.
      if (lost === null) emitter.off?.('error', failed);
    },
  };
}

async function borrow(pool: PoolLike): Promise<Session> {
  const label = 'the given pool';
  const client = await pool.connect().catch((error: unknown) => {
    throw translate(error, 'connecting to the database', label);
  });
  return onGiven(client, label, async (lost) => (lost === null ? client.release() : client.release(lost)));
}

/**
 * A client of the caller's. One that was never connected is connected and ended here. One that is inside a transaction is
 * refused: what is done here begins and ends transactions, and would end that one, with what the caller did in it.
 */
async function useGiven(client: Queryable): Promise<Session> {
  const label = 'the given client';
  const state = client as {
    _connected?: boolean;
    _connecting?: boolean;
    connect?(): Promise<void>;
    end?(): Promise<void>;
    /** `I` idle, `T` in a transaction, `E` in a failed one. */
    getTransactionStatus?(): string | null;
  };
  const inside = state.getTransactionStatus?.();
  if (inside === 'T' || inside === 'E') throw new RevgraphError('client_in_transaction', {});
  const fresh = state._connected === false && state._connecting === false;
  if (fresh)
    await state
      .connect?.()
      .catch((error: unknown) => Promise.reject(translate(error, 'connecting to the database', label)));
  return onGiven(client, label, async () => (fresh ? state.end?.() : undefined));
}
