import { type Holding, heldIn, ranBeside } from '../access/held.js';
import { judge } from '../access/judgement.js';
import type { Opened } from '../access/open.js';
import type { State } from '../access/state.js';
import { pendingBeside, stateOf } from '../access/state.js';
import type { ProjectOptions } from '../config/options.js';
import type { SchemaProof } from '../evidence/mending/schema-proof.js';
import type { Graph } from '../graph/graph.js';
import { planUpgrade } from '../plan/upgrade.js';
import { namingOf, releaseOfRows } from '../project/targets.js';
import type { StepOptions } from '../run/options.js';
import type { StepResult } from '../run/run.js';

/** Where a database is, seen from a target. */
export interface DatabasePosition {
  readonly state: State;
  readonly current: readonly string[];
  readonly heads: readonly string[];
  readonly pending: readonly string[];
  readonly release: string | null;
  /** Pending revisions that wait for a backfill (`@requires backfill`). */
  readonly held: readonly string[];
}

/** What is typed as target, as targets of the graph. */
export async function targetOf(
  graph: Graph,
  { releases, target }: ProjectOptions & { target: string | readonly string[] },
): Promise<string | readonly string[]> {
  return (await namingOf(releases)).all(graph, target);
}

/**
 * The position of a database that is open. Where the rows already include the target, no further query is made: it is
 * `current` for whoever wants that target.
 */
export async function positionOf(
  opened: Opened,
  options: ProjectOptions & Pick<StepOptions, 'background'> & { target: string | readonly string[] },
): Promise<DatabasePosition> {
  const { project, rows } = opened;
  const { graph } = project;
  const known = rows.every((row) => graph.has(row));
  const target = await targetOf(graph, options);
  const judged = judge(graph, opened);
  const plan = known ? planUpgrade(graph, rows, target) : null;
  const pending = plan?.steps.map(({ revision }) => revision) ?? [
    ...judged.missed.map(({ revision }) => revision),
    ...pendingBeside(graph, opened, judged),
  ];
  const asked = plan ?? {
    steps: pending.map((revision) => ({ revision, direction: 'upgrade' as const, remove: [], add: [] })),
    from: rows,
  };
  const held = pending.length === 0 ? [] : await heldIn(asked, holdingOf(opened, options));
  const { missed, lost, halfDown } = judged;
  const reached =
    known &&
    rows.length > 0 &&
    pending.length + missed.length + lost.length + halfDown.length + opened.unsquashed.length === 0;
  const state = reached ? 'current' : await stateOf(opened, judged);
  const release = await releaseOfRows(graph, options.releases, rows);
  return { state, current: [...rows].sort(), heads: graph.effectiveHeads, pending, release, held };
}

/** What it takes to know which revisions are held. A database that was empty queues nothing. */
export function holdingOf(opened: Opened, { background }: Pick<StepOptions, 'background'>): Holding {
  const { project, session, table, rows } = opened;
  return {
    project,
    session,
    table,
    queues: rows.length > 0 && background !== 'inline',
    ...ranBeside(opened),
  };
}

/** Nothing is pending but what waits for a backfill: code that came with it runs on both sides of it. */
export function isServed({ state, pending, held }: DatabasePosition): boolean {
  return state === 'current' || (state === 'behind' && held.length > 0 && held.length === pending.length);
}

/** Ahead, and nothing of what this code knows is surely missing, but for what waits for a backfill. */
export function isAhead({ state, pending, held }: DatabasePosition): boolean {
  return state === 'ahead' && held.length === pending.length;
}

/** What a process reports that did nothing. */
export function untouched(position: DatabasePosition, found: State, dryRun: boolean): BootResult {
  return { ...position, found, stamp: null, why: null, steps: [], proof: null, dryRun };
}

/** The state of the database after `boot`, and what this process did. */
export interface BootResult {
  /** The state now: `current`, unless the policy is `skip`, `dryRun` is set, or the database is ahead. */
  readonly state: State;
  /** The state that this process found. */
  readonly found: State;
  /** Rows of the version table now. */
  readonly current: readonly string[];
  readonly heads: readonly string[];
  /** Revisions still to run for the target. */
  readonly pending: readonly string[];
  readonly release: string | null;
  /** Revisions of `pending` that wait for a background backfill. `boot` does not wait for them. */
  readonly held: readonly string[];
  /** Rows that this process stamped a legacy database with; null if it stamped nothing. `why`: the reason. */
  readonly stamp: readonly string[] | null;
  readonly why: string | null;
  /** Steps that this process ran. Empty if it only waited. */
  readonly steps: readonly StepResult[];
  /** Whether the schema is what the catalogue has for the rows; null if nothing was run, or with `prove: 'off'`. */
  readonly proof: SchemaProof | null;
  readonly dryRun: boolean;
}
