import { watchBlocker } from '../database/catalog/blocker.js';
import { mend } from '../database/catalog/left-behind.js';
import { isTransient, readDriverError } from '../database/connection/failure.js';
import { holdsLock } from '../database/connection/lock.js';
import { FailedTransaction, withTransaction } from '../database/connection/transaction.js';
import type { Statement } from '../sql/statements.js';
import { pauseBefore } from './failure.js';
import { STEP_DEFAULTS } from './options.js';
import type { Tracker } from './place.js';
import type { PreparedStep } from './prepare.js';
import { commitsWithEntry, type ProgressBook } from './progress.js';
import type { Run } from './run.js';
import { lockTimeoutOf } from './settings.js';

/** The place of a statement in its step. */
interface At {
  readonly book: ProgressBook;
  /** From 0. */
  readonly index: number;
  readonly tracker: Tracker;
  /** An earlier run began it, and may have finished it. */
  readonly inDoubt: boolean;
}

/** Runs a statement and says that it is finished. A lock timeout is tried again. */
export async function runPatiently(
  run: Run,
  prepared: PreparedStep,
  statement: Statement,
  at: At,
): Promise<void> {
  const retries = run.options.lockRetries ?? STEP_DEFAULTS.lockRetries;
  let together = commitsWithEntry(run, statement);
  for (let attempt = 1; ; attempt++) {
    const blockedBy = watchBlocker(run.session, run.server.backend, lockTimeoutOf(run));
    try {
      if (together) await runTogether(run, statement, at);
      else await runAlone(run, prepared, statement, at);
      return;
    } catch (error) {
      at.tracker.blocker = isLockTimeout(error) ? blockedBy() : null;
      if (together && wantsNoTransaction(error)) {
        together = false;
        // From here on its end is in doubt until it is written down.
        await at.book.write(at.index, null, false);
        continue;
      }
      const { sqlstate } = readDriverError(error);
      if (!isTransient(sqlstate) || attempt > retries || run.options.signal?.aborted === true) throw error;
      const { blocker } = at.tracker;
      const during = `between two tries of a statement of ${prepared.step.revision}`;
      await pauseBefore(run, prepared, { attempt, sqlstate, blocker, during });
    } finally {
      blockedBy();
    }
  }
}

/** The statement and the entry that it is finished stand or fall together. */
async function runTogether(run: Run, statement: Statement, { book, index, tracker }: At): Promise<void> {
  const outcome = await withTransaction(
    run.session,
    async () => {
      await holdsLock(run.session, run.lockKey);
      await tracker.run(run.session, statement);
      return book.writeInside(index + 1);
    },
    'BEGIN',
  );
  if (outcome instanceof FailedTransaction) throw outcome.error;
  outcome();
}

async function runAlone(
  run: Run,
  { step }: PreparedStep,
  statement: Statement,
  { book, index, tracker, inDoubt }: At,
): Promise<void> {
  const { trace } = statement;
  if (run.server.versionNumber !== null) await holdsLock(run.session, run.lockKey);
  const leavesIndex = trace?.kind === 'index' || trace?.kind === 'reindex';
  if (trace !== null && run.server.versionNumber !== null && (inDoubt || leavesIndex)) {
    const { finished, dropped } = await mend(run.session, trace, tracker.progress?.before ?? null);
    const warn = (what: string): void => run.emit({ type: 'warning', message: `${step.revision}: ${what}` });
    if (dropped.length > 0)
      warn(
        `dropped the invalid ${dropped.length === 1 ? 'index' : 'indexes'} ${dropped.join(', ')} that an earlier attempt left`,
      );
    if (finished && inDoubt) {
      warn(`statement ${index + 1} was finished by the earlier run, and is not run again`);
      return book.write(index + 1);
    }
  }
  await tracker.run(run.session, statement);
  await book.write(index + 1);
}

/** What only the server knows: a procedure that commits, REINDEX of a partitioned table. It has been taken back. */
const NO_TRANSACTION = /^(25001|2D000|25006)$/;

const wantsNoTransaction = (error: unknown): boolean =>
  NO_TRANSACTION.test(readDriverError(error).sqlstate ?? '');

const isLockTimeout = (error: unknown): boolean => readDriverError(error).sqlstate === '55P03';
