import { hasBackfillTables, readChunks } from '../database/tables/backfill-state.js';
import { movedSince } from '../database/tables/last-entries.js';
import { RevgraphError } from '../errors/error.js';
import type { PreparedStep } from '../run/prepare.js';
import { isQueued, type Run } from '../run/run.js';

/**
 * Refuses to go on with a backfill that stopped, where nobody can say that its rows are as it left them; and to begin one anew whose
 * batches were committed, and whose cursor is gone. Not of a revision that may run twice. No query where nothing stopped.
 * @throws `unfinished_step`
 */
export async function assertNotStale(
  run: Pick<Run, 'session' | 'table' | 'last' | 'ancestorsOf' | 'options' | 'plan'>,
  steps: readonly PreparedStep[],
): Promise<void> {
  const { session, table, last, ancestorsOf } = run;
  // What is queued begins anew, and nothing of it runs now.
  for (const { step, revision } of steps.filter((one) => !isQueued(run, one))) {
    const entry = last.get(step.revision);
    const stopped = entry?.outcome === 'failed' && entry.statistics?.batches === true;
    if (!stopped || step.direction !== 'upgrade' || revision.header.idempotent) continue;
    const refuse = (next: string): never => {
      throw new RevgraphError('unfinished_step', {
        revision: step.revision,
        statement: null,
        next,
        batches: true,
      });
    };
    if (!(await hasBackfillTables(session, table)))
      refuse(
        `The tables that say how far its backfill came are gone, and its batches remain. If it may run on these rows again, \`revgraph retry ${step.revision}\` lets it begin at the first one. If all of it is done, \`revgraph stamp ${step.revision} --yes\` records that.`,
      );
    const open = (await readChunks(session, table, step.revision)).some(({ state }) => state !== 'finished');
    if (open && (await movedSince(session, table, entry.entry, ancestorsOf(step.revision))))
      refuse(
        `Since it stopped, something below it ran or was taken back, or a stamp was made: its rows may not be as it left them. \`revgraph retry ${step.revision}\` goes on behind the last row that it looked at. \`revgraph backfill forget ${step.revision} --yes\` lets it begin at the first one.`,
      );
  }
}
