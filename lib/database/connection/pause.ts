import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorDetails, isRevgraphError, RevgraphError } from '../../errors/error.js';
import { readDriverError } from './failure.js';
import type { ConnectOptions } from './session.js';

/**
 * Waits; an abort ends the wait at once, one that came before it too.
 * @param what what the error says was stopped
 * @throws `aborted`
 */
export async function pause(
  ms: number,
  signal: AbortSignal | undefined,
  what: ErrorDetails['aborted'],
): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {
    throw new RevgraphError('aborted', what);
  });
}

const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** “the database system is starting up”, or shutting down, which as a rule means that it comes again. */
const CANNOT_CONNECT_NOW = '57P03';

/**
 * Connects, and while nobody is there yet tries again: a database that starts beside its service is not up at once. What a server
 * that is there says (a wrong password, no such database) is no reason to wait.
 *
 * @throws what the last try threw; `aborted`
 */
export async function comeUp<T>(
  connect: () => Promise<T>,
  { connectRetryMs = 0, signal, onDown }: ConnectOptions,
): Promise<T> {
  const begun = performance.now();
  for (let ms = SHORTEST_PAUSE_MS; ; ms = Math.min(ms * 1.5, LONGEST_PAUSE_MS)) {
    try {
      return await connect();
    } catch (error) {
      const left = connectRetryMs - (performance.now() - begun);
      if (left <= 0 || !isDown(error)) throw error;
      if (ms === SHORTEST_PAUSE_MS) onDown?.(readDriverError(error).message);
      const what = { during: 'while waiting for the database', applied: [], remaining: [] };
      await pause(Math.min(ms, left), signal, what);
    }
  }
}

function isDown(error: unknown): boolean {
  return (
    isRevgraphError(error, 'connection_refused') ||
    (isRevgraphError(error, 'connection_lost') && saysStarting(error.cause))
  );
}

/** A server that goes down cuts connections that were just being made. */
function saysStarting(cause: unknown): boolean {
  const { sqlstate } = readDriverError(cause);
  return sqlstate === CANNOT_CONNECT_NOW || sqlstate === null;
}
