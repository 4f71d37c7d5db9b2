import { factQuery } from '../../database/catalog/fact-query.js';
import { embeddedCache } from '../../database/connection/instance.js';
import { dropAfter, openThrowAways } from '../../database/throwaway/throwaway.js';
import type { Plan } from '../../plan/plan.js';
import type { Project } from '../../project/project.js';
import type { Revision } from '../../revision/revision.js';
import { prepare } from '../../run/prepare.js';
import { LIBRARY_VERSION } from '../../version.js';
import { textsOf } from '../rewrites.js';
import type { ReplayState } from './kept-replays.js';
import { NotAsKept, Replay, type ReplayOptions } from './one-replay.js';
import { replayKeys } from './replay-keys.js';
import { type Replayed, toReplayed } from './replayed.js';

/** Raised whenever what is noted of a step becomes something else. */
const FORM = 1;

/** What all keys begin with; null where nothing can be kept. */
export async function keysBegin(): Promise<{ begun: string; folder: string } | null> {
  const cache = await embeddedCache();
  if (cache === null) return null;
  return {
    begun: JSON.stringify([FORM, LIBRARY_VERSION, cache.version, factQuery("'revgraph_version'")]),
    folder: cache.folder,
  };
}

/**
 * Runs a plan from base on a database of its own, every revision once, and notes what each changes. What an earlier build has
 * kept of it is not run again.
 *
 * @param begun see {@link keysBegin}
 * @throws `step_failed`, `requirement_unmet` or `check_failed` with the place in the replay
 */
export async function replay(
  project: Project,
  plan: Plan,
  begun: string,
  options: ReplayOptions,
): Promise<Replayed> {
  const keys = options.kept === null ? [] : replayKeys(project, plan, begun);
  const found = (await options.kept?.furthest(keys)) ?? null;
  if (found?.state.steps.length === plan.steps.length)
    return toReplayed(found.state.steps, plan.steps.length);
  if (found !== null) {
    const dump = await found.dump().catch(() => null);
    const went =
      dump === null ? null : await goOn(project, plan, { state: found.state, dump }, keys, options);
    if (went !== null) return went;
    await options.kept?.forget(keys[found.state.steps.length] as string);
  }
  return begin(project, plan, keys, options);
}

const NOTHING: ReplayState = { steps: [], extensions: [], ms: 0 };

async function begin(
  project: Project,
  plan: Plan,
  keys: readonly string[],
  options: ReplayOptions,
): Promise<Replayed> {
  if (options.database !== undefined)
    return new Replay(project, plan, NOTHING, keys, options).run(options.database, null);
  const extensions = await extensionsOf(project, plan);
  const place = await openThrowAways({ on: options.on, extensions });
  return dropAfter(place, async () => {
    const database = await place.fresh();
    return new Replay(project, plan, { ...NOTHING, extensions }, keys, options).run(
      database.database,
      database,
    );
  });
}

/** @returns null where the dump is not what was noted of it */
async function goOn(
  project: Project,
  plan: Plan,
  { state, dump }: { state: ReplayState; dump: Uint8Array },
  keys: readonly string[],
  options: ReplayOptions,
): Promise<Replayed | null> {
  const rest = { ...plan, steps: plan.steps.slice(state.steps.length) };
  const extensions = [...new Set([...state.extensions, ...(await extensionsOf(project, rest))])];
  const place = await openThrowAways({ extensions });
  return dropAfter(place, async () => {
    const database = await place.load?.(dump).catch(() => null);
    if (database == null) return null;
    const rest = new Replay(project, plan, { ...state, extensions }, keys, options);
    return rest.run(database.database, database).catch((error: unknown) => {
      if (error instanceof NotAsKept) return null;
      throw error;
    });
  });
}

/** Extensions that a plan creates or requires. Only what may name one is parsed for that. */
async function extensionsOf({ revisions }: Project, plan: Plan): Promise<string[]> {
  const steps = [];
  for (const step of plan.steps) {
    const revision = revisions.get(step.revision) as Revision;
    const { sql, code } = await textsOf(revision);
    const isNamed = [...sql, ...code].some((text) => /extension/i.test(text));
    if (isNamed || revision.header.requires.some(({ kind }) => kind === 'extension')) steps.push(step);
  }
  const prepared = await prepare({ ...plan, steps }, revisions);
  return [...new Set(prepared.flatMap((step) => step.extensions))];
}
