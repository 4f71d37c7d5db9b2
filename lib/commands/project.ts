import { RevgraphError } from '../errors.js';
import { buildGraph } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import { readRevisionFolder } from '../revision/folder.js';
import type { Revision } from '../revision/revision.js';

/** The revisions of a project and the graph that they form. */
export interface Project {
  readonly graph: Graph;
  readonly revisions: ReadonlyMap<string, Revision>;
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
  const found = typeof source === 'string' ? await readRevisionFolder(source) : source;
  if (found.length === 0 && options.allowEmpty !== true && typeof source === 'string')
    throw new RevgraphError('directory_empty', { directory: source });
  return {
    graph: graphOf(found),
    revisions: new Map(found.map((revision) => [revision.revision, revision])),
  };
}

/** The graph that revisions form. @throws `graph_invalid` */
export function graphOf(revisions: readonly Revision[]): Graph {
  return buildGraph(revisions.map(({ revision: id, ...rest }) => ({ id, ...rest })));
}
