import type { Queryable } from '../database/connection/session.js';
import { type FailedInARow, failedInARow } from '../database/tables/attempts.js';
import { type LastEntry, lastEntries } from '../database/tables/last-entries.js';
import type { LedgerOf } from '../database/tables/ledger.js';
import type { Graph } from '../graph/graph.js';
import { recordedChecksum } from '../revision/definition.js';
import type { Opened } from './open.js';
import { byIdHere } from './renamed.js';

/** So often a service tries a revision that fails. */
const MOST_FAILURES = 3;

/** A pending revision whose last attempts failed. */
export interface FailedRevision {
  readonly revision: string;
  /** In a row, with the text that it has now, by its own fault. */
  readonly failures: number;
  /** True: `boot()` does not try it again before its text changes, or `retry` lets it. */
  readonly parked: boolean;
  /** What the last failure said. */
  readonly reason: string | null;
}

/**
 * Of these revisions, those that failed, under ids that they had before too. One query, and none where the last entry of none of
 * them is a failure.
 * @param last the last entry of each by the id of today
 * @param namesOf ids that revisions had before
 */
export async function failedAmong(
  client: Queryable,
  table: LedgerOf,
  last: ReadonlyMap<string, Pick<LastEntry, 'outcome'>>,
  namesOf: Graph['namesOf'],
  revisions: readonly { readonly revision: string; readonly checksum: () => Promise<string> | string }[],
): Promise<FailedRevision[]> {
  const failed = revisions.filter(({ revision }) => last.get(revision)?.outcome === 'failed');
  if (failed.length === 0) return [];
  const names = namesOf(failed.map(({ revision }) => revision));
  const asked = await Promise.all(
    failed.map(async ({ revision, checksum }) => ({
      revision,
      formerly: names[revision] ?? [],
      checksum: await checksum(),
    })),
  );
  const found = new Map((await failedInARow(client, table, asked)).map((one) => [one.revision, one]));
  return failed.flatMap(({ revision }) => found.get(revision) ?? []).map(failedRevision);
}

const failedRevision = ({ revision, failures, message }: FailedInARow): FailedRevision => ({
  revision,
  failures,
  parked: failures >= MOST_FAILURES,
  reason: message,
});

/** The pending revisions of a database that failed, in order. Nothing is asked where nothing is pending. */
export async function failedIn(opened: Opened, pending: readonly string[]): Promise<FailedRevision[]> {
  const { session, table, record, project } = opened;
  if (pending.length === 0 || record === null) return [];
  const last = byIdHere(opened, (await lastEntries(session, table)) ?? new Map());
  const known = pending.flatMap((id) => project.revisions.get(id) ?? []);
  return failedAmong(
    session,
    table,
    last,
    (ids) => project.graph.namesOf(ids),
    known.map((revision) => ({
      revision: revision.revision,
      // A file that can't be read has another text than the one that failed.
      checksum: () => recordedChecksum(revision).catch(() => ''),
    })),
  );
}
