import { randomUUID } from 'node:crypto';
import { assertUnpaused } from '../access/held.js';
import { judge } from '../access/judgement.js';
import { type Opened, whoAndWhere, withDatabase } from '../access/open.js';
import { toAdopt } from '../access/record/recorded.js';
import { toldOf } from '../access/record/told.js';
import { assertNoneRenamed, byIdHere } from '../access/renamed.js';
import { assertNotStale } from '../backfill/stale.js';
import type { RunOptions } from '../config/options.js';
import { describeServer, type Server } from '../database/connection/server.js';
import { hasBackfillTables } from '../database/tables/backfill-state.js';
import { lastEntries, newestMoved } from '../database/tables/last-entries.js';
import type { NewestEntry } from '../database/tables/ledger.js';
import type { LedgerRecord } from '../database/tables/record.js';
import { pinSchema, type VersionTable } from '../database/tables/version-table.js';
import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import { planUndo } from '../plan/downgrade.js';
import type { Plan } from '../plan/plan.js';
import { loadProject, type Project } from '../project/project.js';
import { idsNamed, type Naming, namingOf } from '../project/targets.js';
import { type PreparedStep, prepare } from '../run/prepare.js';
import { notRun } from '../run/run.js';
import { LIBRARY_VERSION } from '../version.js';
import { downgradeTo, type Planner, planFor, upgradePlanner, upgradeTo } from './plan-for.js';
import { assertRequirements } from './ready.js';
import type { Script } from './script/script.js';
import { renderScript } from './script/script.js';

/** See `script`. */
export async function planScript(options: ScriptOptions): Promise<ScriptResult> {
  const project = await loadProject(options.revisions);
  const naming = await namingOf(options.releases);
  const offline = typeof options.target === 'string' ? /^([^:]*):([^:]+)$/.exec(options.target) : null;
  if (offline !== null) {
    const rows = idsNamed(project.graph, naming, offline[1] === '' ? 'base' : (offline[1] as string));
    const plan = planOf(project.graph, rows, { ...options, target: offline[2] as string }, naming);
    const steps = await prepare(plan, project.revisions);
    return render(project, { plan, steps }, offlineTable(options), options);
  }
  const { database } = options;
  if (database === undefined)
    throw new RevgraphError('database_missing_option', { variable: 'DATABASE_URL' });
  return withDatabase({ ...options, database, revisions: project }, async (opened) => {
    const { table, session } = opened;
    const server = await describeServer(session, options.schema);
    const pinned = await pinSchema(session, table, server);
    const planner: Planner =
      options.direction === 'upgrade'
        ? upgradePlanner(naming, options)
        : { direction: 'downgrade', plan: (graph, rows) => planOf(graph, rows, options, naming) };
    const plan = await planFor(opened, planner, { ...options, database });
    assertNotBegun(opened, plan);
    const steps = await prepare(plan, opened.project.revisions);
    await assertMayRun({ ...opened, table: pinned, server }, plan, steps, { ...options, database });
    const known = {
      record: opened.record,
      newest: await newestMoved(session, pinned),
      hasBackfills: await hasBackfillTables(session, pinned),
    };
    return render(opened.project, { plan, steps }, pinned, options, known);
  });
}

function planOf(graph: Graph, rows: readonly string[], options: ScriptOptions, naming: Naming): Plan {
  const { direction, target } = options;
  if (direction === 'upgrade') return upgradeTo(graph, rows, naming, options);
  const [one = ''] = [target ?? []].flat();
  return direction === 'undo'
    ? planUndo(graph, rows, naming.one(graph, one))
    : downgradeTo(graph, rows, naming, one);
}

function offlineTable({ versionTable, schema }: ScriptOptions): VersionTable {
  const name = versionTable ?? 'revgraph_version';
  const column = name === 'alembic_version' ? 'version_num' : 'revision';
  return { name, column, schema: schema ?? null, exists: false, adopted: false };
}

/** A script begins at the first statement of a step; what was begun outside a transaction goes on in a run. @throws `unfinished_step` */
function assertNotBegun(opened: Opened, { steps, direction }: Plan): void {
  const { project, begun } = opened;
  const { graph } = project;
  const missed = new Set(judge(graph, opened).missed.map(({ revision }) => revision));
  for (const { revision } of begun) {
    const id = graph.today(revision) ?? revision;
    if (steps.some((step) => step.revision === id))
      throw new RevgraphError('unfinished_step', {
        revision: id,
        statement: null,
        next: `A script would begin it anew. \`revgraph ${direction === 'upgrade' ? 'upgrade' : 'undo'} ${id}${missed.has(id) ? ' --missed run' : ''}\` goes on with it.`,
      });
  }
}

/**
 * Refuses what a run refuses, whoever pipes the script: backfills, versions and extensions that it requires, and losses where those
 * are refused. Privileges are those of another role, as a rule.
 * @throws `requirement_unmet`, `backfill_renamed`, `unfinished_step`, `backfill_paused`, `backfill_cancelled`, `destruction_refused`
 */
async function assertMayRun(
  opened: Opened & { readonly server: Server },
  plan: Plan,
  steps: readonly PreparedStep[],
  options: RunOptions,
): Promise<void> {
  const { session, server, table, emit } = opened;
  const { direction } = plan;
  await assertUnpaused(opened, steps);
  const entries = opened.record === null ? null : await lastEntries(session, table);
  await assertNoneRenamed(session, table, opened, plan.steps, entries ?? undefined);
  const last = entries === null ? new Map() : byIdHere(opened, entries);
  const { graph } = opened.project;
  await assertNotStale(
    {
      session,
      table,
      options,
      plan,
      last,
      hasLedger: entries !== null,
      ancestorsOf: (revision) => graph.ancestors(revision),
      namesOf: (revisions) => graph.namesOf(revisions),
    },
    steps,
  );
  await assertRequirements(opened, plan, steps, options, { privileges: false });
  const { assertMayDestroy, mindsDestruction } = await import('../preflight/destruction.js');
  if (direction !== 'upgrade' || !mindsDestruction(options)) return;
  const { examineRun } = await import('../preflight/refuse.js');
  const { losses } = await examineRun({ direction, session, server, table, steps, options, emit });
  assertMayDestroy(options, losses, true);
}

/** What the database says, where one was asked. */
interface Known {
  readonly record: LedgerRecord | null;
  readonly newest?: NewestEntry | null;
  readonly hasBackfills?: boolean;
}

async function render(
  project: Project,
  { plan, steps: prepared }: { readonly plan: Plan; readonly steps: readonly PreparedStep[] },
  table: VersionTable,
  options: ScriptOptions,
  { record, newest, hasBackfills = true }: Known = { record: null },
): Promise<ScriptResult> {
  const rendered = await renderScript(plan, prepared, table, {
    id: randomUUID(),
    parentsOf: (revision) => project.graph.parentsOf(revision),
    namesOf: (revisions) => project.graph.namesOf(revisions),
    isSquash: (revision) => project.graph.squashes.has(revision),
    toldOf: (covers) => toldOf(project, covers, record),
    adopts: toAdopt(project.graph, record, plan.from),
    today: (revision) => project.graph.today(revision) ?? revision,
    ancestorsOf: (revision) => project.graph.ancestors(revision),
    descendantsOf: (revision) => project.graph.descendants(revision),
    hasBackfills,
    hasEntries: (record ?? []).length > 0,
    newest,
    options,
    ...whoAndWhere(),
    schema: options.schema ?? null,
    role: options.role ?? null,
    libraryVersion: LIBRARY_VERSION,
  });
  const steps = notRun(plan);
  return { ...rendered, direction: plan.direction, from: plan.from, to: plan.to, steps, dryRun: true };
}

export interface ScriptOptions extends Omit<RunOptions, 'database'> {
  readonly direction: 'upgrade' | 'downgrade' | 'undo';
  /** Default of an upgrade: where `upgrade` goes. */
  readonly target?: string | readonly string[] | undefined;
  /** Not asked if the target is a range `FROM:TO`, which needs no database. */
  readonly database?: RunOptions['database'] | undefined;
}

export interface ScriptResult extends Script {
  readonly direction: 'upgrade' | 'downgrade';
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly steps: readonly { revision: string; direction: 'upgrade' | 'downgrade'; ms: null }[];
  readonly dryRun: true;
}
