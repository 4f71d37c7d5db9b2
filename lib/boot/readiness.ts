import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReadinessOptions } from './options.js';
import type { Look, ReadinessAnswer } from './readiness-check.js';

/** A handler in the manner of node:http: 200 or 503, and the answer as JSON. */
export interface Readiness {
  (request: IncomingMessage, response: ServerResponse): void;
  /** The answer itself, not older than `ttlMs`. Never throws for what the database does. */
  check(): Promise<ReadinessAnswer>;
}

/**
 * Tells whether the database is where this code needs it. Answers are kept for `ttlMs`, and requests that come together share
 * one look: a look is one round trip, and one more per check with `verify`. Ready means `current`, or `ahead` where `unknownRows` lets that pass.
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
