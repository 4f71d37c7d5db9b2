import type { Queryable } from '../database/connection/session.js';
import { readChunks } from '../database/tables/backfill-state.js';
import type { BackfillsOf } from '../database/tables/backfill-tables.js';
import type { LastEntry } from '../database/tables/last-entries.js';
import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';

/** The newest entry of each revision by the id that it has today: a step that stopped halfway under the one before goes on. */
export function byIdOfToday<T extends Map<string, LastEntry>>(graph: Graph, last: T): T {
  for (const [id, entry] of [...last]) {
    const today = graph.today(id);
    if (today === undefined || today === id || (last.get(today)?.entry ?? 0) > entry.entry) continue;
    last.set(today, { ...entry, revision: today });
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
