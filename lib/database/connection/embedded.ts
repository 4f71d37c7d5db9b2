import { existsSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Client } from 'pg';
import { RevgraphError } from '../../errors/error.js';
import { rememberCustom } from './custom-settings.js';
import { type DirectoryLock, lockDirectory } from './directory-lock.js';
import { translate } from './failure.js';
import type { ConnectOptions, PGliteLike, Session } from './session.js';

type PGliteModule = typeof import('@electric-sql/pglite');
type PGlite = InstanceType<PGliteModule['PGlite']>;

const PACKAGE = '@electric-sql/pglite';
const BUSY_WAIT_MS = 60_000;

/** The default of 128 MB is zeroed at every start: a third of the time that a look at the database takes. */
const SHARED_BUFFERS = '16MB';

async function load<T>(what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND')
      throw new RevgraphError('embedded_missing', { package: PACKAGE }, { cause: error });
    throw error;
  }
}

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
  await load(() => import('@electric-sql/pglite'));
  let lock: DirectoryLock | null = null;
  if (directory !== null) {
    prepare(directory);
    lock = await lockDirectory(directory, options.busyWaitMs ?? BUSY_WAIT_MS, options.onBusy, options.signal);
  }
  try {
    // Each extension costs start-up time: one that is there is only opened with those that a plan needs.
    const fresh = directory === null || !existsSync(join(directory, 'data', 'PG_VERSION'));
    const first = await start(directory, new Set(fresh ? options.extensions : []), label);
    return session(first, directory, label, lock);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function prepare(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new RevgraphError(
      'file_unwritable',
      { file: directory, reason: (error as Error).message },
      { cause: error },
    );
  }
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
    onNotice: (listener) => {
      listeners.push(listener);
    },
    provideExtensions: async (names) => {
      const wanted = new Set([...opened.extensions, ...names]);
      if (wanted.size === opened.extensions.size) return;
      const memory = directory === null ? await opened.pglite.dumpDataDir('none') : undefined;
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
  contents?: Blob,
): Promise<Opened> {
  const driver = loadDriver();
  driver.catch(() => {
    // Awaited, and reported, once the database is there.
  });
  const pglite = await createInstance({ directory, names, label, contents });
  return { pglite, client: await attach(pglite, driver), extensions: names };
}

/**
 * A PGlite instance in a directory, or in memory.
 * @param contents a dumped data directory to begin with
 */
export async function createInstance({
  directory,
  names,
  label,
  contents,
}: {
  directory: string | null;
  names: ReadonlySet<string>;
  label: string;
  contents?: Blob | undefined;
}): Promise<PGlite> {
  const { PGlite } = await load(() => import('@electric-sql/pglite'));
  const extensions = await loadExtensions(names);
  try {
    return await PGlite.create({
      ...(directory === null ? {} : { dataDir: join(directory, 'data') }),
      ...(contents === undefined ? {} : { loadDataDir: contents }),
      ...(await compiled()),
      startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`],
      extensions,
    });
  } catch (error) {
    throw translate(error, 'opening the database', label);
  }
}

/**
 * The WebAssembly, compiled from its file: left to itself PGlite asks `fetch` for it, which brings a web client with it and
 * costs a tenth of a second. Where the file is not where it was, PGlite finds it its own way.
 */
async function compiled(): Promise<{ pgliteWasmModule?: never }> {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(PACKAGE));
    return { pgliteWasmModule: await WebAssembly.compile(await readFile(join(folder, 'pglite.wasm'))) };
  } catch {
    return {};
  }
}

/** Node has it; only the types of browsers name it. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<never> };

/** The driver and the bridge to it. Loaded while WebAssembly is being compiled. */
const loadDriver = () =>
  Promise.all([import('pg'), load(() => import('@electric-sql/pglite/node-postgres'))]);

/** A `pg` client over a PGlite instance: one interface for every database. */
async function attach(pglite: PGlite, driver = loadDriver()): Promise<Client> {
  const [{ default: pg }, { createPgConfig }] = await driver;
  const client = new pg.Client(createPgConfig(pglite) as ConstructorParameters<typeof pg.Client>[0]);
  client.on('error', () => {});
  await client.connect();
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

/** Extensions of PGlite by their SQL names; what it doesn't have is left to fail at CREATE EXTENSION. */
async function loadExtensions(names: ReadonlySet<string>): Promise<Record<string, never>> {
  const loaded: Record<string, never> = {};
  for (const name of names) {
    const key = name.replaceAll('-', '_');
    if (!/^[a-z0-9_]+$/.test(key)) continue;
    for (const path of [`${PACKAGE}/contrib/${key}`, `${PACKAGE}/${key}`]) {
      const module = (await import(path).catch(() => null)) as Record<string, never> | null;
      if (module?.[key] === undefined) continue;
      loaded[key] = module[key];
      break;
    }
  }
  return loaded;
}
