import { upgradeDatabase } from '../apply/upgrade.js';
import { checkOptions } from '../config/check-options.js';
import { withSession } from '../database/connection/connect.js';
import { runStatement } from '../database/connection/session.js';
import type { Template, ThrowAway, ThrowAways } from '../database/throwaway/template.js';
import { openThrowAways } from '../database/throwaway/throwaway.js';
import { planUpgrade } from '../plan/upgrade.js';
import { loadProject, type Project, type RevisionSource } from '../project/project.js';
import { digestOf } from '../revision/definition.js';
import { prepare } from '../run/prepare.js';
import { LIBRARY_VERSION } from '../version.js';
import type { ThrowAwayDatabase } from './throw-away-database.js';

export interface TestDatabaseOptions {
  /** A folder, a list of revisions, or the result of `loadProject`. */
  readonly revisions: RevisionSource;
  /** Default: the one head, or those of all lines. */
  readonly target?: string | readonly string[] | undefined;
  /** URL of a server whose role may create databases. Default: PGlite in memory. */
  readonly on?: string | undefined;
  /** PGlite: extensions that may be created, by their SQL names. Default: those that revisions create, or require. */
  readonly extensions?: readonly string[] | undefined;
  /** A script of SQL that is run behind the upgrade, such as rows that every test needs. Default: none. */
  readonly seed?: string | undefined;
  /** What else the database depends on, such as the version of a module that revisions import. Default: nothing. */
  readonly key?: string | undefined;
}

/** What was asked for once, by what it is asked for; what failed is tried again by the next. */
class Once<T> {
  readonly #made = new Map<string, Promise<T>>();

  get(key: string, make: () => Promise<T>): Promise<T> {
    const there = this.#made.get(key);
    if (there !== undefined) return there;
    const made = make();
    this.#made.set(key, made);
    made.catch(() => this.#made.delete(key));
    return made;
  }
}

/* A test asks in many places for the same: by their keys they are found again, and nothing else tells one call of another. */
const places = new Once<ThrowAways>();
const templates = new Once<Template>();
const needed = new Once<readonly string[]>();

/**
 * A fresh database with all revisions applied: a copy of one that was upgraded once. It is made anew when a revision, the target, the
 * seed, the key or the library changes; processes share it, on a server for a day, of PGlite in a file under
 * `node_modules/.cache/revgraph`.
 *
 * ```ts
 * const db = await createTestDatabase({ revisions: './revisions', on: process.env.TEST_SERVER });
 * onTestFinished(db.drop);
 * ```
 *
 * What a revision in code imports is no part of what is compared: name its version as `key`.
 *
 * @throws what `upgrade` throws
 */
export async function createTestDatabase(options: TestDatabaseOptions): Promise<ThrowAwayDatabase> {
  const { on, target, seed, key } = options;
  const project = await loadProject(options.revisions);
  const digests = JSON.stringify(await digestsOf(project));
  // A server has its own.
  const extensions =
    options.extensions ??
    (on === undefined ? await needed.get(digests, () => extensionsNeeded(project)) : []);
  const where = JSON.stringify([on ?? null, [...extensions].sort()]);
  const what = JSON.stringify([where, LIBRARY_VERSION, target ?? null, seed ?? null, key ?? null, digests]);
  const template = await templates.get(what, async () => {
    const place = await places.get(where, () => openThrowAways({ on, extensions }));
    return place.shared(what, (database) => fill(database, project, target, seed));
  });
  const { database, drop } = await template.copy();
  return {
    database,
    query: (sql, values) => withSession(database, {}, (session) => runStatement(session, sql, values)),
    drop,
  };
}

export async function extensionsNeeded({ graph, revisions }: Project): Promise<readonly string[]> {
  const steps = await prepare(planUpgrade(graph, [], graph.effectiveHeads), revisions);
  return [...new Set(steps.flatMap((step) => step.extensions))];
}

async function fill(
  database: ThrowAway,
  project: Project,
  target: TestDatabaseOptions['target'],
  seed: string | undefined,
): Promise<void> {
  const given = { database: database.database, revisions: project, background: 'inline' as const };
  const heads = project.graph.effectiveHeads;
  await upgradeDatabase(await checkOptions('upgrade', { ...given, target: target ?? heads }));
  if (seed !== undefined) await database.run(seed);
}

/** What every revision is, by its id: of one that is no file, its body. */
async function digestsOf({ revisions }: Project): Promise<readonly (readonly [string, string])[]> {
  return Promise.all(
    [...revisions].map(async ([id, revision]) => {
      const { revises, dependsOn } = revision;
      const digest = digestOf(revision) ?? (await revision.body()).checksum;
      return [id, JSON.stringify([revises, dependsOn, digest])] as const;
    }),
  );
}
