import type { Graph } from '../graph/graph.js';
import { assertApart } from '../graph/overlap.js';
import { marked } from '../graph/walk.js';
import type { DatabaseOptions } from './options.js';

/**
 * `empty`: no version table, no tables · `legacy`: tables, but no version table · `behind`: revisions are pending ·
 * `current`: nothing pending · `ahead`: the version table holds ids that the graph doesn't have
 */
export type State = 'empty' | 'legacy' | 'behind' | 'current' | 'ahead';

export interface Status {
  readonly state: State;
  /** Rows of the version table. */
  readonly current: readonly string[];
  /** Heads of the graph. */
  readonly heads: readonly string[];
  /** Revisions that `upgrade heads` would run, in order. */
  readonly pending: readonly string[];
  readonly release: string | null;
  /** The version table, and where it is. */
  readonly versionTable: string;
  readonly database: string;
}

/** Where a database is and what is pending. Creates nothing and takes no lock. */
export async function status(options: DatabaseOptions): Promise<Status> {
  const [{ withDatabase }, { hasUserTables }] = await Promise.all([
    import('./open.js'),
    import('../database/occupancy.js'),
  ]);
  return withDatabase(options, async ({ project, session, rows, table }) => {
    const { graph } = project;
    const state = await stateOf(graph, rows, table.exists, () => hasUserTables(session, table.schema));
    return {
      state,
      current: [...rows].sort(),
      heads: graph.heads,
      pending: state === 'ahead' ? [] : pendingOf(graph, rows),
      release: null,
      versionTable: table.name,
      database: session.label,
    };
  });
}

function pendingOf(graph: Graph, rows: readonly string[]): string[] {
  const applied = graph.closure(rows.flatMap((row) => graph.numberOf(row) ?? []));
  return graph.ids.filter((_, n) => applied[n] !== 1);
}

async function stateOf(
  graph: Graph,
  rows: readonly string[],
  exists: boolean,
  occupied: () => Promise<boolean>,
): Promise<State> {
  if (rows.some((row) => !graph.has(row))) return 'ahead';
  if (!exists) return (await occupied()) ? 'legacy' : 'empty';
  assertApart(graph, graph.size === 0 ? [] : rows.map((row) => graph.numberOf(row) as number), 'rows');
  const covered = marked(graph.closure(rows.map((row) => graph.numberOf(row) as number))).length;
  if (rows.length === 0 && graph.size > 0) return (await occupied()) ? 'behind' : 'empty';
  return covered === graph.size ? 'current' : 'behind';
}
