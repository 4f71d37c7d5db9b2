import { FailedTransaction, withTransaction } from '../database/connection/transaction.js';
import { forget } from '../database/tables/backfill-orders.js';
import { addChunks, makeBackfillTables } from '../database/tables/backfill-state.js';
import { failStep } from './failure.js';
import type { PreparedStep } from './prepare.js';
import { recordDone, tablesMade } from './record.js';
import type { Run } from './run.js';
import { applySettings, lockGuarded } from './settings.js';

/** True if a step is left to the background. A database that was empty has nothing that would take long. */
export function isQueued(
  { options, plan }: Pick<Run, 'options' | 'plan'>,
  { background }: PreparedStep,
): boolean {
  return background && options.background !== 'inline' && plan.from.length > 0;
}

/** Records a step as applied and leaves its work to the background, in one transaction. @returns ms */
export async function queueStep(run: Run, prepared: PreparedStep): Promise<number> {
  const { session, table, emit } = run;
  const { revision } = prepared.step;
  const startedAt = new Date();
  const outcome = await withTransaction(session, async () => {
    await applySettings(run);
    await lockGuarded(run);
    await makeBackfillTables(session, table);
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
