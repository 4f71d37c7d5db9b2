import { readChunks } from '../database/backfill-state.js';
import type { Queryable } from '../database/session.js';
import type { Revision } from '../revision/revision.js';

/** What a held revision waits for. */
export type Unfinished = (revision: string) => string | null;

/** Names of the backfills that revisions ask for. */
export function requiredBackfills(revisions: Iterable<Pick<Revision, 'header'>>): Set<string> {
  const names = new Set<string>();
  for (const { header } of revisions)
    for (const one of header.requires) if (one.kind === 'backfill') names.add(one.revision);
  return names;
}

/**
 * Why a backfill that is required is not finished; null if it is. One query, and none where nothing is required.
 * @param queued revisions that this very run would leave to the background
 * @param known whether there is such a revision
 * @param applied whether it is applied, or comes in this very run
 */
export async function unfinishedBackfills(
  client: Queryable,
  schema: string | null,
  required: ReadonlySet<string>,
  {
    queued,
    known,
    applied,
  }: {
    queued: ReadonlySet<string>;
    known: (revision: string) => boolean;
    applied: (revision: string) => boolean;
  },
): Promise<Unfinished> {
  if (required.size === 0) return () => null;
  const open = new Set(
    (await readChunks(client, schema)).flatMap(({ revision, state }) =>
      state === 'finished' ? [] : [revision],
    ),
  );
  return (revision) => {
    if (!known(revision)) return `it requires the backfill of ${revision}, and there is no such revision`;
    if (queued.has(revision))
      return `it requires the backfill of ${revision}, which runs in the background: \`revgraph upgrade ${revision}\`, then \`revgraph backfill work\`, then this again`;
    if (!applied(revision))
      return `it requires the backfill of ${revision}, which is not applied: name that revision in @depends-on as well`;
    if (!open.has(revision)) return null;
    return `it requires the backfill of ${revision}, which is not finished: \`revgraph backfill work\``;
  };
}
