import { failedInARow } from '../database/tables/attempts.js';
import { RevgraphError } from '../errors/error.js';
import type { PreparedStep } from '../run/prepare.js';
import type { Run } from '../run/run.js';

/** So often a service tries a revision that fails. */
const MOST_FAILURES = 3;

/**
 * Refuses to try again what failed several times with the same text: every start of every replica would fail in the same way, and lock
 * what it locks each time. Another text, or `retry`, gives it another chance.
 *
 * @throws `revision_parked`
 */
export async function assertNotParked(
  { session, table, last }: Pick<Run, 'session' | 'table' | 'last'>,
  steps: readonly PreparedStep[],
): Promise<void> {
  const failed = steps.filter(({ step }) => last.get(step.revision)?.outcome === 'failed');
  if (failed.length === 0) return;
  const asked = failed.map(({ step, checksum }) => ({ revision: step.revision, checksum }));
  const found = await failedInARow(session, table.schema, asked);
  const parked = found.find(({ failures }) => failures >= MOST_FAILURES);
  if (parked === undefined) return;
  const { revision, failures, message } = parked;
  throw new RevgraphError('revision_parked', { revision, failures, reason: message });
}
