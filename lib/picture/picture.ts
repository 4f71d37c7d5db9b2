import { withDatabase } from '../access/open.js';
import { type Status, statusIn } from '../access/status.js';
import type { DatabaseOptions, ProjectOptions } from '../config/options.js';
import type { DatabaseSource } from '../database/connection/session.js';
import { changesOf } from '../evidence/changes.js';
import { topsOf } from '../graph/tops.js';
import { newestByRevision } from '../inspection/log.js';
import type { LogEntry } from '../inspection/log-entry.js';
import type { PICTURE } from '../options/inspection.js';
import type { OptionsOf } from '../options/option.js';
import { planUpgrade } from '../plan/upgrade.js';
import { describe, type HistoryEntry } from '../project/list.js';
import { loadProject, type Project } from '../project/project.js';
import type { Releases } from '../project/releases.js';
import { namingOf } from '../project/targets.js';

/** No database is needed; with one, or several, the picture tells where each of them stands. */
export interface PictureOptions
  extends ProjectOptions,
    Omit<Partial<DatabaseOptions>, 'revisions' | 'database'>,
    OptionsOf<typeof PICTURE> {
  readonly database?: DatabaseSource | undefined;
  /** More databases, to be shown beside the first. */
  readonly beside?: readonly DatabaseSource[] | undefined;
}

/** `unknown`: a row of the database that no file has. */
export type PictureState = 'applied' | 'pending' | 'missed' | 'edited' | 'unknown';

/** A revision in a picture. */
export interface PictureNode extends HistoryEntry {
  /** Releases that end in it, newest first. */
  readonly releases: readonly string[];
  /** On the first database; null without one. */
  readonly state: PictureState | null;
  /** Whether the first database has a row for it. */
  readonly isCurrent: boolean;
  /** Whether an upgrade to the target would run it. */
  readonly isPlanned: boolean;
  /** Facts that it added and removed; null without a catalogue, or if that is older than the revision. Only with `details`. */
  readonly adds?: readonly string[] | null | undefined;
  readonly removes?: readonly string[] | null | undefined;
}

export interface PictureEdge {
  /** The parent, or what is depended on. */
  readonly from: string;
  readonly to: string;
  readonly kind: 'revises' | 'depends-on';
}

/** Where a database stands. */
export interface PictureDatabase
  extends Pick<Status, 'database' | 'state' | 'current' | 'applied' | 'pending' | 'release'> {
  readonly missed: readonly string[];
  readonly edited: readonly string[];
  /** Rows that no file has. */
  readonly unknown: readonly string[];
  /** The newest ledger entry of each revision that has one; only with `details`. */
  readonly entries: readonly LogEntry[];
}

/** The graph of revisions as something to draw. */
export interface Picture {
  /** Parents before children; behind them rows of the first database that no file has. */
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
  readonly target: readonly string[] | null;
  readonly databases: readonly PictureDatabase[];
}

/** See `picture`. */
export async function pictureOf(options: PictureOptions): Promise<Picture> {
  const { database, beside = [], releases, target } = options;
  const project = await loadProject(options.revisions);
  const sources = [...(database === undefined ? [] : [database]), ...beside];
  const databases: PictureDatabase[] = [];
  // One after the other: a pool may have one connection, and an embedded database is opened once.
  for (const source of sources)
    databases.push(await standingOf({ ...options, database: source, revisions: project }));
  const [first] = databases;
  const naming = await namingOf(releases);
  const targets = target === undefined ? null : [naming.all(project.graph, target)].flat();
  const planned = targets === null ? [] : plannedFor(project, targets, first);
  const drawn = await nodesOf(project, { releases, first, planned });
  const nodes = options.details === true ? await withFacts(project, drawn) : drawn;
  return { nodes, edges: edgesOf(nodes), target: targets, databases };
}

async function standingOf(
  options: DatabaseOptions & { readonly details?: boolean | undefined },
): Promise<PictureDatabase> {
  return withDatabase(options, async (opened) => {
    const found = await statusIn(opened, options);
    const { database, state, current, applied, pending, release } = found;
    return {
      database,
      state,
      current,
      applied,
      pending,
      release,
      missed: found.missed.map(({ revision }) => revision),
      edited: found.edited,
      unknown: found.unknown.map(({ revision }) => revision),
      entries: options.details === true ? await newestByRevision(opened) : [],
    };
  });
}

/** What an upgrade would run, from where the first database stands, else from nothing. */
function plannedFor(
  { graph }: Project,
  targets: readonly string[],
  first: PictureDatabase | undefined,
): readonly string[] {
  const rows = topsOf(graph, first?.applied ?? []);
  return planUpgrade(graph, rows, targets).steps.map(({ revision }) => revision);
}

async function nodesOf(
  project: Project,
  about: {
    readonly releases: Releases | undefined;
    readonly first: PictureDatabase | undefined;
    readonly planned: readonly string[];
  },
): Promise<PictureNode[]> {
  const { graph } = project;
  const { first } = about;
  const ends = await releaseEnds(project, about.releases);
  const planned = new Set(about.planned);
  const current = new Set(first?.current);
  const stateOf = statesOn(first);
  const known = graph.ids.map((id) => ({
    ...describe(project, id),
    releases: ends.get(id) ?? [],
    state: stateOf(id),
    isCurrent: current.has(id),
    isPlanned: planned.has(id),
  }));
  return [...known, ...(first?.unknown ?? []).map(unknownNode)];
}

async function withFacts(project: Project, nodes: readonly PictureNode[]): Promise<PictureNode[]> {
  const changes = await changesOf(project, project.graph.ids);
  return nodes.map((node) => {
    const { adds = null, removes = null } = changes.get(node.revision) ?? {};
    return { ...node, adds, removes };
  });
}

function statesOn(first: PictureDatabase | undefined): (id: string) => PictureState | null {
  if (first === undefined) return () => null;
  const [applied, missed, edited] = [first.applied, first.missed, first.edited].map((ids) => new Set(ids));
  return (id) => {
    if (missed?.has(id)) return 'missed';
    if (edited?.has(id)) return 'edited';
    return applied?.has(id) ? 'applied' : 'pending';
  };
}

const unknownNode = (revision: string): PictureNode => ({
  revision,
  message: 'no file has it',
  labels: [],
  file: null,
  revises: [],
  dependsOn: [],
  isHead: false,
  isBase: true,
  isMergePoint: false,
  isBranchPoint: false,
  releases: [],
  state: 'unknown',
  isCurrent: true,
  isPlanned: false,
});

/** Which releases end in a revision, the newest first. */
async function releaseEnds(
  { graph }: Project,
  releases: Releases | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ends = new Map<string, string[]>();
  if (releases === undefined) return ends;
  const { newestFirst } = await import('../project/releases.js');
  for (const version of newestFirst(releases))
    for (const typed of [releases[version] ?? []].flat()) {
      const id = graph.today(typed) ?? typed;
      ends.set(id, [...(ends.get(id) ?? []), version]);
    }
  return ends;
}

function edgesOf(nodes: readonly PictureNode[]): PictureEdge[] {
  return nodes.flatMap(({ revision, revises, dependsOn }) => [
    ...revises.map((from) => ({ from, to: revision, kind: 'revises' as const })),
    ...dependsOn
      .filter((from) => !revises.includes(from))
      .map((from) => ({ from, to: revision, kind: 'depends-on' as const })),
  ]);
}
