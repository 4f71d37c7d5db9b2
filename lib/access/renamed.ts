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

type Named = Pick<RecordedEvent, 'names' | 'squashed'>;

const namedIn = ({ statistics }: LastEntry): Named => (statistics ?? {}) as Named;

/** All that names revisions. An order to try again, and a step that failed, are in no record. */
const namedBy = (
  { record, begun }: Pick<VersionRows, 'record' | 'begun'>,
  last: ReadonlyMap<string, LastEntry>,
): readonly Named[] => [...(record ?? []), ...begun, ...[...last.values()].map(namedIn)];

/** The newest entry of each revision by the id that it has here: a step that stopped halfway under another goes on. */
export function byIdHere<T extends Map<string, LastEntry>>({ project, ...recorded }: Known, last: T): T {
  const elsewhere = namesElsewhere(namedBy(recorded, last));
  for (const [id, entry] of [...last]) {
    // A squash under the id of one of its parts began all of them.
    const isOutside = entry.statistics?.finished !== undefined;
    const parts = isOutside ? meantBy(project.graph, elsewhere, namedIn(entry), id) : [];
    for (const now of [...parts, ...idsHere(project.graph, elsewhere, id)])
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
  const named = namedBy(recorded, last);
  if (graph.former.size === 0 && named.every(({ names }) => names == null)) return;
  const elsewhere = namesElsewhere(named);
  const undoes = steps.flatMap(({ revision, direction }) => (direction === 'downgrade' ? [revision] : []));
  for (const { revision, state, name } of await readChunks(client, table)) {
    const names = graph.has(revision) ? [] : idsHere(graph, elsewhere, revision);
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
