import { RevgraphError } from '../errors.js';
import type { PreparedStep } from './prepare.js';
import type { Run } from './run.js';

/** The newest ledger entry of a step that an earlier run began outside a transaction and did not finish, or undefined. */
function unfinished({ last }: Pick<Run, 'last'>, { step, mode }: PreparedStep) {
  const entry = mode === 'none' ? last.get(step.revision) : undefined;
  if (entry === undefined || entry.outcome === 'done' || entry.direction !== step.direction) return undefined;
  return entry;
}

/** Which statement to begin with: those before it were finished by an earlier run of the same text. */
export function resumePoint(run: Run, prepared: PreparedStep): number {
  const entry = unfinished(run, prepared);
  const finished = entry?.checksum === prepared.checksum ? Number(entry.statistics?.finished ?? 0) : 0;
  if (entry !== undefined) {
    const count = prepared.work.kind === 'sql' ? prepared.work.statements.length : 0;
    const from = finished > 0 ? `goes on at statement ${finished + 1} of ${count}` : 'begins anew';
    run.emit({
      type: 'warning',
      message: `${prepared.step.revision}: an earlier run did not finish; this one ${from}`,
    });
  }
  return finished;
}

/**
 * Refuses to run code again that an earlier run left half done, unless it says that it may run twice.
 * @throws `unfinished_step`
 */
export function assertResumable(run: Pick<Run, 'last' | 'next'>, steps: readonly PreparedStep[]): void {
  for (const prepared of steps) {
    const entry = unfinished(run, prepared);
    if (entry === undefined || prepared.work.kind !== 'code' || prepared.revision.header.idempotent) continue;
    const { revision } = prepared.step;
    throw new RevgraphError('unfinished_step', {
      revision,
      statement: entry.statement,
      next: `If it may run twice, say @idempotent in its header and run \`${run.next}\`. If all of it is there, \`revgraph stamp ${revision}\`.`,
    });
  }
}
