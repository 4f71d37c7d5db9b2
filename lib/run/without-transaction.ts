import { isConnectionLost } from '../database/connection/failure.js';
import { FailedTransaction, withTransaction } from '../database/connection/transaction.js';
import type { Statement } from '../sql/statements.js';
import { failStep, speaksForItself } from './failure.js';
import { Tracker } from './place.js';
import type { PreparedStep } from './prepare.js';
import { ProgressBook } from './progress.js';
import { recordAlone, recordDone, recordFailure, tablesMade } from './record.js';
import { resumePoint } from './resume.js';
import { provenStatistics, type Run } from './run.js';
import { resetAfterFailure, resetOutside, withSessionSettings } from './settings.js';
import { runPatiently } from './statement.js';
import { doWork, verify } from './work.js';

/**
 * Runs a step outside a transaction, one statement after the other. The ledger says *running* first and after every statement
 * how many are finished, so that a run after a crash goes on at the statement that was interrupted. What may run in a transaction
 * commits together with that entry.
 *
 * @returns ms
 * @throws `step_failed`
 */
export async function runWithoutTransaction(run: Run, prepared: PreparedStep): Promise<number> {
  const startedAt = new Date();
  const tracker = new Tracker();
  try {
    await withSessionSettings(run, async () => {
      if (prepared.work.kind === 'sql')
        await runStatements(run, prepared, prepared.work.statements, startedAt, tracker);
      else {
        await recordAlone(run, prepared, { outcome: 'running', startedAt });
        await doWork(run, prepared, tracker);
      }
    });
    tracker.clear();
    await resetOutside(run);
  } catch (cause) {
    await resetAfterFailure(run);
    if (speaksForItself(cause)) throw cause;
    const place = tracker.place(cause);
    if (!isConnectionLost(cause)) await recordFailure(run, prepared, startedAt, cause, tracker);
    throw failStep(run, prepared, cause, { place, blocker: tracker.blocker, remains: 'part' });
  }
  const outcome = await withTransaction(run.session, async () => {
    const statistics = await provenStatistics(run, prepared, tracker.statistics);
    return (run.record ?? recordDone)(run, prepared, startedAt, statistics);
  });
  if (outcome instanceof FailedTransaction)
    throw failStep(run, prepared, outcome.cause, {
      place: null,
      remains: 'part',
      rollbackFailure: outcome.rollbackFailure,
    });
  tablesMade(run, { version: true });
  return outcome;
}

async function runStatements(
  run: Run,
  prepared: PreparedStep,
  statements: readonly Statement[],
  startedAt: Date,
  tracker: Tracker,
): Promise<void> {
  const { first, inDoubt, before } = resumePoint(run, prepared);
  // What it set for its session went with the session of the run that finished it.
  for (const statement of statements.slice(0, first))
    if (statement.setting) await tracker.run(run.session, statement);
  const book = new ProgressBook(run, prepared, statements, startedAt, tracker);
  await book.write(first, before);
  for (const [index, statement] of statements.entries()) {
    if (index < first) continue;
    await runPatiently(run, prepared, statement, {
      book,
      index,
      tracker,
      inDoubt: inDoubt && index === first,
    });
  }
  tracker.clear();
  // Behind the last entry: a check that fails must not make the next run repeat what is finished.
  await verify(run, prepared);
}
