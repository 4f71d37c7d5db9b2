import type { Chunk } from '../database/tables/backfill-state.js';
import type { BackfillContext } from './batch/context.js';

/** Has every connection do something; the first failure stops all, and is thrown. */
export async function together(
  contexts: readonly BackfillContext[],
  work: (context: BackfillContext) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  let failure: { error: unknown } | null = null;
  const one = async (context: BackfillContext): Promise<void> => {
    const signal =
      context.signal === undefined ? stop.signal : AbortSignal.any([context.signal, stop.signal]);
    await work({ ...context, signal }).catch((error: unknown) => {
      failure ??= { error };
      stop.abort();
    });
  };
  await Promise.all(contexts.map(one));
  if (failure !== null) throw (failure as { error: unknown }).error;
}

/**
 * Works on chunks with several connections, each taking the next one when it is through.
 * @returns the chunks as they are then
 */
export async function sideBySide(
  contexts: readonly BackfillContext[],
  chunks: readonly Chunk[],
  work: (context: BackfillContext, chunk: Chunk) => Promise<Chunk>,
): Promise<Chunk[]> {
  const waiting = [...chunks];
  const done: Chunk[] = [];
  await together(contexts, async (context) => {
    for (
      let chunk = waiting.shift();
      chunk !== undefined && context.signal?.aborted !== true;
      chunk = waiting.shift()
    )
      done.push(await work(context, chunk));
  });
  return done;
}
