import type { Queryable } from '../database/connection/session.js';
import { readChunks } from '../database/tables/backfill-state.js';
import type { BackfillsOf } from '../database/tables/backfill-tables.js';
import type { LastEntry } from '../database/tables/last-entries.js';
import type { VersionRows } from '../database/tables/read-rows.js';
import type { RecordedEvent } from '../database/tables/record.js';
import { RevgraphError } from '../errors/error.js';
import type { Step } from '../plan/plan.js';
import type { Project } from '../project/project.js';
import { idsHere, namesElsewhere } from './record/elsewhere.js';
import { meantBy } from './record/renamed-events.js';

/** What is known of a database that is open. */
type Known = { readonly project: Project } & Pick<VersionRows, 'record' | 'begun'>;

/** An order to try again, and a step that failed, are in no record. */
const namesIn = (last: ReadonlyMap<string, LastEntry>): Pick<RecordedEvent, 'names'>[] =>
  [...last.values()].map(({ statistics }) => (statistics ?? {}) as Pick<RecordedEvent, 'names'>);

/** The newest entry of each revision by the id that it has here: a step that stopped halfway under another goes on. */
export function byIdHere<T extends Map<string, LastEntry>>({ project, ...recorded }: Known, last: T): T {
  const here = idsHere(project.graph, recorded, namesIn(last));
  const elsewhere = namesElsewhere([...(recorded.record ?? []), ...recorded.begun, ...namesIn(last)]);
  for (const [id, entry] of [...last]) {
    // A squash under the id of one of its parts began all of them.
    const named = (entry.statistics ?? {}) as Pick<RecordedEvent, 'names' | 'squashed'> & {
      finished?: number;
    };
    const parts = named.finished === undefined ? [] : meantBy(project.graph, elsewhere, named, id);
    for (const now of [...parts, ...here(id)])
      if (now !== id && (last.get(now)?.entry ?? 0) <= entry.entry)
        last.set(now, { ...entry, revision: now });
  }
  return last;
}

/**
 * What is kept of a backfill (its cursor, its marks, that it waits) is kept under the id that its revision had, or has in newer code.
 * No query where no revision has had another.
 * @param steps what is to run: of what is taken back, marks have to be found also where the backfill is finished
 * @param last the newest entries, where they were read
 * @throws `backfill_renamed`
 */
export async function assertNoneRenamed(
  client: Queryable,
  table: BackfillsOf,
  { project, ...recorded }: Known,
  steps: readonly Step[] = [],
  last: ReadonlyMap<string, LastEntry> = new Map(),
): Promise<void> {
  const { graph } = project;
  const others = namesIn(last);
  const isNamed = ({ names }: Pick<RecordedEvent, 'names'>): boolean => names != null;
  if (graph.former.size === 0 && ![...(recorded.record ?? []), ...recorded.begun, ...others].some(isNamed))
    return;
  const here = idsHere(graph, recorded, others);
  const undoes = steps.flatMap(({ revision, direction }) => (direction === 'downgrade' ? [revision] : []));
  for (const { revision, state, name } of await readChunks(client, table)) {
    const names = graph.has(revision) ? [] : here(revision);
    const today = isOtherNow(project, revision) ? revision : names.find((id) => graph.has(id));
    if (today === undefined) continue;
    const finished = state === 'finished';
    if (!finished || (name !== '' && undoes.includes(today)))
      throw new RevgraphError('backfill_renamed', { revision, today, finished });
  }
}

/** Whether a squash has the id now that one of its parts had, and has no backfill of its own. */
function isOtherNow({ graph, revisions }: Project, id: string): boolean {
  const file = revisions.get(id);
  return graph.squashes.has(id) && file?.header.background !== true && file?.mentions?.('batch') === false;
}
