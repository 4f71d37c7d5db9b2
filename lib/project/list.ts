import type { Graph, GraphRevision } from '../graph/graph.js';
import { historyRange } from '../graph/history.js';
import { BASE, lookup } from '../graph/lookup.js';
import type { Project } from './project.js';
import { loadProject, type RevisionSource } from './project.js';
import type { Releases } from './releases.js';
import { namingOf } from './targets.js';

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

/** What lists say of a revision. */
export function describe({ graph, revisions }: Project, id: string): HistoryEntry {
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

/** A branch point, and what branches off it. */
export interface BranchEntry extends RevisionEntry {
  readonly children: readonly string[];
}

/** The revisions that `pick` picks, in that order. Reads headers only. */
export async function listed(
  revisions: RevisionSource,
  pick: (graph: Graph) => readonly string[],
): Promise<RevisionEntry[]> {
  const project = await loadProject(revisions);
  return entries(project, pick(project.graph));
}

/** See `branches`. */
export async function listBranches(revisions: RevisionSource): Promise<BranchEntry[]> {
  const project = await loadProject(revisions);
  const { graph } = project;
  return entries(project, graph.branchPoints).map((entry) => ({
    ...entry,
    children: graph.idsOf(graph.successors[graph.numberOf(entry.revision) as number] ?? []),
  }));
}

/** The tip of a line that another line depends on, and what does. */
export interface TipEntry extends RevisionEntry {
  readonly neededBy: readonly string[];
}

/** See `tips`. */
export async function listTips(revisions: RevisionSource): Promise<TipEntry[]> {
  const project = await loadProject(revisions);
  const { graph } = project;
  const heads = new Set(graph.effectiveHeads);
  return entries(
    project,
    graph.heads.filter((id) => !heads.has(id)),
  ).map((entry) => ({
    ...entry,
    neededBy: graph.idsOf(graph.children[graph.numberOf(entry.revision) as number] ?? []),
  }));
}

/** What lists of a part of the graph need. Only what asks for `current` reads the rows of a database. */
export interface Listing {
  readonly project: Project;
  readonly releases: Releases | undefined;
  readonly rows: () => Promise<readonly string[]>;
}

/** Revisions of a range, newest first. */
export async function listRange(
  range: string,
  { project, releases, rows }: Listing,
): Promise<HistoryEntry[]> {
  const current = /(^|:)current(:|$)/.test(range.trim()) ? await rows() : [];
  const naming = await namingOf(releases);
  const named = range
    .split(':')
    .map((end) => (end.trim() === '' ? end : naming.one(project.graph, end.trim())))
    .join(':');
  return historyRange(project.graph, named, current).map((id) => describe(project, id));
}

/** Ids that targets name, in the order in which they are named, each once. */
export async function namedIds(
  targets: readonly string[],
  { project, releases, rows }: Listing,
): Promise<string[]> {
  const naming = await namingOf(releases);
  const found: string[] = [];
  for (const target of targets.flatMap((typed) => naming.all(project.graph, typed))) {
    if (target === 'current') found.push(...(await rows()));
    else found.push(...project.graph.idsOf(lookup(project.graph, target).filter((n) => n !== BASE)));
  }
  return [...new Set(found)];
}
