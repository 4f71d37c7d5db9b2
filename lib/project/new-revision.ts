import { randomBytes } from 'node:crypto';
import { RevgraphError } from '../errors/error.js';
import { buildGraph } from '../graph/build.js';
import type { Graph, GraphNode } from '../graph/graph.js';
import { planRevision } from '../plan/merge.js';
import { writeRevision } from '../revision/write.js';
import { loadProject } from './project.js';
import type { Releases } from './releases.js';
import { namingOf } from './targets.js';

export interface RevisionOptions {
  /** The folder that the file is written to. */
  readonly revisions: string;
  readonly message: string;
  /** What the new revision stands on, releases too. Default: the one head; in an empty folder, nothing. */
  readonly heads?: readonly string[] | undefined;
  readonly releases?: Releases | undefined;
  /** Allow a revision that is no head: starts a branch there. */
  readonly splice?: boolean | undefined;
  readonly dependsOn?: readonly string[] | undefined;
  readonly labels?: readonly string[] | undefined;
  /** Default: 12 random hex digits. */
  readonly id?: string | undefined;
  readonly kind?: 'sql' | 'ts' | undefined;
}

export interface NewFile {
  readonly revision: string;
  readonly revises: readonly string[];
  readonly file: string;
}

/** See `revision`. */
export async function newRevision(options: RevisionOptions): Promise<NewFile> {
  const { graph } = await loadProject(options.revisions, { allowEmpty: true });
  const { splice = false, dependsOn = [] } = options;
  const { targets, isRelease } = await named(graph, options.heads, options.releases);
  // A release is no head by mistake.
  const { revises, dependsOn: prerequisites } = planRevision(graph, targets, {
    splice: splice || isRelease,
    dependsOn,
  });
  return write(graph, options, revises, prerequisites, options.kind ?? 'sql');
}

export interface MergeOptions extends Omit<RevisionOptions, 'heads' | 'kind' | 'dependsOn'> {
  /** What to merge. Default: all heads. */
  readonly target?: string | readonly string[] | undefined;
}

/** See `merge`. */
export async function newMerge(options: MergeOptions): Promise<NewFile> {
  const { graph } = await loadProject(options.revisions);
  const typed = [options.target ?? []].flat();
  const { targets = graph.effectiveHeads, isRelease } = await named(
    graph,
    typed.length === 0 ? undefined : typed,
    options.releases,
  );
  const { revises } = planRevision(graph, targets, { splice: options.splice === true || isRelease });
  if (revises.length < 2) throw new RevgraphError('nothing_to_merge', { heads: revises });
  return write(graph, options, revises, [], 'merge');
}

/** Revisions for what was typed, which may be releases. */
async function named(
  graph: Graph,
  typed: readonly string[] | undefined,
  releases: RevisionOptions['releases'],
): Promise<{ targets: readonly string[] | undefined; isRelease: boolean }> {
  const naming = await namingOf(releases);
  return {
    targets: typed?.flatMap((one) => naming.all(graph, one)),
    isRelease: typed?.some((one) => naming.release(graph, one) !== null) ?? false,
  };
}

async function write(
  graph: Graph,
  options: Omit<RevisionOptions, 'kind'>,
  revises: readonly string[],
  dependsOn: readonly string[],
  kind: 'sql' | 'ts' | 'merge',
): Promise<NewFile> {
  const { id, message, labels = [] } = options;
  if (id !== undefined && graph.has(id))
    throw new RevgraphError('file_exists', { file: graph.get(id)?.file ?? `revision ${id}` });
  const made = id ?? randomBytes(6).toString('hex');
  // What is written must load: a file that closes a ring is refused before it is there.
  buildGraph([...nodesOf(graph), { id: made, revises, dependsOn, labels }]);
  const file = await writeRevision({
    directory: options.revisions,
    message,
    revises,
    dependsOn,
    labels,
    kind: kind === 'ts' ? 'ts' : 'sql',
    merge: kind === 'merge',
    revision: made,
  });
  return { revision: made, revises, file };
}

function nodesOf(graph: Graph): GraphNode[] {
  const bearers = new Map<string, string[]>();
  for (const [label, n] of graph.labels)
    bearers.set(graph.idOf(n), [...(bearers.get(graph.idOf(n)) ?? []), label]);
  return [...graph.revisions()].map(({ revision: id, revises, dependsOn, file }) => {
    return { id, revises, dependsOn, file, labels: bearers.get(id) ?? [] };
  });
}
