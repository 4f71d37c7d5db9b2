import { isConnectionLost, readDriverError, translate } from './failure.js';
import type { Queryable, Result } from './session.js';

/**
 * Asks what every PostgreSQL can answer and pg-mem can't.
 *
 * pg-mem is known by its own error and by nothing else: a server that refuses, has no time or no memory is still a server,
 * and to treat it as an engine without timeouts and versions would run everything without its guards.
 * @param what what is being done, as in “describing the server”
 * @returns null where pg-mem is on the other side
 * @throws what the server said, as an error of ours
 */
export async function askServer(
  client: Queryable,
  what: string,
  sql: string,
  values?: unknown[],
): Promise<Result | null> {
  try {
    return await client.query(sql, values);
  } catch (error) {
    if (isOfPgMem(error)) return null;
    throw translate(error, what, 'the database');
  }
}

/** Its errors carry `data`, which those of a driver don't; what it never implemented only says so in its text. */
export function isOfPgMem(error: unknown): boolean {
  if (!(error instanceof Error) || isConnectionLost(error)) return false;
  const { data } = error as { data?: { error?: unknown } };
  if (typeof data?.error === 'string') return true;
  return readDriverError(error).sqlstate === null && /\bpg-mem\b/.test(error.message);
}
