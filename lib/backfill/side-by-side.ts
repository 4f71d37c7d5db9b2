import type { Chunk } from '../database/tables/backfill-state.js';
import type { BackfillContext } from './batch/host.js';

/** Has every connection do something; the first failure stops all, and is thrown. */
export async function together(
  hosts: readonly BackfillContext[],
  work: (host: BackfillContext) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  let failure: { error: unknown } | null = null;
  const one = async (host: BackfillContext): Promise<void> => {
    const signal = host.signal === undefined ? stop.signal : AbortSignal.any([host.signal, stop.signal]);
    await work({ ...host, signal }).catch((error: unknown) => {
      failure ??= { error };
      stop.abort();
    });
  };
  await Promise.all(hosts.map(one));
  if (failure !== null) throw (failure as { error: unknown }).error;
}

/**
 * Works on chunks with several connections, each taking the next one when it is through.
 * @returns the chunks as they are then
 */
export async function sideBySide(
  hosts: readonly BackfillContext[],
  chunks: readonly Chunk[],
  work: (host: BackfillContext, chunk: Chunk) => Promise<Chunk>,
): Promise<Chunk[]> {
  const waiting = [...chunks];
  const done: Chunk[] = [];
  await together(hosts, async (host) => {
    for (
      let chunk = waiting.shift();
      chunk !== undefined && host.signal?.aborted !== true;
      chunk = waiting.shift()
    )
      done.push(await work(host, chunk));
  });
  return done;
}
