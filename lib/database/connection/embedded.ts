import { readdirSync } from 'node:fs';
import type { Client } from 'pg';
import { RevgraphError } from '../../errors/error.js';
import { makeFolders } from '../wire/folders.js';
import { rememberCustom } from './custom-settings.js';
import { type DataDirectory, dumpOf } from './data-directory.js';
import { type DirectoryLock, lockDirectory } from './directory-lock.js';
import { createInstance, isNew, loadModule, type PGlite } from './instance.js';
import { sendAllVia } from './own-client.js';
import type { ConnectOptions, PGliteLike, Session } from './session.js';

const BUSY_WAIT_MS = 60_000;

/** An embedded database, and the `pg` client that speaks to it. */
interface Opened {
  readonly pglite: PGlite;
  readonly client: Client;
  readonly extensions: ReadonlySet<string>;
}

/**
 * Opens the embedded database in a directory (made if missing), or in memory. Two processes on one directory ruin it, so
 * a lock file beside it is held while it is open.
 * @throws `embedded_busy` if another process keeps it open longer than `busyWaitMs`; `embedded_missing` without PGlite
 */
export async function openEmbedded(
  { directory, label }: { directory: string | null; label: string },
  options: ConnectOptions,
): Promise<Session> {
  await loadModule(() => import('@electric-sql/pglite'));
  let lock: DirectoryLock | null = null;
  if (directory !== null) {
    prepare(directory);
    lock = await lockDirectory(directory, options.busyWaitMs ?? BUSY_WAIT_MS, options.onBusy, options.signal);
  }
  try {
    // Each extension costs start-up time: one that is there is only opened with those that a plan needs.
    const first = await start(directory, new Set(isNew(directory) ? options.extensions : []), label);
    return session(first, directory, label, lock);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

/** Makes the directory. One that holds something else is refused: `pglite:` by mistake before a path must not fill it. */
function prepare(directory: string): void {
  const unwritable = (reason: string, cause?: unknown): RevgraphError =>
    new RevgraphError('file_unwritable', { file: directory, reason }, { cause });
  let entries: string[];
  try {
    makeFolders(directory);
    entries = readdirSync(directory);
  } catch (error) {
    throw unwritable((error as Error).message, error);
  }
  const isOurs = entries.every((name) => name === 'lock' || name === 'data');
  if (!isOurs && isNew(directory)) throw unwritable('it holds other files, and is no embedded database');
}

function session(
  first: Opened,
  directory: string | null,
  label: string,
  lock: DirectoryLock | null,
): Session {
  let opened = first;
  const listeners: ((message: string) => void)[] = [];
  const listen = (client: Client): void => {
    client.on('notice', (notice) => {
      for (const listener of listeners) listener(notice.message ?? '');
    });
  };
  listen(opened.client);
  return {
    kind: 'embedded',
    label,
    query: (text, values) => opened.client.query(text, values),
    sendAll: (texts) => sendAllVia(opened.client)(texts),
    onNotice: (listener) => {
      listeners.push(listener);
    },
    provideExtensions: async (names) => {
      const wanted = new Set([...opened.extensions, ...names]);
      if (wanted.size === opened.extensions.size) return;
      const memory = directory === null ? await dumpOf(opened.pglite) : undefined;
      await stop(opened);
      opened = await start(directory, wanted, label, memory);
      listen(opened.client);
    },
    close: async () => {
      try {
        await stop(opened);
      } finally {
        lock?.release();
      }
    },
  };
}

async function start(
  directory: string | null,
  names: ReadonlySet<string>,
  label: string,
  contents?: DataDirectory,
): Promise<Opened> {
  const driver = loadDriver();
  driver.catch(() => {
    // Awaited, and reported, once the database is there.
  });
  const pglite = await createInstance({ directory, names, label, contents });
  return { pglite, client: await attach(pglite, driver), extensions: names };
}

/** The driver and the bridge to it. Loaded while WebAssembly is being compiled. */
const loadDriver = () =>
  Promise.all([import('pg'), loadModule(() => import('@electric-sql/pglite/node-postgres'))]);

/** A `pg` client over a PGlite instance: one interface for every database. */
async function attach(pglite: PGlite, driver = loadDriver()): Promise<Client> {
  const [{ default: pg }, { createPgConfig }] = await driver;
  const client = new pg.Client(createPgConfig(pglite) as ConstructorParameters<typeof pg.Client>[0]);
  client.on('error', () => {});
  await client.connect();
  // PostgreSQL reports its statistics by a timer that it sets anew for ever, and that would keep the process alive. An error takes
  // all timers away.
  await client.query('SELECT 1/0').catch(() => {});
  return client;
}

async function stop({ client, pglite }: Opened): Promise<void> {
  await client.end().catch(() => {});
  await pglite.close();
}

/** A PGlite instance of the caller's: used, never closed. */
export async function wrapPGlite(source: PGliteLike): Promise<Session> {
  await source.waitReady;
  const client = await attach(source as unknown as PGlite);
  return {
    kind: 'given',
    label: 'the given PGlite instance',
    ...rememberCustom((text, values) => client.query(text, values)),
    onNotice: (listener) => {
      client.on('notice', (notice) => listener(notice.message ?? ''));
    },
    close: () => client.end(),
  };
}
