import { RevgraphError } from '../../errors/error.js';
import { parseUrl } from '../connection/url.js';
import type { ThrowAwayOptions, ThrowAways } from './template.js';

const EMBEDDED = 'pglite:memory';

/**
 * Tries the place: what would fail every database fails here.
 * @throws `bad_url`, `connection_refused`, `authentication_failed`; `permission_denied` for a role that may not create
 * databases; `embedded_missing` without PGlite; `usage` for an embedded database in a directory, which is somebody's
 */
export async function openThrowAways(options: ThrowAwayOptions): Promise<ThrowAways> {
  const address = parseUrl(options.on ?? EMBEDDED);
  if (address.kind === 'server') {
    const { throwAwaysOnServer } = await import('./server.js');
    return throwAwaysOnServer(address, options);
  }
  if (address.directory !== null)
    throw new RevgraphError('usage', {
      message: `Throwaway databases are created on a server or in memory, not in ${address.directory}.`,
      hint: `Name a server (postgresql://…), or ${EMBEDDED}.`,
    });
  const { throwAwaysInMemory } = await import('./embedded.js');
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
