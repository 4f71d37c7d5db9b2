import type { DatabaseSource } from '../database/session.js';
import { RevgraphError } from '../errors.js';
import type { Graph, GraphRevision } from '../graph/graph.js';
import { historyRange } from '../graph/history.js';
import { BASE, lookup } from '../graph/lookup.js';
import { namingOf } from './naming.js';
import type { DatabaseOptions, ProjectOptions } from './options.js';
import { loadProject, type Project } from './project.js';

/** A revision as lists show it. */
export interface RevisionEntry {
  readonly revision: string;
  readonly message: string;
  readonly labels: readonly string[];
  readonly file: string | null;
}

/** A revision as `history` and `show` give it. */
export interface HistoryEntry extends RevisionEntry {
  readonly revises: readonly string[];
  readonly dependsOn: readonly string[];
  readonly isHead: boolean;
  readonly isBase: boolean;
  readonly isMergePoint: boolean;
  readonly isBranchPoint: boolean;
}

function describe({ graph, revisions }: Project, id: string): HistoryEntry {
  const { isHead, isBase, isMergePoint, isBranchPoint, ...rest } = graph.get(id) as GraphRevision;
  const { revision, revises, dependsOn, labels, file } = rest;
  const message = revisions.get(id)?.message ?? '';
  return { revision, revises, dependsOn, labels, message, file, isHead, isBase, isMergePoint, isBranchPoint };
}

function entries(project: Project, ids: readonly string[]): RevisionEntry[] {
  return ids.map((id) => {
    const { revision, message, labels, file } = describe(project, id);
    return { revision, message, labels, file };
  });
}

async function listed(
  options: ProjectOptions,
  pick: (graph: Graph) => readonly string[],
): Promise<RevisionEntry[]> {
  const project = await loadProject(options.revisions);
  return entries(project, pick(project.graph));
}

/** Revisions that nothing revises. Reads headers only. */
export function heads(options: ProjectOptions): Promise<RevisionEntry[]> {
  return listed(options, (graph) => graph.heads);
}

/** Revisions that revise nothing. */
export function bases(options: ProjectOptions): Promise<RevisionEntry[]> {
  return listed(options, (graph) => graph.bases);
}

/** A branch point, and what branches off it. */
export interface BranchEntry extends RevisionEntry {
  readonly children: readonly string[];
}

/** Revisions that more than one revision revises. */
export async function branches(options: ProjectOptions): Promise<BranchEntry[]> {
  const project = await loadProject(options.revisions);
  const { graph } = project;
  return entries(project, graph.branchPoints).map((entry) => ({
    ...entry,
    children: graph.idsOf(graph.successors[graph.numberOf(entry.revision) as number] ?? []),
  }));
}

/** What asks for `current` needs a database; everything else doesn't. */
export interface HistoryOptions extends ProjectOptions, Omit<Partial<DatabaseOptions>, 'revisions'> {
  /** `A:B`, `A:`, `:B`, both ends included. Default: everything. */
  readonly range?: string | undefined;
  readonly database?: DatabaseSource;
}

/** Revisions of a range, newest first. */
export async function history(options: HistoryOptions): Promise<HistoryEntry[]> {
  const project = await loadProject(options.revisions);
  const range = options.range ?? ':';
  const rows = /(^|:)current(:|$)/.test(range.trim()) ? await rowsOf(options, project) : [];
  const naming = await namingOf(options.releases);
  const named = range
    .split(':')
    .map((end) => (end.trim() === '' ? end : naming.one(project.graph, end.trim())))
    .join(':');
  return historyRange(project.graph, named, rows).map((id) => describe(project, id));
}

/** What a revision changed in the schema, as its catalogue tells. */
export interface ShownRevision extends HistoryEntry {
  /** Facts that it added and removed; null without a catalogue, or where that is older than the revision. */
  readonly adds: readonly string[] | null;
  readonly removes: readonly string[] | null;
}

/** The revisions that targets name, in the order in which they are named, with what each changed. */
export async function show(
  options: Omit<HistoryOptions, 'range'> & { targets: readonly string[] },
): Promise<ShownRevision[]> {
  const project = await loadProject(options.revisions);
  const naming = await namingOf(options.releases);
  const found: string[] = [];
  for (const target of options.targets.flatMap((typed) => naming.all(project.graph, typed))) {
    if (target === 'current') found.push(...(await rowsOf(options, project)));
    else found.push(...project.graph.idsOf(lookup(project.graph, target).filter((n) => n !== BASE)));
  }
  const { changesOf } = await import('./changes.js');
  const changes = await changesOf(project, found);
  return [...new Set(found)].map((id) => {
    const { adds, removes } = changes.get(id) ?? { adds: null, removes: null };
    return { ...describe(project, id), adds, removes };
  });
}

async function rowsOf(options: Omit<HistoryOptions, 'range'>, project: Project): Promise<readonly string[]> {
  const { database, ...rest } = options;
  if (database === undefined)
    throw new RevgraphError('database_missing_option', { variable: 'DATABASE_URL' });
  const { withDatabase } = await import('./open.js');
  return withDatabase({ ...rest, database, revisions: project }, async ({ rows }) => rows);
}
