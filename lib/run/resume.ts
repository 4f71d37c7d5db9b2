import { createHash } from 'node:crypto';
import { RevgraphError } from '../errors/error.js';
import type { Statement } from '../sql/statements.js';
import type { PreparedStep } from './prepare.js';
import type { Run } from './run.js';

/** The newest ledger entry of a step that an earlier run began outside a transaction and did not finish, or undefined. */
function unfinished({ last }: Pick<Run, 'last'>, { step, mode }: PreparedStep) {
  const entry = mode === 'none' ? last.get(step.revision) : undefined;
  if (entry === undefined || entry.outcome === 'done' || entry.direction !== step.direction) return undefined;
  return entry;
}

/** The first 0, 1, 2 … statements of a revision by their text: a digest each, of which the next one goes on. */
export function digestsOf(statements: readonly Statement[]): readonly string[] {
  const hash = createHash('sha256');
  return [
    hash.copy().digest('hex'),
    ...statements.map(({ sql }) => hash.update(sql).update('\0').copy().digest('hex')),
  ];
}

/**
 * Which statement to begin with: those before it were finished by an earlier run, if they still read the same (the one that
 * failed may have been fixed) and nothing below was run or downgraded since: else their effects may be gone.
 */
export function resumePoint(run: Run, prepared: PreparedStep): number {
  const entry = unfinished(run, prepared);
  if (entry === undefined) return 0;
  const statements = prepared.work.kind === 'sql' ? prepared.work.statements : [];
  const finished = Number(entry.statistics?.finished ?? 0);
  const same = entry.statistics?.digest === digestsOf(statements)[finished];
  const standing = !run
    .ancestorsOf(prepared.step.revision)
    .some((id) => (run.last.get(id)?.entry ?? 0) > entry.entry);
  const first = same && standing ? finished : 0;
  const from =
    first > 0
      ? `continues at statement ${first + 1} of ${statements.length}`
      : 'starts from the first statement';
  run.emit({
    type: 'warning',
    message: `${prepared.step.revision}: an earlier run did not finish; this run ${from}`,
  });
  return first;
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
      next: `If it may run twice, add @idempotent to its header and run \`${run.next}\`. If all of its changes exist, run \`revgraph stamp ${revision}\`.`,
    });
  }
}
