import { FailedTransaction, withTransaction } from '../database/connection/transaction.js';
import { endEarlier, forget, goOn } from '../database/tables/backfill-orders.js';
import { addChunks, makeBackfillTables } from '../database/tables/backfill-state.js';
import { RevgraphError } from '../errors/error.js';
import { mayListen } from '../revision/transaction.js';
import { precheck } from './checks.js';
import { rowsAfter } from './entry.js';
import { abortedBefore, failStep, whyFailed } from './failure.js';
import { dropAhead, goesAhead } from './one-message.js';
import type { PreparedStep } from './prepare.js';
import { recordDone, tablesMade } from './record.js';
import { isQueued, type Run } from './run.js';
import { applySettings, lockGuarded, resetStanding } from './settings.js';
import { runInTransaction } from './step.js';
import { runWithoutTransaction } from './without-transaction.js';

/**
 * Runs prepared steps in order. Each is committed by itself: what ran before a failure stays.
 * @throws `step_failed`; `aborted` between steps
 */
export async function execute(run: Run, steps: readonly PreparedStep[]): Promise<void> {
  try {
    await executeAll(run, steps);
  } finally {
    await dropAhead(run);
    // What was committed stays so; whoever asks next will notice that the connection is gone.
    await resetStanding(run).catch(() => {});
  }
}

async function executeAll(run: Run, steps: readonly PreparedStep[]): Promise<void> {
  const total = steps.length;
  const { current, tellEarly } = tellNotices(run);
  for (const [index, prepared] of steps.entries()) {
    assertNotAborted(run, prepared);
    const { revision, direction } = prepared.step;
    const about = { revision, direction, message: prepared.revision.message, number: index + 1, total };
    run.emit({ type: 'step-started', ...about });
    current.revision = revision;
    tellEarly();
    run.progress.listened ||= startsListening(prepared);
    const begun = performance.now();
    const ms = await runStep(run, prepared, index, steps[index + 1] ?? null).catch((error: unknown) => {
      const ms = Math.round(performance.now() - begun);
      run.emit({ type: 'step-failed', ...about, ms, ...whyFailed(error) });
      throw error;
    });
    run.progress.rows = rowsAfter(run.progress.rows, prepared);
    run.progress.results.push({ revision, direction, ms });
    run.emit({ type: 'step-finished', ...about, ms });
    await run.afterStep?.(revision);
  }
}

async function runStep(
  run: Run,
  prepared: PreparedStep,
  index: number,
  next: PreparedStep | null,
): Promise<number> {
  if (index > 0) await precheckAgain(run, prepared);
  return wayOf(run, prepared)(run, prepared, next);
}

/** Code may do anything. */
const startsListening = ({ work }: PreparedStep): boolean =>
  work.kind === 'sql' ? work.statements.some(mayListen) : work.kind !== 'none';

/** Tells notices as those of the step that they come from: one that went ahead may speak before it has begun here. */
function tellNotices(run: Run): { current: { revision: string }; tellEarly: () => void } {
  const current = { revision: '' };
  let early: string[] = [];
  const tell = (message: string): void => run.emit({ type: 'notice', revision: current.revision, message });
  run.session.onNotice((message) => {
    const { ahead } = run.progress;
    if (ahead !== null && ahead.prepared.step.revision !== current.revision) early.push(message);
    else tell(message);
  });
  const tellEarly = (): void => {
    const told = early;
    early = [];
    told.forEach(tell);
  };
  return { current, tellEarly };
}

/** How a step is run. */
function wayOf(
  run: Run,
  prepared: PreparedStep,
): (run: Run, prepared: PreparedStep, next: PreparedStep | null) => Promise<number> {
  if (isQueued(run, prepared)) return queueStep;
  return prepared.mode === 'none' ? runWithoutTransaction : runInTransaction;
}

/** The checks before step one saw the database as it was then. */
async function precheckAgain(run: Run, prepared: PreparedStep): Promise<void> {
  try {
    if (!goesAhead(run, prepared)) await resetStanding(run);
    await precheck(run.session, prepared, { earlier: null, mayWait: false });
  } catch (cause) {
    throw failStep(run, prepared, cause, { place: null, remains: 'nothing' });
  }
}

function assertNotAborted(run: Run, prepared: PreparedStep): void {
  if (run.options.signal?.aborted === true) throw new RevgraphError('aborted', abortedBefore(run, prepared));
}

/** Records a step as applied and leaves its work to the background, in one transaction. @returns ms */
async function queueStep(run: Run, prepared: PreparedStep): Promise<number> {
  const { session, table, emit } = run;
  const { revision } = prepared.step;
  const startedAt = new Date();
  const outcome = await withTransaction(session, async () => {
    await applySettings(run);
    await lockGuarded(run);
    await makeBackfillTables(session, table);
    // Somebody said that it goes on where it stopped.
    const goesOn = run.last.get(revision)?.outcome === 'retry';
    await (goesOn ? goOn : endEarlier)(session, table, revision);
    await forget(session, table, { revision, name: '' });
    await addChunks(session, table, [{ revision, name: '', chunk: 0, state: 'queued' }]);
    return recordDone(run, prepared, startedAt, { background: 'queued' });
  });
  if (outcome instanceof FailedTransaction)
    throw failStep(run, prepared, outcome.cause, {
      place: null,
      remains: 'nothing',
      rollbackFailure: outcome.rollbackFailure,
    });
  tablesMade(run, { version: true });
  emit({ type: 'backfill-queued', revision });
  return outcome;
}
