import { isRevgraphError, type Problem, RevgraphError } from '../errors/error.js';
import { buildGraph } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import { scanRevisionFolder } from '../revision/folder.js';
import type { Revision } from '../revision/revision.js';

/** The revisions of a project and the graph that they form. */
export interface Project {
  readonly graph: Graph;
  readonly revisions: ReadonlyMap<string, Revision>;
  /** Where they were read from, and where their catalogue stands; none for revisions given as objects. */
  readonly folder?: string | undefined;
}

/** A folder of revision files, revisions given as objects (`defineRevision`), or a project that is loaded already. */
export type RevisionSource = string | readonly Revision[] | Project;

/**
 * Reads the headers of a folder and builds the graph. Runs no revision's code.
 *
 * @param options.allowEmpty a folder without a revision is a graph without one, not an error
 * @throws `directory_missing`, `directory_empty`, `graph_invalid`
 */
export async function loadProject(
  source: RevisionSource,
  options: { allowEmpty?: boolean } = {},
): Promise<Project> {
  if (typeof source === 'object' && 'graph' in source) return source;
  const { revisions: found, problems } =
    typeof source === 'string' ? await scanRevisionFolder(source) : { revisions: source, problems: [] };
  if (problems.length > 0)
    throw new RevgraphError('graph_invalid', { problems: [...problems, ...graphProblems(found)] });
  if (found.length === 0 && options.allowEmpty !== true && typeof source === 'string')
    throw new RevgraphError('directory_empty', { directory: source });
  return {
    graph: graphOf(found),
    revisions: new Map(found.map((revision) => [revision.revision, revision])),
    ...(typeof source === 'string' ? { folder: source } : {}),
  };
}

/** What is wrong with the graph beside files that can't be read; what is missing may be in one of those. */
function graphProblems(revisions: readonly Revision[]): Problem[] {
  try {
    graphOf(revisions);
    return [];
  } catch (error) {
    if (!isRevgraphError(error, 'graph_invalid')) throw error;
    return error.details.problems.filter(({ code }) => !code.startsWith('missing_'));
  }
}

/** The graph that revisions form. @throws `graph_invalid` */
export function graphOf(revisions: readonly Revision[]): Graph {
  return buildGraph(
    revisions.map(({ revision: id, header, ...rest }) => ({
      id,
      ...rest,
      formerly: header.formerly,
      replaces: header.replaces,
    })),
  );
}
