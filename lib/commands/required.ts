import type { Session } from '../database/session.js';
import type { Plan } from '../plan/plan.js';
import type { StepOptions } from '../run/options.js';
import type { PreparedStep } from '../run/prepare.js';
import { isQueued } from '../run/queue-step.js';
import { requiredBackfills, type Unfinished, unfinishedBackfills } from '../run/required-backfills.js';
import type { Project } from './project.js';

/** Which of the backfills that steps require are not finished. No query where none is required. */
export async function unfinishedOf(
  {
    session,
    schema,
    plan,
    options,
    project,
  }: { session: Session; schema: string | null; plan: Plan; options: StepOptions; project: Project },
  steps: readonly PreparedStep[],
): Promise<Unfinished> {
  const required = requiredBackfills(steps.map(({ revision }) => revision));
  const queued = new Set(
    steps.flatMap((step) => (isQueued({ plan, options }, step) ? [step.step.revision] : [])),
  );
  const known = (id: string): boolean => project.revisions.has(id);
  return unfinishedBackfills(session, schema, required, { queued, known });
}
