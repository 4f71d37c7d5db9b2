import type { Session } from '../database/session.js';
import type { Plan } from '../plan/plan.js';
import { requiredBackfills, unfinishedBackfills } from '../run/required-backfills.js';
import type { Project } from './project.js';
import { appliedBy } from './required.js';

/** What it takes to know what is held. */
export interface Holding {
  readonly project: Project;
  readonly session: Session;
  readonly schema: string | null;
  /** Whether background revisions of the plan would only be queued. */
  readonly queues: boolean;
}

/**
 * Revisions of a plan that wait for a backfill (`@requires backfill`), and those that stand on them, in the order of the
 * plan. One query, and none where no revision of the plan asks for a backfill.
 */
export async function heldIn(
  { steps, from }: Pick<Plan, 'steps' | 'from'>,
  holding: Holding,
): Promise<string[]> {
  const { graph, revisions } = holding.project;
  const ids = steps.map(({ revision }) => revision);
  const headers = ids.flatMap((id) => revisions.get(id) ?? []);
  const required = requiredBackfills(headers);
  if (required.size === 0) return [];
  const queued = new Set(
    holding.queues ? headers.flatMap(({ revision, header }) => (header.background ? [revision] : [])) : [],
  );
  const known = (id: string): boolean => revisions.has(id);
  const unfinished = await unfinishedBackfills(holding.session, holding.schema, required, {
    queued,
    known,
    applied: appliedBy(graph, { steps, from }),
  });
  const held = new Set<string>();
  // Parents come before their children in a plan.
  for (const id of ids) {
    const waits = (revisions.get(id)?.header.requires ?? []).some(
      (one) => one.kind === 'backfill' && unfinished(one.revision) !== null,
    );
    const { revises = [], dependsOn = [] } = graph.get(id) ?? {};
    if (waits || [...revises, ...dependsOn].some((parent) => held.has(parent))) held.add(id);
  }
  return ids.filter((id) => held.has(id));
}

/** Background revisions whose backfill is not finished, in the order of the graph. */
export async function unfinishedIn({ project, session, schema }: Omit<Holding, 'queues'>): Promise<string[]> {
  const background = [...project.revisions.values()].some(({ header }) => header.background);
  if (!background) return [];
  const { readChunks } = await import('../database/backfill-state.js');
  const open = new Set(
    (await readChunks(session, schema)).flatMap(({ revision, state, name }) =>
      state === 'finished' || name !== '' ? [] : [revision],
    ),
  );
  return project.graph.ids.filter((id) => open.has(id));
}
