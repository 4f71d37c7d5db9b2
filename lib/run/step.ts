import { watchBlocker } from '../database/catalog/blocker.js';
import { isConnectionLost, isTransient, readDriverError } from '../database/connection/failure.js';
import { holdsLock, isGuard } from '../database/connection/lock.js';
import { beginAnew, FailedTransaction, withTransaction } from '../database/connection/transaction.js';
import { readQuarantine } from '../database/tables/quarantine.js';
import { isRevgraphError } from '../errors/error.js';
import { characteristicsOf } from '../revision/transaction.js';
import { failStep, pauseBefore, speaksForItself } from './failure.js';
import { fitsOneMessage, runInOneMessage } from './one-message.js';
import { STEP_DEFAULTS } from './options.js';
import { Tracker } from './place.js';
import { commitsByBatch, type PreparedStep } from './prepare.js';
import { recordDone, recordFailure, tablesMade } from './record.js';
import { proofOf, provenStatistics, type Run } from './run.js';
import {
  applySettings,
  idleLimit,
  lockGuarded,
  lockTimeoutOf,
  resetAfterFailure,
  resetInTransaction,
  resetOutside,
  withSessionSettings,
} from './settings.js';
import { doBatches, doWork, verify } from './work.js';

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Runs one step in one transaction: what the revision does, its checks, the change of rows and the ledger entry stand or
 * fall together. A table lock that is not to be had in time rolls everything back and tries again: a statement that
 * waits in the lock queue stops everybody behind it.
 *
 * @param next the step behind it, which may be sent ahead
 * @returns ms
 * @throws `step_failed`
 */
export async function runInTransaction(
  run: Run,
  prepared: PreparedStep,
  next: PreparedStep | null,
): Promise<number> {
  const retries = run.options.lockRetries ?? STEP_DEFAULTS.lockRetries;
  for (let attempt = 1; ; attempt++) {
    const startedAt = new Date();
    const tracker = new Tracker();
    const blockedBy = watchBlocker(run.session, run.server.backend, lockTimeoutOf(run));
    const outcome = await attemptOf(run, prepared)(run, prepared, tracker, startedAt, next);
    const blocker = blockedBy();
    if (!(outcome instanceof FailedTransaction)) {
      tablesMade(run, { version: true });
      await outcome.afterCommit();
      return outcome.ms;
    }
    await resetAfterFailure(run);
    const cause = tracker.causeOf(outcome.cause);
    const place = tracker.place(cause);
    const { sqlstate } = readDriverError(cause);
    const blocked = sqlstate === LOCK_NOT_AVAILABLE;
    if (
      isTransient(sqlstate) &&
      attempt <= retries &&
      outcome.rollbackFailure === null &&
      run.options.signal?.aborted !== true
    ) {
      await pauseBefore(run, prepared, { attempt, sqlstate, blocker });
      continue;
    }
    if (speaksForItself(cause)) {
      if (!isRevgraphError(cause, 'aborted')) await recordFailure(run, prepared, startedAt, cause, tracker);
      throw cause;
    }
    const lost = isConnectionLost(cause);
    if (!lost) await recordFailure(run, prepared, startedAt, cause, tracker);
    throw failStep(run, prepared, cause, {
      place,
      blocker: blocked ? blocker : null,
      remains: lost && outcome.atCommit ? 'unknown' : tracker.hasBatches ? 'batches' : 'nothing',
      accepted: tracker.hasBatches && !lost ? await acceptedRows(run, prepared) : 0,
      rollbackFailure: lost ? null : outcome.rollbackFailure,
    });
  }
}

/** Rows of its backfill that somebody accepted as they are: it may be those that its checks find. */
async function acceptedRows({ session, table }: Run, { step: { revision } }: PreparedStep): Promise<number> {
  const rows = await readQuarantine(session, table, { revision }, null);
  return rows.filter(({ accepted }) => accepted !== null).length;
}

/** One try of a step, its rows and its ledger entry included. */
type Attempt = (
  run: Run,
  prepared: PreparedStep,
  tracker: Tracker,
  startedAt: Date,
  next: PreparedStep | null,
) => Promise<{ ms: number; afterCommit: () => Promise<void> } | FailedTransaction>;

function attemptOf(run: Run, prepared: PreparedStep): Attempt {
  if (commitsByBatch(prepared)) return attemptBatches;
  return fitsOneMessage(run, prepared) ? runInOneMessage : attemptByStatement;
}

const attemptByStatement: Attempt = (run, prepared, tracker, startedAt) =>
  withTransaction(run.session, async () => {
    const { work } = prepared;
    const { first } = characteristicsOf(work.kind === 'sql' ? work.statements : []);
    for (const statement of first) await tracker.run(run.session, statement);
    tracker.clear();
    await applySettings(run, idleLimit(run, prepared));
    await lockGuarded(run);
    await proofOf(run, prepared)?.begin(run.session);
    /** Code is asked what it wants of its transaction when that has begun; nothing but questions of ours is in it. */
    const startAnew = async <T>(action: () => Promise<T>): Promise<T> => {
      await beginAnew(run.session);
      const answer = await action();
      await applySettings(run);
      await lockGuarded(run);
      return answer;
    };
    await doWork({ ...run, startAnew }, prepared, tracker);
    return ending(run, prepared, tracker, startedAt);
  });

/** The transaction of the step begins behind the last batch. */
const attemptBatches: Attempt = async (run, prepared, tracker, startedAt) => {
  try {
    await withSessionSettings(run, () => doBatches(run, prepared, tracker));
    await resetOutside(run);
  } catch (error) {
    return new FailedTransaction(error, null, false);
  }
  return withTransaction(run.session, async () => {
    await applySettings(run);
    await verify(run, prepared);
    return ending(run, prepared, tracker, startedAt);
  });
};

/** The last thing in the transaction of a step. */
async function ending(
  run: Run,
  prepared: PreparedStep,
  tracker: Tracker,
  startedAt: Date,
): Promise<{ ms: number; afterCommit: () => Promise<void> }> {
  const afterCommit = await resetInTransaction(run);
  const statistics = await provenStatistics(run, prepared, tracker.statistics);
  // Whoever was stopped for longer than its lock holds must not commit what another run may have done since.
  if (isGuard(run.lockKey)) await holdsLock(run.session, run.lockKey);
  return { ms: await (run.record ?? recordDone)(run, prepared, startedAt, statistics), afterCommit };
}
