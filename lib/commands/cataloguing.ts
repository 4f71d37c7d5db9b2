import { readFactRows } from '../database/introspect.js';
import { RevgraphError } from '../errors.js';
import { difference, type Snapshot, toSnapshot } from '../fingerprint/fact.js';
import type { Plan } from '../plan/plan.js';
import { planOtherOrder, planUpgrade } from '../plan/upgrade.js';
import type { CatalogueCheck, CatalogueOptions } from './catalogue.js';
import { catalogueFile, type RecordedEntry, readCatalogue, writeCatalogue } from './catalogue-file.js';
import { compareCatalogue } from './catalogue-fit.js';
import { change } from './change.js';
import { parentsOf } from './parents.js';
import { loadProject, type Project } from './project.js';

/** See `buildCatalogue`. */
export async function replayGraph(
  options: CatalogueOptions,
): Promise<{ file: string; entries: readonly RecordedEntry[] }> {
  const project = await loadProject(options.revisions);
  const usual = await replay(project, options, planUpgrade(project.graph, [], 'heads'));
  const other = planOtherOrder(project.graph);
  if (other !== null) await assertSameEnd(project, options, usual.end, other);
  const entries = await Promise.all(
    project.graph.ids.map(async (revision): Promise<RecordedEntry> => {
      const body = await project.revisions.get(revision)?.body();
      const { adds, removes } = usual.effects.get(revision) ?? { adds: [], removes: [] };
      return {
        revision,
        parents: parentsOf(project.graph, revision),
        checksum: body?.checksum ?? '',
        adds,
        removes,
      };
    }),
  );
  const file = catalogueFile(options.revisions);
  writeCatalogue(file, entries);
  return { file, entries };
}

interface Replayed {
  readonly effects: ReadonlyMap<string, { adds: readonly string[]; removes: readonly string[] }>;
  readonly end: Snapshot;
}

/** Runs a plan from base on a database of its own, every revision once, and notes what each changes. */
async function replay(project: Project, options: CatalogueOptions, plan: Plan): Promise<Replayed> {
  const effects = new Map<string, { adds: readonly string[]; removes: readonly string[] }>();
  let before: Snapshot = new Set();
  const run = {
    revisions: project,
    database: options.database ?? 'pglite:memory',
    onEvent: options.onEvent,
    signal: options.signal,
  };
  await change(run, () => plan, 'revgraph catalogue build', {
    watch: async (revision, session) => {
      const after = toSnapshot(await readFactRows(session));
      const { missing: removes, unexpected: adds } = difference(before, after);
      effects.set(revision, { adds, removes });
      before = after;
    },
  });
  return { effects, end: before };
}

async function assertSameEnd(
  project: Project,
  options: CatalogueOptions,
  usual: Snapshot,
  other: Plan,
): Promise<void> {
  const { end } = await replay(project, { ...options, onEvent: undefined }, other);
  const { missing, unexpected } = difference(usual, end);
  if (missing.length + unexpected.length === 0) return;
  throw new RevgraphError('order_matters', {
    orders: [[...project.graph.ids], other.steps.map((step) => step.revision)],
    missing,
    unexpected,
  });
}

/** See `checkCatalogue`. */
export async function checkProject({ revisions }: CatalogueOptions): Promise<CatalogueCheck> {
  const project = await loadProject(revisions);
  const file = catalogueFile(revisions);
  const stale = await compareCatalogue(project, await readCatalogue(file));
  return { ok: stale.length === 0, file, stale };
}
