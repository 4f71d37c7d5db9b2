import { failureOf } from '../database/connection/ended.js';
import { isConnectionLost, readDriverError } from '../database/connection/failure.js';
import { pause } from '../database/connection/pause.js';
import { type ErrorDetails, isRevgraphError, RevgraphError, type StatementPlace } from '../errors/error.js';
import { withoutSecrets } from '../errors/secrets.js';
import type { EventBody } from './events.js';
import { retryPause } from './options.js';
import type { PreparedStep } from './prepare.js';
import type { Run } from './run.js';

/** The error of a step: what is applied, what failed and where, what remains to be done, and the next command. */
export function failStep(
  run: Run,
  prepared: PreparedStep,
  cause: unknown,
  what: {
    place: StatementPlace | null;
    blocker?: string | null;
    remains: ErrorDetails['step_failed']['remains'];
    rollbackFailure?: unknown;
    accepted?: number;
  },
): RevgraphError {
  const { message, sqlstate, detail } = readDriverError(cause);
  const ids = run.plan.steps.map((step) => step.revision);
  // That a connection which is gone can't be rolled back says nothing.
  const rollbackFailure = isConnectionLost(cause) ? null : (what.rollbackFailure ?? failureOf(cause));
  return new RevgraphError(
    'step_failed',
    {
      direction: prepared.step.direction,
      applied: run.progress.results.map((result) => result.revision),
      failed: prepared.step.revision,
      remaining: ids.slice(run.progress.results.length + 1),
      place: what.place,
      sqlstate,
      reason: reasonOf(cause, message, detail),
      remains: what.remains,
      rollbackFailure: rollbackFailure === null ? null : readDriverError(rollbackFailure).message,
      next: run.next,
      blocker: what.blocker ?? null,
      accepted: what.accepted ?? 0,
    },
    { cause },
  );
}

/** What an abort says in the middle of a run: what is applied, and what is not, the step at hand included. */
export function abortedBefore(
  { plan, progress: { results } }: Run,
  { step }: PreparedStep,
): ErrorDetails['aborted'] {
  return {
    during: `before ${step.revision}`,
    applied: results.map((result) => result.revision),
    remaining: plan.steps.slice(results.length).map(({ revision }) => revision),
  };
}

/** Says that a step is tried again, and waits for it. @throws `aborted` */
export async function pauseBefore(
  run: Run,
  prepared: PreparedStep,
  {
    attempt,
    sqlstate,
    blocker,
    during,
  }: {
    /** The one that failed, from 1. */
    readonly attempt: number;
    readonly sqlstate: string | null;
    readonly blocker: string | null;
    readonly during?: string;
  },
): Promise<void> {
  const pauseMs = retryPause(attempt);
  const { revision } = prepared.step;
  run.emit({ type: 'step-retried', revision, attempt, pauseMs, sqlstate: sqlstate ?? '', blocker });
  const aborted = abortedBefore(run, prepared);
  await pause(pauseMs, run.options.signal, { ...aborted, during: during ?? aborted.during });
}

/** What an event tells of the error of a step. */
export function whyFailed(
  error: unknown,
): Pick<Extract<EventBody, { type: 'step-failed' }>, 'code' | 'sqlstate' | 'reason'> {
  if (isRevgraphError(error, 'step_failed')) {
    const { sqlstate, reason } = error.details;
    return { code: error.code, sqlstate, reason };
  }
  if (isRevgraphError(error)) return { code: error.code, sqlstate: null, reason: error.message };
  return { code: null, sqlstate: null, reason: withoutSecrets(readDriverError(error).message) };
}

/** A backfill that began and did not come to its end. @param next what can be done */
export const backfillStopped = (revision: string, next: string): RevgraphError =>
  new RevgraphError('unfinished_step', { revision, statement: null, next, batches: true });

/** What a backfill says is whole already, and what to do next is another command than that of the run. */
export function speaksForItself(cause: unknown): cause is RevgraphError {
  return cause instanceof RevgraphError && /^(backfill_|unfinished_step$|aborted$)/.test(cause.code);
}

function reasonOf(cause: unknown, message: string, detail: string | null): string {
  // Our own sentences are whole; a driver's may have its best part in the detail.
  if (cause instanceof RevgraphError) return cause.message;
  return detail === null ? message : `${message} (${detail})`;
}
