import type { Queryable } from '../../database/connection/session.js';
import { lastChecksums } from '../../database/tables/last-entries.js';
import type { VersionRows } from '../../database/tables/read-rows.js';
import type { LedgerRecord } from '../../database/tables/record.js';
import type { Graph } from '../../graph/graph.js';
import { marked } from '../../graph/walk.js';

/** The ids that the record counts as applied. */
export function recordedIn(graph: Graph, record: LedgerRecord): Set<string> {
  const [first] = record;
  if (first === undefined) return new Set();
  const isStamp = first.direction === 'stamp';
  // Before the ledger began, and in stamps of earlier versions, only rows tell: then all below them is believed.
  const before = isStamp ? (first.covers ?? below(graph, first.rowsTo)) : below(graph, first.rowsFrom);
  const recorded = new Set(before);
  for (const { revision, direction } of record) {
    if (direction === 'upgrade') recorded.add(revision);
    if (direction === 'downgrade') recorded.delete(revision);
  }
  return recorded;
}

/** Rows and all below them; who stands at the last of those that a squash took the place of has all of them. */
const below = (graph: Graph, rows: readonly string[]): string[] => [
  ...rows,
  ...graph.idsOf(marked(graph.closureOf(rows))),
  ...[...graph.squashes.values()].filter((replaces) => rows.includes(replaces.at(-1) as string)).flat(),
];

/** The parents with which each revision last ran, as far as an entry says them. */
export function parentsWhenRun(record: LedgerRecord | null): ReadonlyMap<string, readonly string[]> {
  const ran = new Map<string, readonly string[]>();
  for (const { revision, direction, parents } of record ?? [])
    if (direction === 'upgrade' && parents !== undefined) ran.set(revision, parents);
  return ran;
}

/** Checksums of what ran, by revision. One query where they were not read, or a stamp hides those before it; none otherwise. */
export async function recordedChecksums(
  client: Queryable,
  { record, table }: Pick<VersionRows, 'record' | 'table'>,
): Promise<ReadonlyMap<string, string>> {
  return checksumsOf(record ?? []) ?? (await lastChecksums(client, table));
}

/** Checksums by revision; null where entries before the newest stamp would have to be asked, or they were not read. */
function checksumsOf(record: LedgerRecord): Map<string, string> | null {
  if (record[0]?.direction === 'stamp' || record[0]?.checksum === undefined) return null;
  const found = new Map<string, string>();
  for (const { revision, direction, checksum } of record) {
    if (direction === 'downgrade') found.delete(revision);
    else if (checksum != null) found.set(revision, checksum);
  }
  return found;
}
