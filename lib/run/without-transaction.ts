import { findBlocker } from '../database/catalog/blocker.js';
import { healIndex } from '../database/catalog/index-health.js';
import { isConnectionLost, readDriverError } from '../database/connection/failure.js';
import { pause } from '../database/connection/pause.js';
import { FailedTransaction, withTransaction } from '../database/connection/transaction.js';
import type { Statement } from '../sql/statements.js';
import { abortedBefore, failStep, speaksForItself } from './failure.js';
import { retryPause, STEP_DEFAULTS } from './options.js';
import { Tracker } from './place.js';
import type { PreparedStep } from './prepare.js';
import { recordAlone, recordDone, recordFailure, tablesMade } from './record.js';
import { digestsOf, resumePoint } from './resume.js';
import type { Run } from './run.js';
import { asOurselves, resetAfterFailure, resetOutside, withSessionSettings } from './settings.js';
import { doWork, verify } from './work.js';

/**
 * Runs a step outside a transaction, one statement per call. The ledger says *running* first and after every statement
 * how many are finished, so that a run after a crash goes on at the statement that was interrupted.
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
    const blocker = isLockTimeout(cause) ? await findBlocker(run.session, place?.statement ?? null) : null;
    throw failStep(run, prepared, cause, { place, blocker, remains: 'part' });
  }
  const outcome = await withTransaction(run.session, async () => {
    await run.proof?.end(prepared.step.revision, run.session);
    return (run.record ?? recordDone)(run, prepared, startedAt, tracker.statistics);
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
  const first = resumePoint(run, prepared);
  const digests = digestsOf(statements);
  const progress = (finished: number): Promise<void> =>
    recordProgress(
      run,
      prepared,
      statements,
      { finished, digest: digests[finished] as string },
      startedAt,
      tracker,
    );
  for (const [index, statement] of statements.entries()) {
    // What it set for its session went with the session of the run that finished it.
    if (index < first && statement.setting) await tracker.run(run.session, statement);
    if (index < first) continue;
    const write = (): Promise<void> => progress(index);
    await (statements.slice(0, index).some(mayChangeRole) ? asOurselves(run, write) : write());
    await runPatiently(run, prepared, statement, tracker);
  }
  tracker.clear();
  // A check that fails must not make the next run repeat what is finished.
  const write = (): Promise<void> => progress(statements.length);
  await (statements.some(mayChangeRole) ? asOurselves(run, write) : write());
  await verify(run, prepared);
}

/** A setting, or a call of something that may set one. */
const mayChangeRole = ({ setting, node }: Statement): boolean =>
  setting || /^(SelectStmt|DoStmt|CallStmt)$/.test(node);

/** The ledger says how many statements are finished, and by their digest which ones, before the next one begins. */
async function recordProgress(
  run: Run,
  prepared: PreparedStep,
  statements: readonly Statement[],
  { finished, digest }: { finished: number; digest: string },
  startedAt: Date,
  tracker: Tracker,
): Promise<void> {
  tracker.progress = { finished, statements: statements.length, digest };
  const statement = statements[finished]?.sql ?? null;
  await recordAlone(run, prepared, {
    outcome: 'running',
    startedAt,
    statement,
    statistics: tracker.progress,
  });
}

/** A lock timeout is tried again; an invalid index that an earlier attempt left is dropped first. */
async function runPatiently(
  run: Run,
  prepared: PreparedStep,
  statement: Statement,
  tracker: Tracker,
): Promise<void> {
  const retries = run.options.lockRetries ?? STEP_DEFAULTS.lockRetries;
  for (let attempt = 1; ; attempt++) {
    if (statement.index !== null && run.server.versionNumber !== null) {
      const health = await healIndex(run.session, statement.index);
      if (health === 'dropped')
        run.emit({
          type: 'warning',
          message: `${prepared.step.revision}: dropped the invalid index ${statement.index.name} that an earlier attempt left`,
        });
      if (health === 'valid' && wasInterrupted(run, prepared, statement)) return;
    }
    try {
      await tracker.run(run.session, statement);
      return;
    } catch (error) {
      if (!isLockTimeout(error) || attempt > retries || run.options.signal?.aborted === true) throw error;
      const blocker = await findBlocker(run.session, statement.sql);
      const pauseMs = retryPause(attempt);
      run.emit({ type: 'step-retried', revision: prepared.step.revision, attempt, pauseMs, blocker });
      const during = `between two tries of a statement of ${prepared.step.revision}`;
      await pause(pauseMs, run.options.signal, { ...abortedBefore(run, prepared), during });
    }
  }
}

/** True if the last thing known of this revision is that a run was at this very statement when it ended. */
function wasInterrupted(run: Run, { step }: PreparedStep, statement: Statement): boolean {
  const last = run.last.get(step.revision);
  return last?.outcome === 'running' && last.statement === statement.sql;
}

const isLockTimeout = (error: unknown): boolean => readDriverError(error).sqlstate === '55P03';
