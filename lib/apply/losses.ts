import type { Plan } from '../plan/plan.js';
import type { Revision } from '../revision/revision.js';

/** What a downgrade can't bring back or takes away for good, in the words of the revisions (`@loses`). */
export function losses(plan: Plan, revisions: ReadonlyMap<string, Revision>): string[] {
  return plan.steps.flatMap(({ revision }) => {
    const lost = revisions.get(revision)?.header.loses ?? null;
    return lost === null ? [] : [`${revision}: ${lost}`];
  });
}
