import type { DatabaseSource } from '../../database/connection/session.js';
import { RevgraphError } from '../../errors/error.js';
import { list } from '../../errors/words.js';
import { contestedSubjects } from '../../fingerprint/contested.js';
import { difference } from '../../fingerprint/fact.js';
import { listenTo } from '../../listeners/listen.js';
import type { CATALOGUE_BUILD } from '../../options/files.js';
import type { OptionsOf } from '../../options/option.js';
import { planOtherOrder, planUpgrade } from '../../plan/upgrade.js';
import { catalogueFile } from '../../project/catalogue-place.js';
import { loadProject, type Project } from '../../project/project.js';
import type { StepOptions } from '../../run/options.js';
import { type RecordedEntry, writeCatalogue } from '../catalogue-file.js';
import { toEntries } from './entries.js';
import { keptReplays } from './kept-replays.js';
import type { ReplayOptions } from './one-replay.js';
import { keysBegin, replay } from './replay.js';
import type { Replayed } from './replayed.js';
import { withoutSkipped } from './skipped.js';

/** What takes less is replayed again in less time than it takes to keep it and to take it up. */
const KEEP_FROM_MS = 2500;

/**
 * See `buildCatalogue`.
 * @param keeping `fromMs`: a replay that takes less time is not kept, default 2,500; `folder`: where, default beside PGlite
 */
export async function replayGraph(
  options: CatalogueOptions,
  { fromMs: keepFromMs = KEEP_FROM_MS, folder: keptIn }: { fromMs?: number; folder?: string } = {},
): Promise<CatalogueBuild> {
  const { revisions: folder, database, on, onEvent, logger, signal, anew = false } = options;
  const project = await loadProject(folder);
  const { graph } = project;
  const replayed = withoutSkipped(project);
  const cache = database !== undefined || on !== undefined || anew ? null : await keysBegin();
  const kept = cache === null ? null : await keptReplays(keptIn ?? cache.folder, folder);
  const begun = cache?.begun ?? '';
  const how: ReplayOptions = { order: 'usual', on, kept, keepFromMs, signal };
  const plan = planUpgrade(graph, [], 'heads');
  const usual = await replay(replayed, plan, begun, { ...how, database, onEvent, logger });
  const second = planOtherOrder(graph);
  // A database can be replayed on once; the other order has one of its own.
  const other = second === null ? usual : await replay(replayed, second, begun, { ...how, order: 'other' });
  assertSameEnd(project, usual, other);
  const contested = contestedSubjects(graph, [usual.steps, other.steps]);
  const dated = new Set(
    [usual, other].flatMap(({ steps }) => [...steps.values()].flatMap((one) => one.dated)),
  );
  const entries = await toEntries(project, { usual, other, contested, dated });
  const file = catalogueFile(folder);
  writeCatalogue(file, entries);
  const emit = listenTo({ onEvent, logger });
  const unusable = (why: string, objects: ReadonlySet<string>): void => {
    if (objects.size > 0)
      emit({
        type: 'warning',
        message: `not usable as evidence, because ${why}: ${list([...objects].sort(), 8)}`,
      });
  };
  unusable('revisions on different branches create or drop it', contested);
  unusable(
    'its name is made from the date, the clock or by chance, and the next replay makes another',
    dated,
  );
  return { file, entries, kept: usual.kept };
}

function assertSameEnd({ graph }: Project, usual: Replayed, other: Replayed): void {
  const { missing, unexpected } = difference(usual.end, other.end);
  if (missing.length + unexpected.length === 0) return;
  throw new RevgraphError('order_matters', { orders: [[...graph.ids], other.order], missing, unexpected });
}

export interface CatalogueOptions extends OptionsOf<typeof CATALOGUE_BUILD> {
  /** The folder of the revisions, which also has the catalogue. */
  readonly revisions: string;
  /** An empty database to build on. Default: one of `on`, or an embedded one in memory. */
  readonly database?: DatabaseSource | undefined;
  readonly onEvent?: StepOptions['onEvent'];
  readonly logger?: StepOptions['logger'];
  readonly signal?: AbortSignal | undefined;
}

export interface CatalogueBuild {
  readonly file: string;
  readonly entries: readonly RecordedEntry[];
  /** Revisions that were not run, because an earlier build had kept how far it came. */
  readonly kept: number;
}
