import type { Session } from '../database/session.js';
import type { Problem } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import type { Plan } from '../plan/plan.js';
import type { Revision } from '../revision/revision.js';
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
  const applied = appliedBy(project.graph, plan);
  return unfinishedBackfills(session, schema, required, { queued, known, applied });
}

/** Whether a revision is applied before a plan, or by it. */
export function appliedBy(
  graph: Graph,
  { from, steps }: Pick<Plan, 'from' | 'steps'>,
): (id: string) => boolean {
  const before = graph.closureOf(from);
  const within = new Set(steps.map(({ revision }) => revision));
  return (id) => within.has(id) || before[graph.numberOf(id) ?? -1] === 1;
}

/** What is wrong with `@requires backfill`: what is waited for has to come before. */
export function requirementProblems(graph: Graph, { revision, header, file }: Revision): Problem[] {
  const asked = header.requires.filter((one) => one.kind === 'backfill');
  if (asked.length === 0) return [];
  const below = new Set(graph.ancestors(revision));
  return asked.flatMap(({ revision: id, line }): Problem[] => {
    if (below.has(id)) return [];
    const message = graph.has(id)
      ? `@requires backfill ${id}, which does not come before ${revision}`
      : `@requires backfill ${id}, which is no revision`;
    const hint = 'Name a revision that this one stands on, by @revises or @depends-on';
    return [{ code: 'bad_header', file: file ?? revision, line, message, hint }];
  });
}
