import { RevgraphError } from '../errors.js';
import { translate } from './failure.js';
import type { DatabaseSource, PGliteLike, PoolLike, Queryable, Session } from './session.js';
import { parseUrl } from './url.js';

export interface ConnectOptions {
  /** Shown in `pg_stat_activity` and to whoever waits for the lock. Default `revgraph`. */
  readonly applicationName?: string;
  /** How long to wait for a server to answer, in ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Embedded: extensions that may be created, by their SQL names. */
  readonly extensions?: readonly string[];
  /** Embedded: how long to wait for another process that has the directory open, in ms. Default 60,000. */
  readonly busyWaitMs?: number;
  /** Embedded: told once, when waiting begins. */
  readonly onBusy?: (holder: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens `source`, hands the session to `action`, and lets go of it whatever happens. Errors of the driver come out as
 * ours.
 */
export async function withSession<T>(
  source: DatabaseSource,
  options: ConnectOptions,
  action: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(source, options);
  try {
    return await action(session);
  } catch (error) {
    throw translate(error, 'at work', session.label);
  } finally {
    await session.close().catch(() => {
      // What the action said matters more than a connection that can't be closed because it is gone.
    });
  }
}

async function openSession(source: DatabaseSource, options: ConnectOptions): Promise<Session> {
  if (typeof source === 'string') {
    const address = parseUrl(source);
    if (address.kind === 'server') return openServer(address.url, address.label, options);
    const { openEmbedded } = await import('./embedded.js');
    return openEmbedded(address, options);
  }
  if (isPGlite(source)) {
    const { wrapPGlite } = await import('./embedded.js');
    return wrapPGlite(source);
  }
  if (isPool(source)) return borrow(source);
  if (typeof (source as Queryable | undefined)?.query === 'function') return useGiven(source);
  throw new RevgraphError('usage', {
    message: 'The database is neither a URL nor a pool, client or PGlite instance.',
    hint: 'Pass `database`: a connection string, a pg.Pool, a connected pg.Client, or a PGlite instance.',
  });
}

function isPGlite(source: object): source is PGliteLike {
  return 'waitReady' in source && 'execProtocolRaw' in source;
}

/** Pools of `pg` count their clients; pg-mem's pools only have `connect` and no connection parameters. */
function isPool(source: object): source is PoolLike {
  return (
    'totalCount' in source ||
    ('connect' in source && 'release' in source && !('connectionParameters' in source))
  );
}

interface Emitter {
  on?(event: string, listener: (argument: unknown) => void): unknown;
}

function listen(client: object, listener: (message: string) => void): void {
  (client as Emitter).on?.('notice', (notice) =>
    listener(String((notice as { message?: unknown })?.message ?? notice)),
  );
}

async function openServer(url: string, label: string, options: ConnectOptions): Promise<Session> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    connectionString: url,
    application_name: options.applicationName ?? 'revgraph',
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  // Without a listener a connection that breaks while idle would end the process; the next query reports it.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    throw translate(error, 'connecting', label);
  }
  return {
    kind: 'server',
    label,
    query: (text, values) => client.query(text, values),
    onNotice: (listener) => listen(client, listener),
    close: () => client.end(),
  };
}

async function borrow(pool: PoolLike): Promise<Session> {
  const label = 'the given pool';
  let client: Awaited<ReturnType<PoolLike['connect']>>;
  try {
    client = await pool.connect();
  } catch (error) {
    throw translate(error, 'connecting', label);
  }
  return {
    kind: 'given',
    label,
    query: (text, values) => client.query(text, values),
    onNotice: (listener) => listen(client, listener),
    close: async () => client.release(),
  };
}

/** A client of the caller's. One that was never connected is connected and ended here. */
async function useGiven(client: Queryable): Promise<Session> {
  const label = 'the given client';
  const state = client as {
    _connected?: boolean;
    _connecting?: boolean;
    connect?(): Promise<void>;
    end?(): Promise<void>;
  };
  const fresh = state._connected === false && state._connecting === false;
  if (fresh)
    await state.connect?.().catch((error: unknown) => Promise.reject(translate(error, 'connecting', label)));
  return {
    kind: 'given',
    label,
    query: (text, values) => client.query(text, values),
    onNotice: (listener) => listen(client, listener),
    close: async () => (fresh ? state.end?.() : undefined),
  };
}
