import { randomUUID } from 'node:crypto';
import { describeServer } from '../database/server.js';
import { pinSchema, type VersionTable } from '../database/version-table.js';
import { RevgraphError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { BASE, lookup } from '../graph/lookup.js';
import { planDowngrade, planUndo } from '../plan/downgrade.js';
import type { Plan } from '../plan/plan.js';
import { planUpgrade } from '../plan/upgrade.js';
import { prepare } from '../run/prepare.js';
import { renderScript } from '../run/script.js';
import { LIBRARY_VERSION } from '../version.js';
import { parentsOf } from './change.js';
import { whoAndWhere, withDatabase } from './open.js';
import { loadProject, type Project } from './project.js';
import type { ScriptOptions, ScriptResult } from './script.js';

/** See `script`. */
export async function planScript(options: ScriptOptions): Promise<ScriptResult> {
  const project = await loadProject(options.revisions);
  const offline = typeof options.target === 'string' ? /^([^:]*):([^:]+)$/.exec(options.target) : null;
  if (offline !== null) {
    const rows = rowsOf(project.graph, offline[1] as string);
    return render(
      project,
      planOf(project.graph, rows, options, offline[2] as string),
      offlineTable(options),
      options,
    );
  }
  const { database } = options;
  if (database === undefined)
    throw new RevgraphError('database_missing_option', { variable: 'DATABASE_URL' });
  return withDatabase({ ...options, database, revisions: project }, async ({ rows, table, session }) => {
    const { schema, versionNumber } = await describeServer(session, options.schema);
    const pinned = versionNumber === null ? table : await pinSchema(session, table, schema);
    return render(project, planOf(project.graph, rows, options, options.target), pinned, options);
  });
}

function rowsOf(graph: Graph, from: string): string[] {
  return graph.idsOf(lookup(graph, from === '' ? 'base' : from).filter((n) => n !== BASE));
}

function planOf(
  graph: Graph,
  rows: readonly string[],
  { direction }: ScriptOptions,
  target: string | readonly string[],
): Plan {
  if (direction === 'upgrade') return planUpgrade(graph, rows, target);
  const one = typeof target === 'string' ? target : (target[0] ?? '');
  return direction === 'undo' ? planUndo(graph, rows, one) : planDowngrade(graph, rows, one);
}

function offlineTable({ versionTable, schema }: ScriptOptions): VersionTable {
  const name = versionTable ?? 'revgraph_version';
  const column = name === 'alembic_version' ? 'version_num' : 'revision';
  return { name, column, schema: schema ?? null, exists: false, adopted: false };
}

async function render(
  project: Project,
  plan: Plan,
  table: VersionTable,
  options: ScriptOptions,
): Promise<ScriptResult> {
  const rendered = await renderScript(plan, await prepare(plan, project.revisions), table, {
    id: randomUUID(),
    parentsOf: (revision) => parentsOf(project.graph, revision),
    ...whoAndWhere(),
    application: options.application ?? null,
    schema: options.schema ?? null,
    libraryVersion: LIBRARY_VERSION,
  });
  const steps = plan.steps.map(({ revision, direction }) => ({ revision, direction, ms: null }));
  return { ...rendered, direction: plan.direction, from: plan.from, to: plan.to, steps, dryRun: true };
}
