import type { Session } from '../database/connection/session.js';
import type { BatchDefinition, BatchSection } from '../revision/batches.js';
import type { Revision } from '../revision/revision.js';
import type { Batched, Batching } from '../run/run.js';
import { applySettings, withSessionSettings } from '../run/settings.js';
import type { BackfillContext, Share } from './batch/context.js';
import { type BatchSettings, settingsOf, settingsOfSection } from './batch/definition.js';
import { runBatches } from './batches.js';
import { undoBatches } from './undo.js';

/** Batches of the steps of a run, under its lock: on its connection, and on more of them side by side. */
export function batchingOn(more: readonly Session[], share?: Share): Batching {
  return {
    run: (run, prepared, what) => {
      const context = contextOf(run, prepared.revision);
      // The lock is held by the connection of the run; what the others do is kept apart by their chunks.
      const connections = more.map((session) =>
        contextOf({ ...run, session, lockKey: null }, prepared.revision),
      );
      return inAll(run, more, () => runBatches({ ...context, connections, share }, definitionOf(what)));
    },
    undo: (run, prepared) => undoBatches(contextOf(run, prepared.revision)),
  };
}

/** Outside transactions too, every connection looks where the run does. */
function inAll<T>(
  run: Batched,
  [session, ...rest]: readonly Session[],
  action: () => Promise<T>,
): Promise<T> {
  if (session === undefined) return action();
  return withSessionSettings({ ...run, session }, () => inAll(run, rest, action));
}

export const batching: Batching = batchingOn([]);

/** Checks what a step was given. @throws `backfill_invalid` */
export function definitionOf(what: BatchDefinition | BatchSection): BatchSettings {
  return 'sql' in what ? settingsOfSection(what) : settingsOf(what);
}

/** What a backfill needs, as a run has it. */
export function contextOf(
  run: Batched,
  { revision, file }: Pick<Revision, 'revision' | 'file'>,
): BackfillContext {
  return {
    client: run.session,
    records: run.table,
    revision,
    file: file ?? revision,
    signal: run.options.signal,
    emit: run.emit,
    preview: null,
    settle: (timeouts) =>
      applySettings({
        ...run,
        options: {
          ...run.options,
          statementTimeoutMs: timeouts.statementTimeoutMs,
          lockTimeoutMs: timeouts.lockTimeoutMs ?? run.options.lockTimeoutMs,
        },
      }),
  };
}
