import { stoppedBy } from '../backfill/standing.js';
import type { Queryable, Session } from '../database/connection/session.js';
import { type Chunk, readChunks } from '../database/tables/backfill-state.js';
import type { BackfillsOf } from '../database/tables/backfill-tables.js';
import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import type { Plan } from '../plan/plan.js';
import type { Project } from '../project/project.js';
import type { Revision } from '../revision/revision.js';
import type { StepOptions } from '../run/options.js';
import type { PreparedStep } from '../run/prepare.js';
import { isQueued } from '../run/run.js';
import { judge } from './judgement.js';
import type { Opened } from './open.js';

/** What it takes to know what is held. */
export interface Holding {
  readonly project: Project;
  readonly session: Session;
  readonly table: BackfillsOf;
  /** Whether background revisions of the plan would only be queued. */
  readonly queues: boolean;
  /** What ran, where a row that no file has includes what it does not say. */
  readonly ran?: readonly string[];
}

/** What ran by the ledger, if rows alone do not say it. */
export function ranBeside(opened: Pick<Opened, 'project' | 'rows' | 'record' | 'begun' | 'table'>): {
  ran?: readonly string[];
} {
  const { graph } = opened.project;
  return opened.rows.every((row) => graph.has(row)) ? {} : { ran: judge(graph, opened).applied };
}

/** A revision that is held, and what by. */
export interface HeldRevision {
  readonly revision: string;
  /** The backfills that it waits for itself, and why; none where it only stands on a revision that is held. */
  readonly waitsFor: readonly { readonly backfill: string; readonly why: string }[];
}

/**
 * Revisions of a plan that wait for a backfill (`@requires backfill`), and those that stand on them, in the order of the
 * plan. One query, and none where no revision of the plan asks for a backfill.
 */
export async function heldIn(plan: Pick<Plan, 'steps' | 'from'>, holding: Holding): Promise<string[]> {
  return (await heldWith(plan, holding)).map(({ revision }) => revision);
}

/** The same, with what each one waits for. */
export async function heldWith(
  { steps, from }: Pick<Plan, 'steps' | 'from'>,
  holding: Holding,
): Promise<HeldRevision[]> {
  const { graph, revisions } = holding.project;
  const ids = steps.map(({ revision }) => revision);
  const headers = ids.flatMap((id) => revisions.get(id) ?? []);
  const required = requiredBackfills(headers);
  if (required.size === 0) return [];
  const queued = new Set(
    holding.queues ? headers.flatMap(({ revision, header }) => (header.background ? [revision] : [])) : [],
  );
  const unfinished = await unfinishedBackfills(holding.session, holding.table, required, {
    queued,
    today: (id) => graph.today(id),
    order: orderOf(ids),
    applied: appliedBefore(graph, [...from, ...(holding.ran ?? [])]),
  });
  const held = new Map<string, HeldRevision>();
  // Parents come before their children in a plan.
  for (const revision of ids) {
    const waitsFor = (revisions.get(revision)?.header.requires ?? []).flatMap((one) => {
      const why = one.kind === 'backfill' ? unfinished(one.revision, revision) : null;
      return one.kind !== 'backfill' || why === null ? [] : [{ backfill: one.revision, why }];
    });
    const { revises = [], dependsOn = [] } = graph.get(revision) ?? {};
    if (waitsFor.length > 0 || [...revises, ...dependsOn].some((parent) => held.has(parent)))
      held.set(revision, { revision, waitsFor });
  }
  return [...held.values()];
}

/** Background revisions whose backfill is not finished, in the order of the graph. */
export async function unfinishedIn({ project, session, table }: Omit<Holding, 'queues'>): Promise<string[]> {
  return hasBackground(project) ? waitingOf(project.graph, await readChunks(session, table)) : [];
}

/** Whether somebody ordered the backfill of a revision to stop, in place or in the background; null if nobody did. */
export function stoppedIn(chunks: readonly Chunk[], id: string): 'paused' | 'cancelled' | null {
  return stoppedBy(chunks.filter(({ revision }) => revision === id));
}

/**
 * Refuses a plan before anything of it runs where it would come to a backfill that was ordered to stop. One query, and none where
 * no step can have one.
 * @throws `backfill_paused`, `backfill_cancelled`
 */
export async function assertUnpaused(
  { session, table }: Pick<Opened, 'session' | 'table'>,
  steps: readonly PreparedStep[],
): Promise<void> {
  const able = steps.filter(
    ({ step, work }) => step.direction === 'upgrade' && /^(batches|code)$/.test(work.kind),
  );
  if (able.length === 0) return;
  const chunks = await readChunks(session, table);
  for (const { step } of able) {
    const stopped = stoppedIn(chunks, step.revision);
    if (stopped !== null) throw new RevgraphError(`backfill_${stopped}`, { revision: step.revision });
  }
}

/** Whether any revision runs in the background. */
export function hasBackground({ revisions }: Project): boolean {
  return [...revisions.values()].some(({ header }) => header.background);
}

/** Of chunks, the background revisions that are not finished, in the order of the graph. */
export function waitingOf(graph: Graph, chunks: readonly Chunk[]): string[] {
  const open = new Set(
    chunks.flatMap(({ revision, state, name }) => (state === 'finished' || name !== '' ? [] : [revision])),
  );
  return graph.ids.filter((id) => open.has(id));
}

/** Which of the backfills that steps require are not finished. No query where none is required. */
export async function unfinishedOf(
  {
    session,
    table,
    plan,
    options,
    project,
    ran = [],
  }: {
    session: Session;
    table: BackfillsOf;
    plan: Plan;
    options: StepOptions;
    project: Project;
    ran?: readonly string[];
  },
  steps: readonly PreparedStep[],
): Promise<Unfinished> {
  const required = requiredBackfills(steps.map(({ revision }) => revision));
  const queued = new Set(
    steps.flatMap((step) => (isQueued({ plan, options }, step) ? [step.step.revision] : [])),
  );
  const today = (id: string) => project.graph.today(id);
  const order = orderOf(plan.steps.map(({ revision }) => revision));
  const applied = appliedBefore(project.graph, [...plan.from, ...ran]);
  return unfinishedBackfills(session, table, required, { queued, today, order, applied });
}

const orderOf = (ids: readonly string[]): ReadonlyMap<string, number> => new Map(ids.map((id, i) => [id, i]));

function appliedBefore(graph: Graph, rows: readonly string[]): (id: string) => boolean {
  const before = graph.closureOf(rows);
  return (id) => before[graph.numberOf(id) ?? -1] === 1;
}

/** Why a revision that asks for a backfill waits for it; null if it does not. */
export type Unfinished = (backfill: string, askedBy: string) => string | null;

/** Names of the backfills that revisions ask for. */
export function requiredBackfills(revisions: Iterable<Pick<Revision, 'header'>>): Set<string> {
  const names = new Set<string>();
  for (const { header } of revisions)
    for (const one of header.requires) if (one.kind === 'backfill') names.add(one.revision);
  return names;
}

/**
 * Why a backfill that is required is not finished; null if it is. One query, and none where nothing is required.
 * @param queued revisions that this very run would leave to the background
 * @param today what a revision is called now; undefined: there is none
 * @param order the revisions of this very run: one that runs in place finishes its backfill, or the run ends there
 * @param applied whether it was applied before
 */
export async function unfinishedBackfills(
  client: Queryable,
  table: BackfillsOf,
  required: ReadonlySet<string>,
  {
    queued,
    today,
    order,
    applied,
  }: {
    queued: ReadonlySet<string>;
    today: (revision: string) => string | undefined;
    order: ReadonlyMap<string, number>;
    applied: (revision: string) => boolean;
  },
): Promise<Unfinished> {
  if (required.size === 0) return () => null;
  const open = new Set(
    (await readChunks(client, table)).flatMap(({ revision, state }) =>
      state === 'finished' ? [] : [revision],
    ),
  );
  return (name, askedBy) => {
    const revision = today(name);
    if (revision === undefined) return `it requires the backfill of ${name}, which does not exist`;
    // One that the rows claim, and that is to be run, is missed.
    const missed = applied(revision) ? ' --missed run' : '';
    if (queued.has(revision))
      return `it requires the backfill of ${revision}, which runs in the background. Run \`revgraph upgrade ${revision}${missed}\`, then \`revgraph backfill work\`, then this command again`;
    const at = order.get(revision);
    if (at !== undefined && at < (order.get(askedBy) ?? -1)) return null;
    if (at !== undefined)
      return `it requires the backfill of ${revision}, which this run would come to later. Name that revision in @depends-on as well`;
    if (!applied(revision))
      return `it requires the backfill of ${revision}, which is not applied. Name that revision in @depends-on as well`;
    if (!open.has(revision)) return null;
    return `it requires the backfill of ${revision}, which is not finished. Run \`revgraph backfill work\``;
  };
}
