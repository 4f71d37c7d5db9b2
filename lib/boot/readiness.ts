import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReadinessOptions } from './options.js';
import type { Look, ReadinessAnswer } from './readiness-check.js';

/** A handler for node:http: 200 or 503, with the answer as JSON. */
export interface Readiness {
  (request: IncomingMessage, response: ServerResponse): void;
  /** The answer, at most `ttlMs` old. Never throws because of the database. */
  check(): Promise<ReadinessAnswer>;
}

/**
 * Answers whether the database is at the target. An answer is kept for `ttlMs`, and simultaneous requests share one look. A look
 * is one round trip, and one more per check with `verify`. Ready means `current`, or `ahead` if `unknownRows` allows it.
 */
export function readiness(options: ReadinessOptions): Readiness {
  let kept: { answer: Promise<ReadinessAnswer>; until: number } | null = null;
  let looking: Promise<Look> | null = null;
  const look = async (good: (ttlMs: number) => void): Promise<ReadinessAnswer> => {
    try {
      looking ??= import('./readiness-check.js').then(({ lookingAt }) => lookingAt(options));
      const { now, ttlMs } = await looking;
      const answer = await now();
      good(ttlMs);
      return answer;
    } catch (error) {
      // Not even the module could be loaded: the next check tries again.
      looking = null;
      good(0);
      throw error;
    }
  };
  const check = (): Promise<ReadinessAnswer> => {
    if (kept !== null && kept.until > Date.now()) return kept.answer;
    // Good from when it is there, not from when it was asked for.
    const good = (ttlMs: number): void => {
      mine.until = Date.now() + ttlMs;
    };
    const mine = { until: Number.POSITIVE_INFINITY, answer: look(good) };
    kept = mine;
    return mine.answer;
  };
  const handler = (_: IncomingMessage, response: ServerResponse): void => {
    check().then(
      (answer) => send(response, answer.ready ? 200 : 503, answer),
      (error: unknown) =>
        send(response, 503, { ready: false, error: { code: 'internal', message: String(error) } }),
    );
  };
  return Object.assign(handler, { check });
}

/** Somebody else may have answered meanwhile, a limit of time as a rule: then there is nothing left to say. */
function send(response: ServerResponse, status: number, answer: unknown): void {
  if (response.headersSent || response.writableEnded || response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(`${JSON.stringify(answer)}\n`);
}
