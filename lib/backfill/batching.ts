import type { BatchSection } from '../revision/batches.js';
import type { Batching } from '../run/batching.js';
import type { PreparedStep } from '../run/prepare.js';
import type { Run } from '../run/run.js';
import { applySettings } from '../run/settings.js';
import { runBatches } from './batches.js';
import { settle, settleSection } from './definition.js';
import type { Host } from './host.js';
import { undoBatches } from './undo.js';

/** Batches of the steps of a run, on its connection and under its lock. */
export const batching: Batching = {
  run: (run, prepared, what) =>
    runBatches(hostOf(run, prepared), isSection(what) ? settleSection(what) : settle(what)),
  undo: (run, prepared) => undoBatches(hostOf(run, prepared)),
};

const isSection = (what: object): what is BatchSection => 'sql' in what;

/** What a backfill needs, as a run has it. */
export function hostOf(run: Run, { revision }: PreparedStep): Host {
  return {
    client: run.session,
    schema: run.table.schema,
    revision: revision.revision,
    file: revision.file ?? revision.revision,
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
