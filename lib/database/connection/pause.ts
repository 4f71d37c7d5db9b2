import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorDetails, RevgraphError } from '../../errors/error.js';

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
