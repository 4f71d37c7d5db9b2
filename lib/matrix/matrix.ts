import { dropAfter } from '../database/throwaway/throwaway.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { duration } from '../errors/words.js';
import { listening } from '../listeners/listen.js';
import { type MatrixContext, prepareMatrix } from './context.js';
import { walkPath } from './path.js';
import type { MatrixEventBody, MatrixOptions, MatrixPath, MatrixResult } from './result.js';
import type { MatrixCase } from './starts.js';

/** PGlite computes in this process; a server has processors of its own. */
const CONCURRENCY = { embedded: 2, server: 4 } as const;

/** See `runMatrix`. */
export async function walkAll(options: MatrixOptions): Promise<MatrixResult> {
  const begun = performance.now();
  const context = await prepareMatrix(options);
  // On a server a statement may take for ever: without its database it ends.
  const stop = (): void => void context.place.close().catch(() => {});
  if (context.place.kind === 'server') options.signal?.addEventListener('abort', stop, { once: true });
  const paths = await dropAfter(context.place, () => walkSideBySide(context)).finally(() =>
    options.signal?.removeEventListener('abort', stop),
  );
  const ms = Math.round(performance.now() - begun);
  return { ok: paths.every(({ ok }) => ok), on: context.place.label, ms, paths };
}

/** In the order of the rows, however they end. After one that throws (an abort) no other is begun. */
async function walkSideBySide(context: MatrixContext): Promise<MatrixPath[]> {
  const { cases, options, place } = context;
  const total = cases.length;
  const emit = listening<MatrixEventBody>(options, matrixMessage);
  const paths: MatrixPath[] = [];
  let next = 0;
  let stopped = false;
  const worker = async (): Promise<void> => {
    while (next < total && !stopped) {
      const number = next++;
      const matrixCase = cases[number] as MatrixCase;
      emit({ type: 'path-started', ...matrixCase, total });
      const path = await walkPath(context, matrixCase).catch((error: unknown) => {
        stopped = true;
        throw error;
      });
      paths[number] = path;
      emit({ type: 'path-finished', path, total });
    }
  };
  const workers = Math.max(1, Math.min(options.concurrency ?? CONCURRENCY[place.kind], total));
  const ends = await Promise.allSettled(Array.from({ length: workers }, worker));
  for (const end of ends) if (end.status === 'rejected') throw abortOf(end.reason, cases, paths);
  return paths;
}

/** An event of a matrix as one sentence. */
function matrixMessage(event: MatrixEventBody): string {
  if (event.type === 'path-started') return `${event.start} → ${event.target} begins`;
  const { start, target, ok, ms, failures } = event.path;
  const end = ok ? 'is as it should be' : `failed: ${failures[0]?.message ?? 'unknown'}`;
  return `${start} → ${target} ${end} (${duration(ms)})`;
}

/** What an abort says of the whole matrix. */
function abortOf(reason: unknown, cases: readonly MatrixCase[], paths: readonly MatrixPath[]): unknown {
  if (!isRevgraphError(reason, 'aborted')) return reason;
  const names = (finished: boolean): string[] =>
    cases.flatMap(({ start, target }, i) =>
      (paths[i] !== undefined) === finished ? [`${start} → ${target}`] : [],
    );
  const details = { during: 'in the matrix', applied: names(true), remaining: names(false) };
  return new RevgraphError('aborted', details, { cause: reason });
}
