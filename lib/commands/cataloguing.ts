import { readFactRows } from '../database/introspect.js';
import type { Session } from '../database/session.js';
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
  const plan = planOtherOrder(project.graph);
  // A database can be replayed on once; the other order has one of its own.
  const other =
    plan === null
      ? usual
      : await replay(project, { ...options, database: undefined, onEvent: undefined }, plan);
  assertSameEnd(project, usual, other);
  const entries = await Promise.all(
    project.graph.ids.map(async (revision): Promise<RecordedEntry> => {
      const body = await project.revisions.get(revision)?.body();
      return {
        revision,
        parents: parentsOf(project.graph, revision),
        checksum: body?.checksum ?? '',
        ...common(usual.effects.get(revision), other.effects.get(revision)),
      };
    }),
  );
  const file = catalogueFile(options.revisions);
  writeCatalogue(file, entries);
  return { file, entries };
}

interface Effect {
  readonly adds: readonly string[];
  readonly removes: readonly string[];
}

interface Replayed {
  readonly order: readonly string[];
  readonly effects: ReadonlyMap<string, Effect>;
  readonly end: Snapshot;
}

/** Runs a plan from base on a database of its own, every revision once, and notes what each changes. */
async function replay(project: Project, options: CatalogueOptions, plan: Plan): Promise<Replayed> {
  const effects = new Map<string, Effect>();
  let before: Snapshot = new Set();
  const run = {
    revisions: project,
    database: options.database ?? 'pglite:memory',
    onEvent: options.onEvent,
    signal: options.signal,
  };
  const read = async (session: Session): Promise<Snapshot> => toSnapshot(await readFactRows(session));
  await change(run, () => plan, 'revgraph catalogue build', {
    look: async ({ session, table }) => {
      before = await read(session);
      if (!table.exists && before.size === 0) return;
      throw new RevgraphError('usage', {
        message: 'A catalogue is built on an empty database, and this one is not.',
        hint: 'Leave the database out: an embedded one in memory serves.',
      });
    },
    watch: async (revision, session) => {
      const after = await read(session);
      const { missing: removes, unexpected: adds } = difference(before, after);
      effects.set(revision, { adds, removes });
      before = after;
    },
  });
  return { order: plan.steps.map((step) => step.revision), effects, end: before };
}

/**
 * What a revision did in either order. What it did in one only (`CREATE … IF NOT EXISTS` on two lines: whoever comes first)
 * shows no single revision, and is left out.
 */
function common(one: Effect | undefined, other: Effect | undefined): Effect {
  const both = (some: readonly string[] = [], more: readonly string[] = []): string[] => {
    const there = new Set(more);
    return some.filter((fact) => there.has(fact));
  };
  return { adds: both(one?.adds, other?.adds), removes: both(one?.removes, other?.removes) };
}

function assertSameEnd({ graph }: Project, usual: Replayed, other: Replayed): void {
  const { missing, unexpected } = difference(usual.end, other.end);
  if (missing.length + unexpected.length === 0) return;
  throw new RevgraphError('order_matters', { orders: [[...graph.ids], other.order], missing, unexpected });
}

/** See `checkCatalogue`. */
export async function checkProject({ revisions }: CatalogueOptions): Promise<CatalogueCheck> {
  const project = await loadProject(revisions);
  const file = catalogueFile(revisions);
  const stale = await compareCatalogue(project, await readCatalogue(file));
  return { ok: stale.length === 0, file, stale };
}
