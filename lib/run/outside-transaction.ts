import { ended } from '../database/connection/ended.js';
import { isGuard } from '../database/connection/lock.js';
import { enterTransaction, leaveTransaction } from '../database/connection/transaction.js';
import { RevgraphError } from '../errors/error.js';
import type { BatchDefinition, BatchResult, BatchSection, UndoResult } from '../revision/batches.js';
import type { Tracker } from './place.js';
import { commitsByBatch, type PreparedStep } from './prepare.js';
import type { Batching, Working } from './run.js';
import { applySettings, withSessionSettings } from './settings.js';

/** What a step does in transactions of its own. */
export interface OutsideTransaction {
  batches(what: BatchDefinition | BatchSection): Promise<BatchResult>;
  undo(): Promise<UndoResult>;
  /** True while batches have the connection. */
  readonly busy: () => boolean;
  /**
   * Waits for what the code left running. What failed fails the step, whether the code looked at it or not.
   */
  finish(): Promise<void>;
}

/** Batches of a step: outside its transaction, one after the other, even if the code does not wait. */
export function openOutside(run: Working, prepared: PreparedStep, tracker: Tracker): OutsideTransaction {
  let last: Promise<unknown> = Promise.resolve();
  let failure: { error: unknown } | null = null;
  let running = 0;
  const next = <T>(action: () => Promise<T>): Promise<T> => {
    running += 1;
    const mine = last
      .then(() => outsideStep(run, prepared, action))
      .finally(() => {
        running -= 1;
      });
    last = mine.catch((error: unknown) => {
      failure ??= { error };
    });
    return mine;
  };
  const batching = isGuard(run.lockKey) ? unguarded(prepared) : (run.batching ?? untried(prepared));
  return {
    busy: () => running > 0,
    batches: (what) =>
      next(async () => {
        tracker.hasBatches = true;
        const result = await batching.run(run, prepared, what);
        tracker.backfills.push(result);
        return result;
      }),
    undo: () =>
      next(async () => {
        tracker.hasBatches = true;
        const result = await batching.undo(run, prepared);
        tracker.undone = result;
        return result;
      }),
    finish: async () => {
      await last;
      if (failure !== null) throw (failure as { error: unknown }).error;
    },
  };
}

/** Where a step is only tried in one transaction, there are no batches. */
function untried({ revision }: PreparedStep): Batching {
  const refuse = (): never => {
    throw new RevgraphError('trial_refused', {
      revision: revision.revision,
      reason: 'it commits batch by batch',
      hint: `Test its batches with \`revgraph backfill dry-run ${revision.revision}\`.`,
    });
  };
  return { run: refuse, undo: refuse };
}

/** Batches commit where no lock beside their connection can guard them. */
function unguarded({ step }: PreparedStep): Batching {
  const refuse = (): never => {
    throw new RevgraphError('lock_guards_no_step', {
      lock: 'transaction or row',
      revisions: [step.revision],
    });
  };
  return { run: refuse, undo: refuse };
}

/** Runs `action` while the step has no transaction. @throws `backfill_invalid` if something was written in it */
async function outsideStep<T>(run: Working, prepared: PreparedStep, action: () => Promise<T>): Promise<T> {
  const { mode, revision } = prepared;
  if (mode === 'none' || commitsByBatch(prepared)) return action();
  if (!(await leaveTransaction(run.session)))
    throw new RevgraphError('backfill_invalid', {
      message: `${revision.file ?? revision.revision} wrote to the database before batches() or undo(), which commit batch by batch.`,
      hint: 'Move these writes after them, or to a separate revision.',
    });
  return ended(
    () => withSessionSettings(run, action),
    async () => {
      await enterTransaction(run.session);
      await applySettings(run);
    },
  );
}
