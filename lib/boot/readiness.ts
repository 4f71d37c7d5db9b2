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
