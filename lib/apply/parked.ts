import { failedAmong } from '../access/failed.js';
import { RevgraphError } from '../errors/error.js';
import type { PreparedStep } from '../run/prepare.js';
import type { Run } from '../run/run.js';

/**
 * Refuses to try again what failed several times with the same text: every start of every replica would fail in the same way, and lock
 * what it locks each time. Another text, or `retry`, gives it another chance.
 *
 * @throws `revision_parked`
 */
export async function assertNotParked(
  { session, table, last, namesOf }: Pick<Run, 'session' | 'table' | 'last' | 'namesOf'>,
  steps: readonly PreparedStep[],
): Promise<void> {
  const asked = steps.map(({ step, checksum }) => ({ revision: step.revision, checksum: () => checksum }));
  const found = await failedAmong(session, table, last, namesOf, asked);
  const first = found.find(({ parked }) => parked);
  if (first === undefined) return;
  const { revision, failures, reason } = first;
  throw new RevgraphError('revision_parked', { revision, failures, reason });
}
