import type { Queryable } from '../database/connection/session.js';
import { readChunks } from '../database/tables/backfill-state.js';
import type { BackfillsOf } from '../database/tables/backfill-tables.js';
import type { LastEntry } from '../database/tables/last-entries.js';
import type { VersionRows } from '../database/tables/read-rows.js';
import type { RecordedEvent } from '../database/tables/record.js';
import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import type { Project } from '../project/project.js';
import { idsHere } from './record/names.js';

/** The newest entry of each revision by the id that it has here: a step that stopped halfway under another goes on. */
export function byIdHere<T extends Map<string, LastEntry>>(
  { project, ...recorded }: { readonly project: Project } & Pick<VersionRows, 'record' | 'begun'>,
  last: T,
): T {
  // An order to try again is in no record.
  const orders = [...last.values()].map(
    ({ statistics }) => (statistics ?? {}) as Pick<RecordedEvent, 'names'>,
  );
  const here = idsHere(project.graph, recorded, orders);
  for (const [id, entry] of [...last]) {
    const now = here(id);
    if (now === id || (last.get(now)?.entry ?? 0) > entry.entry) continue;
    last.set(now, { ...entry, revision: now });
  }
  return last;
}

/**
 * What is kept of a backfill (its cursor, its marks, that it waits) is kept under the id that its revision had. No query where no
 * revision has had another.
 * @param undoes revisions that are taken back: of those, marks have to be found also where the backfill is finished
 * @throws `backfill_renamed`
 */
export async function assertNoneRenamed(
  client: Queryable,
  table: BackfillsOf,
  graph: Graph,
  undoes: readonly string[] = [],
): Promise<void> {
  if (graph.former.size === 0) return;
  for (const { revision, state, name } of await readChunks(client, table)) {
    const today = graph.has(revision) ? undefined : graph.today(revision);
    if (today === undefined) continue;
    const finished = state === 'finished';
    if (!finished || (name !== '' && undoes.includes(today)))
      throw new RevgraphError('backfill_renamed', { revision, today, finished });
  }
}
