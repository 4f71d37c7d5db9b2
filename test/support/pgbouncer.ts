import { findPgBouncer, openPooler } from '../../lib/testing/chaos/pgbouncer.js';

const PROGRAM = findPgBouncer();

/** Where it is not installed, tests with it are skipped, and say so. */
export const hasPgBouncer = PROGRAM !== null;

export interface PgBouncer {
  /** The URL of a database behind it. */
  url(database: string): string;
  stop(): Promise<void>;
}

/** Starts PgBouncer before a server, with a pool of so many connections. */
export async function startPgBouncer(
  server: string,
  mode: 'session' | 'transaction' | 'statement',
  poolSize: number,
): Promise<PgBouncer> {
  const { through, close } = await openPooler(PROGRAM as string, server, mode, poolSize);
  const url = (database: string): string => through(new URL(`/${database}`, server).href);
  return { url, stop: close };
}
