import type { Graph } from '../graph/graph.js';
import type { DatabaseOptions } from './options.js';
import { surelyPending } from './pending.js';

/**
 * `empty`: no version table, no tables · `legacy`: tables, but no version table · `behind`: revisions are pending ·
 * `current`: nothing pending · `ahead`: the version table holds ids that the graph doesn't have
 */
export type State = 'empty' | 'legacy' | 'behind' | 'current' | 'ahead';

/**
 * The same for whoever looks at the schema as well. `contradicted`: the version table claims what the schema denies ·
 * `unidentified`: no version table, and the schema does not tell which revisions it has
 */
export type FoundState = State | 'contradicted' | 'unidentified';

export interface Status {
  readonly state: State;
  /** Rows of the version table. */
  readonly current: readonly string[];
  /** Heads of the graph. */
  readonly heads: readonly string[];
  /** Revisions that `upgrade heads` would run, in order. */
  readonly pending: readonly string[];
  /** The release that the rows stand for; null between releases, and where none are configured. */
  readonly release: string | null;
  /** Revisions whose backfill in the background is not finished. */
  readonly backfills: readonly string[];
  /** The version table, and where it is. */
  readonly versionTable: string;
  readonly database: string;
}

/** Where a database is and what is pending. Creates nothing and takes no lock. */
export async function status(options: DatabaseOptions): Promise<Status> {
  const [{ withDatabase }, { stateOf }, { releaseOfRows }, { unfinishedIn }] = await Promise.all([
    import('./open.js'),
    import('./state.js'),
    import('./release-name.js'),
    import('./held.js'),
  ]);
  return withDatabase(options, async (opened) => {
    const { project, session, rows, table } = opened;
    const { graph } = project;
    const state = await stateOf(opened);
    return {
      state,
      current: [...rows].sort(),
      heads: graph.heads,
      pending: state === 'ahead' ? surelyPending(graph, rows) : pendingOf(graph, rows),
      release: await releaseOfRows(graph, options.releases, rows),
      backfills: await unfinishedIn({ ...opened, schema: table.schema }),
      versionTable: table.name,
      database: session.label,
    };
  });
}

function pendingOf(graph: Graph, rows: readonly string[]): string[] {
  const applied = graph.closureOf(rows);
  return graph.ids.filter((_, n) => applied[n] !== 1);
}
