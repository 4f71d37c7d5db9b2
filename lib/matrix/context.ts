import { upgradeDatabase } from '../apply/upgrade.js';
import { readFactRows } from '../database/catalog/introspect.js';
import { withSession } from '../database/connection/connect.js';
import { ended } from '../database/connection/ended.js';
import { readDriverError } from '../database/connection/failure.js';
import type { DatabaseSource } from '../database/connection/session.js';
import type { Template, ThrowAway, ThrowAways } from '../database/throwaway/template.js';
import { openThrowAways } from '../database/throwaway/throwaway.js';
import { RevgraphError } from '../errors/error.js';
import { fittingCatalogue } from '../evidence/catalogue-fit.js';
import { type Catalogue, expectedFacts, type Known, knownBy } from '../fingerprint/catalogue.js';
import { isComment, type Snapshot, subjectOf, toSnapshot } from '../fingerprint/fact.js';
import { planUpgrade } from '../plan/upgrade.js';
import { loadProject, type Project } from '../project/project.js';
import { namingOf } from '../project/targets.js';
import { prepare } from '../run/prepare.js';
import { splitStatements } from '../sql/statements.js';
import type { MatrixOptions } from './result.js';
import {
  casesOf,
  extensionsOf,
  type MatrixCase,
  readStarts,
  type Start,
  type StartScript,
} from './starts.js';

/** What all paths of a matrix share. */
export interface MatrixContext {
  readonly options: MatrixOptions;
  readonly project: Project;
  readonly cases: readonly MatrixCase[];
  readonly place: ThrowAways;
  readonly startOf: (name: string) => Start;
  /** A database of its own, as the start is. */
  readonly restore: (start: Start) => Promise<ThrowAway>;
  /** What a fresh install has that holds these rows, from the cache if somebody asked before. */
  readonly reference: (rows: readonly string[]) => Promise<Snapshot>;
  /** What the catalogue records for these rows: a fresh install itself is compared with it. */
  readonly recorded: (rows: readonly string[]) => Snapshot;
  /** What of a database the revisions know, and how much they don't. */
  readonly observe: (database: DatabaseSource) => Promise<{ known: Snapshot; foreign: number }>;
  /** A target as `upgrade` takes it: releases as their revisions. */
  readonly targetOf: (name: string) => string | readonly string[];
}

/**
 * Reads and checks everything before anything is made.
 * @throws `usage`, `catalogue_missing`, `catalogue_stale`, what is wrong with the revisions and with the scripts
 */
export async function prepareMatrix(given: MatrixOptions): Promise<MatrixContext> {
  const project = await loadProject(given.revisions);
  const options = { ...given, releases: await wholeReleases(project, given.releases) };
  const cases = casesOf(options);
  const starts = readStarts(options, new Set(cases.map(({ start }) => start)));
  const catalogue = await fittingCatalogue(project);
  const naming = await namingOf(options.releases);
  const targetOf = (name: string): string | readonly string[] => naming.all(project.graph, name);
  const plans = [...new Set(['heads', ...cases.map(({ target }) => target)])].map((target) =>
    planUpgrade(project.graph, [], targetOf(target)),
  );
  const steps = await prepare(plans[0] as (typeof plans)[number], project.revisions);
  const extensions = await extensionsOf(starts.values());
  for (const step of steps) for (const name of step.extensions) extensions.add(name);
  const place = await openThrowAways({ ...options, extensions: [...extensions] });
  return contextOn({ options, cases, project, place, targetOf }, starts, catalogue);
}

/** A release that ends within a squash can't be replayed: its databases are starts of their own, or go through an older product. */
async function wholeReleases(
  { graph }: Project,
  releases: MatrixOptions['releases'],
): Promise<MatrixOptions['releases']> {
  if (releases === undefined || graph.squashes.size === 0) return releases;
  const { isWhole } = await import('../project/releases.js');
  return Object.fromEntries(Object.entries(releases).filter(([key]) => isWhole(graph, releases, key)));
}

function contextOn(
  base: Pick<MatrixContext, 'options' | 'cases' | 'project' | 'place' | 'targetOf'>,
  starts: ReadonlyMap<string, Start>,
  catalogue: Catalogue,
): MatrixContext {
  const { options, project, place, cases } = base;
  const { graph } = project;
  const known = knownBy(catalogue);
  const severalTargets = new Set(cases.map(({ target }) => target)).size > 1;
  const templates = new Map<string, Promise<Template>>();
  const references = new Map<string, Promise<Snapshot>>();
  const observe = async (database: DatabaseSource): Promise<{ known: Snapshot; foreign: number }> => {
    const facts = await withSession(database, {}, (session) => readFactRows(session, options.versionTable));
    return comparable(toSnapshot(facts), known);
  };
  const restore = (start: Start): Promise<ThrowAway> => build(base, start);
  const copy = async (start: Start): Promise<ThrowAway> => {
    const template = templates.get(start.name) ?? restore(start).then(place.keep);
    templates.set(start.name, template);
    return (await template).copy();
  };
  const install = async (rows: readonly string[]): Promise<Snapshot> => {
    const database = await place.fresh();
    return ended(
      async () => {
        await upgradeTo(base, database.database, rows);
        return (await observe(database.database)).known;
      },
      () => database.drop(),
    );
  };
  return {
    ...base,
    startOf: (name) => starts.get(name) as Start,
    restore: severalTargets ? copy : restore,
    reference: (rows) => {
      const key = [...rows].sort().join();
      const found = references.get(key) ?? install(rows);
      references.set(key, found);
      return found;
    },
    recorded: (rows) => {
      const applied = graph.closureOf(rows);
      return comparable(expectedFacts(graph, catalogue, applied), known).known;
    },
    observe,
  };
}

/**
 * Comments are left out: a database that was restored without them, or commented by hand, has the same schema, and nothing
 * that runs depends on them.
 */
function comparable(facts: Snapshot, known: Known): { known: Snapshot; foreign: number } {
  const schema = [...facts].filter((fact) => !isComment(fact));
  const inside = new Set(schema.filter((fact) => known.subjects.has(subjectOf(fact))));
  return { known: inside, foreign: schema.length - inside.size };
}

async function build(
  { options, project, place }: Pick<MatrixContext, 'options' | 'project' | 'place'>,
  start: Start,
): Promise<ThrowAway> {
  const database = await place.fresh();
  try {
    for (const script of start.scripts) await runScript(database, script);
    if (start.revisions.length > 0) await upgradeTo({ options, project }, database.database, start.revisions);
    return database;
  } catch (error) {
    await database.drop().catch(() => {
      // Dropped with everything else at the end; why it could not be restored matters more.
    });
    throw error;
  }
}

async function upgradeTo(
  { options, project }: Pick<MatrixContext, 'options' | 'project'>,
  database: DatabaseSource,
  rows: readonly string[],
): Promise<void> {
  if (rows.length === 0) return;
  const { versionTable, schema, signal } = options;
  await upgradeDatabase({
    revisions: project,
    database,
    versionTable,
    schema,
    signal,
    target: rows,
    background: 'inline',
  });
}

async function runScript(database: ThrowAway, { file, sql }: StartScript): Promise<void> {
  // PostgreSQL's parser says where a script is wrong better than the server says of one long call.
  await splitStatements(sql, { file, line: 1 });
  try {
    await database.run(sql);
  } catch (error) {
    const { message, sqlstate, position } = readDriverError((error as Error).cause ?? error);
    const line = position === null ? null : sql.slice(0, position - 1).split('\n').length;
    throw new RevgraphError('restore_failed', { file, line, sqlstate, reason: message }, { cause: error });
  }
}
