import { RevgraphError } from '../errors.js';
import type { DatabaseSource } from './session.js';
import { parseUrl } from './url.js';

/** A database that is gone when it is dropped. */
export interface ThrowAway {
  /** What `upgrade` and its kin take: a URL, or a PGlite instance. */
  readonly database: DatabaseSource;
  /** Runs a script of SQL, as one call; leaves no setting behind. */
  run(script: string): Promise<void>;
  drop(): Promise<void>;
}

/** What a database held when it was kept; made into as many databases as wanted. */
export interface Template {
  copy(): Promise<ThrowAway>;
}

/**
 * A place for databases that are made, used and dropped. Only what was made here is ever dropped here. Another place has to
 * pass `test/testing/throwaway.test.ts`.
 */
export interface ThrowAways {
  readonly kind: 'server' | 'embedded';
  /** For people, without a password. */
  readonly label: string;
  /** An empty database. */
  fresh(): Promise<ThrowAway>;
  /** Takes a database that nobody is connected to as a template; it is not to be used by itself any more. */
  keep(database: ThrowAway): Promise<Template>;
  /** Drops what is left. */
  close(): Promise<void>;
}

export interface ThrowAwayOptions {
  /** URL of a server whose role may create databases; default: PGlite in memory. */
  readonly on?: string | undefined;
  /** Extensions that may be created, by their SQL names. A server has its own. */
  readonly extensions?: readonly string[] | undefined;
  readonly connectTimeoutMs?: number | undefined;
}

const EMBEDDED = 'pglite:memory';

/**
 * Tries the place: what would fail every database fails here.
 * @throws `bad_url`, `connection_refused`, `authentication_failed`; `permission_denied` for a role that may not create
 * databases; `embedded_missing` without PGlite; `usage` for an embedded database in a directory, which is somebody's
 */
export async function openThrowAways(options: ThrowAwayOptions): Promise<ThrowAways> {
  const address = parseUrl(options.on ?? EMBEDDED);
  if (address.kind === 'server') {
    const { throwAwaysOnServer } = await import('./throwaway-server.js');
    return throwAwaysOnServer(address, options);
  }
  if (address.directory !== null)
    throw new RevgraphError('usage', {
      message: `Databases that are thrown away are made on a server or in memory, not in ${address.directory}.`,
      hint: `Name a server (postgresql://…), or ${EMBEDDED}.`,
    });
  const { throwAwaysInMemory } = await import('./throwaway-embedded.js');
  return throwAwaysInMemory(options.extensions ?? []);
}

/** Runs `action`, and drops whatever was made in the place, whatever happens. */
export async function dropAfter<T>(place: ThrowAways, action: () => Promise<T>): Promise<T> {
  let value: T;
  try {
    value = await action();
  } catch (error) {
    // The first error is the one to report.
    await place.close().catch(() => {});
    throw error;
  }
  await place.close();
  return value;
}
