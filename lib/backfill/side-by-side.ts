import type { Chunk } from '../database/backfill-state.js';
import type { Host } from './host.js';

/**
 * Works on chunks with several connections, each taking the next one when it is through. The first failure stops all.
 * @returns the chunks as they are then
 */
export async function sideBySide(
  hosts: readonly Host[],
  chunks: readonly Chunk[],
  work: (host: Host, chunk: Chunk) => Promise<Chunk>,
): Promise<Chunk[]> {
  const waiting = [...chunks];
  const done: Chunk[] = [];
  const stop = new AbortController();
  let failure: { error: unknown } | null = null;
  const one = async (host: Host): Promise<void> => {
    const signal = host.signal === undefined ? stop.signal : AbortSignal.any([host.signal, stop.signal]);
    for (let chunk = waiting.shift(); chunk !== undefined && !stop.signal.aborted; chunk = waiting.shift())
      done.push(await work({ ...host, signal }, chunk));
  };
  const failed = (error: unknown): void => {
    failure ??= { error };
    stop.abort();
  };
  await Promise.all(hosts.map((host) => one(host).catch(failed)));
  if (failure !== null) throw (failure as { error: unknown }).error;
  return done;
}
