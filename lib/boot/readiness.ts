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
  let looking: Promise<Look> | null = null;
  let kept: { answer: Promise<ReadinessAnswer>; until: number } | null = null;
  const check = (): Promise<ReadinessAnswer> => {
    if (kept !== null && kept.until > Date.now()) return kept.answer;
    looking ??= import('./readiness-check.js').then(({ lookingAt }) => lookingAt(options));
    const mine = {
      answer: looking.then((look) => look.now()),
      until: Number.POSITIVE_INFINITY,
    };
    kept = mine;
    // Good from when it is there, not from when it was asked for.
    void Promise.all([looking, mine.answer]).then(([{ ttlMs }]) => {
      mine.until = Date.now() + ttlMs;
    });
    return mine.answer;
  };
  const handler = (_: IncomingMessage, response: ServerResponse): void => {
    void check().then((answer) => {
      response.writeHead(answer.ready ? 200 : 503, {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
      });
      response.end(`${JSON.stringify(answer)}\n`);
    });
  };
  return Object.assign(handler, { check });
}
