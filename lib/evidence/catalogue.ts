import { applyPlan } from '../apply/apply.js';
import { readFactRows } from '../database/catalog/introspect.js';
import type { DatabaseSource, Session } from '../database/connection/session.js';
import { RevgraphError } from '../errors/error.js';
import { list } from '../errors/words.js';
import { contestedSubjects, type Effect } from '../fingerprint/contested.js';
import { datedNames } from '../fingerprint/dated.js';
import { difference, type Snapshot, subjectOf, toSnapshot } from '../fingerprint/fact.js';
import { FactsByName } from '../fingerprint/remade.js';
import type { Plan } from '../plan/plan.js';
import { planOtherOrder, planUpgrade } from '../plan/upgrade.js';
import { loadProject, type Project } from '../project/project.js';
import type { Revision } from '../revision/revision.js';
import { listenTo } from '../run/events.js';
import type { StepOptions } from '../run/options.js';
import { catalogueFile, type RecordedEntry, readCatalogueFile, writeCatalogue } from './catalogue-file.js';
import type { CatalogueCheck } from './catalogue-fit.js';
import { compareCatalogue } from './catalogue-fit.js';
import { effectsOfRevision, madeByRevision, textsOf, unseenOf } from './rewrites.js';

/** See `buildCatalogue`. */
export async function replayGraph(
  options: CatalogueOptions,
): Promise<{ file: string; entries: readonly RecordedEntry[] }> {
  const project = await loadProject(options.revisions);
  const usual = await replay(project, options, planUpgrade(project.graph, [], 'heads'));
  const plan = planOtherOrder(project.graph);
  // A database can be replayed on once; the other order has one of its own.
  const other =
    plan === null
      ? usual
      : await replay(project, { ...options, database: undefined, onEvent: undefined }, plan);
  assertSameEnd(project, usual, other);
  const contested = contestedSubjects(project.graph, [usual.effects, other.effects]);
  const texts = await textsIn(project);
  const dated = datedNames(usual.effects, new Date(), (revision) => texts.get(revision) ?? '');
  const isEvidence = (fact: string): boolean =>
    !contested.has(subjectOf(fact)) && !dated.has(subjectOf(fact));
  const sharedBy = (revision: string): string[] => {
    const effects = [usual, other].flatMap((replayed) => replayed.effects.get(revision) ?? []);
    const subjects = effects.flatMap(({ adds, removes }) => [...adds, ...removes].map(subjectOf));
    return [...new Set(subjects)].filter((subject) => contested.has(subject) || dated.has(subject)).sort();
  };
  const clear = (facts: readonly string[] = []): string[] => facts.filter(isEvidence);
  const entries = await Promise.all(
    project.graph.ids.map(async (revision): Promise<RecordedEntry> => {
      const file = project.revisions.get(revision) as Revision;
      const body = await file.body();
      const effect = usual.effects.get(revision);
      return {
        revision,
        parents: project.graph.parentsOf(revision),
        checksum: body.checksum,
        adds: clear(effect?.adds),
        removes: clear(effect?.removes),
        shared: sharedBy(revision),
        remakes: clear(usual.remakes.get(revision)),
        unseen: unseenOf(await effectsOfRevision(file)),
      };
    }),
  );
  const file = catalogueFile(options.revisions);
  writeCatalogue(file, entries);
  const emit = listenTo(options.onEvent);
  const unusable = (why: string, objects: ReadonlySet<string>): void => {
    if (objects.size > 0)
      emit({
        type: 'warning',
        message: `not usable as evidence, because ${why}: ${list([...objects].sort(), 8)}`,
      });
  };
  unusable('revisions on different branches create or drop it', contested);
  unusable('its name is made from the date, and the next replay makes another', dated);
  return { file, entries };
}

/** What revisions run, as text. */
async function textsIn({ revisions }: Project): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const [id, revision] of revisions) {
    const { sql, code } = await textsOf(revision);
    texts.set(id, [...sql, ...code].join('\n'));
  }
  return texts;
}

interface Replayed {
  readonly order: readonly string[];
  readonly effects: ReadonlyMap<string, Effect>;
  /** Facts of objects that were there before a revision, and that it makes as well. */
  readonly remakes: ReadonlyMap<string, readonly string[]>;
  readonly end: Snapshot;
}

/** Runs a plan from base on a database of its own, every revision once, and notes what each changes. */
async function replay(project: Project, options: CatalogueOptions, plan: Plan): Promise<Replayed> {
  const effects = new Map<string, Effect>();
  const remakes = new Map<string, readonly string[]>();
  const byName = new FactsByName();
  let before: Snapshot = new Set();
  const run = {
    revisions: project,
    database: options.database ?? 'pglite:memory',
    onEvent: options.onEvent,
    signal: options.signal,
    verify: false,
  } as const;
  const read = async (session: Session): Promise<Snapshot> => toSnapshot(await readFactRows(session));
  await applyPlan(run, { direction: plan.direction, plan: () => plan }, 'revgraph catalogue build', {
    look: async ({ session, table }) => {
      before = await read(session);
      if (!table.exists && before.size === 0) return;
      throw new RevgraphError('database_not_empty', {});
    },
    watch: async (revision, session) => {
      const after = await read(session);
      const { missing: removes, unexpected: adds } = difference(before, after);
      effects.set(revision, { adds, removes });
      before = after;
      byName.apply({ adds, removes });
      const made = await madeByRevision(project.revisions.get(revision) as Revision);
      remakes.set(revision, byName.madeAgain(made, { adds, removes }));
    },
  });
  return { order: plan.steps.map((step) => step.revision), effects, remakes, end: before };
}

function assertSameEnd({ graph }: Project, usual: Replayed, other: Replayed): void {
  const { missing, unexpected } = difference(usual.end, other.end);
  if (missing.length + unexpected.length === 0) return;
  throw new RevgraphError('order_matters', { orders: [[...graph.ids], other.order], missing, unexpected });
}

const EARLIER =
  'an earlier version of revgraph recorded the catalogue, which knew less. Rebuild it with `revgraph catalogue build`';

/** See `checkCatalogue`. */
export async function checkProject({ revisions }: CatalogueOptions): Promise<CatalogueCheck> {
  const project = await loadProject(revisions);
  const file = catalogueFile(revisions);
  const { entries, earlier } = await readCatalogueFile(file);
  const stale = await compareCatalogue(project, entries);
  if (earlier) for (const revision of project.graph.ids.slice(0, 1)) stale.push({ revision, why: EARLIER });
  return { ok: stale.length === 0, file, stale };
}

export interface CatalogueOptions {
  /** The folder of the revisions, which also has the catalogue. */
  readonly revisions: string;
  /** An empty database to build on. Default: an embedded one in memory. */
  readonly database?: DatabaseSource | undefined;
  readonly onEvent?: StepOptions['onEvent'];
  readonly signal?: AbortSignal | undefined;
}

export interface CatalogueBuild {
  readonly file: string;
  readonly entries: readonly RecordedEntry[];
}
