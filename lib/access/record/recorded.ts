import type { Queryable } from '../../database/connection/session.js';
import { lastChecksums } from '../../database/tables/last-entries.js';
import type { VersionRows } from '../../database/tables/read-rows.js';
import type { LedgerRecord } from '../../database/tables/record.js';
import type { Graph } from '../../graph/graph.js';
import { marked } from '../../graph/walk.js';

/** The ids that the record counts as applied. */
export function recordedIn(graph: Graph, record: LedgerRecord): Set<string> {
  // Before the ledger began, and in stamps of earlier versions, only rows tell: then all below them is believed.
  let recorded = new Set(below(graph, record[0]?.rowsFrom ?? []));
  for (const { revision, direction, covers, rowsTo } of record) {
    if (direction === 'upgrade') recorded.add(revision);
    else if (direction === 'downgrade') recorded.delete(revision);
    else recorded = new Set(covers ?? below(graph, rowsTo));
  }
  return recorded;
}

/** Rows and all below them; who stands at the last of those that a squash took the place of has all of them. */
const below = (graph: Graph, rows: readonly string[]): string[] => [
  ...rows,
  ...graph.idsOf(marked(graph.closureOf(rows))),
  ...[...graph.squashes.values()].filter((replaces) => rows.includes(replaces.at(-1) as string)).flat(),
];

/** Everything that counts as applied, also what this graph does not have; where nothing is recorded, what the rows claim. */
export function countedIn(graph: Graph, record: LedgerRecord | null, rows: readonly string[]): string[] {
  if (record !== null && record.length > 0) return [...recordedIn(graph, record)];
  return [...new Set([...graph.idsOf(marked(graph.closureOf(rows))), ...rows])];
}

/**
 * What counts as applied and stands in no entry: what was there when the ledger began, or when an entry of this table was first
 * written, what entries of earlier versions leave to be inferred, and what another tool did since. Null where the ledger says all.
 * @param rows of the version table
 */
export function toAdopt(
  graph: Graph,
  record: LedgerRecord | null,
  rows: readonly string[],
): readonly string[] | null {
  const [first] = record ?? [];
  if (record === null || first === undefined) return rows.length === 0 ? null : countedIn(graph, null, rows);
  const said = record.findLastIndex(({ covers }) => covers !== null);
  const began = first.direction === 'upgrade' && first.rowsFrom.length === 0 && first.moved !== true;
  const isWhole = (began || said >= 0) && !record.slice(said + 1).some(({ moved }) => moved === true);
  return isWhole ? null : countedIn(graph, record, rows);
}

/** The parents with which each revision last ran, as far as an entry says them. */
export function parentsWhenRun(record: LedgerRecord | null): ReadonlyMap<string, readonly string[]> {
  const ran = new Map<string, readonly string[]>();
  for (const { revision, direction, parents } of record ?? [])
    if (direction === 'upgrade' && parents !== undefined) ran.set(revision, parents);
  return ran;
}

/**
 * What revisions stood on when they ran. Where a stamp put one is not where it ran; only of one that never did, such as one that was
 * adopted, it is all that is known, if the stamp counted those parents too.
 */
export function standingOn(record: LedgerRecord | null): ReadonlyMap<string, readonly string[]> {
  const ran = new Map<string, readonly string[]>();
  const put = new Map<string, readonly string[]>();
  for (const { revision, direction, parents, covers, standing = {} } of record ?? []) {
    for (const [id, on] of Object.entries(standing)) put.set(id, on);
    if (parents === undefined) continue;
    if (direction === 'upgrade') ran.set(revision, parents);
    // Code that takes something back may see it on something else than what it ran on.
    else if (direction === 'downgrade') ran.set(revision, ran.get(revision) ?? parents);
    else if (!(revision in standing) && covers !== null && parents.every((parent) => covers.includes(parent)))
      put.set(revision, parents);
  }
  return new Map([...put, ...ran]);
}

/**
 * What counts as applied and breaks older code, by what was said last: id → the first version that runs on it. Of a squash under an id that
 * this code has, it is the parts that it lacks.
 */
export function breaksIn(graph: Graph, record: LedgerRecord | null): ReadonlyMap<string, string> {
  const newest = new Map<string, string | null>();
  const lacking = new Map<string, readonly string[]>();
  for (const { revision, direction, breaksBefore = null, breaks = {}, names } of record ?? []) {
    if (direction === 'upgrade') newest.set(revision, breaksBefore);
    for (const [id, version] of Object.entries(breaks)) newest.set(id, version);
    for (const [id, parts] of Object.entries(names ?? {})) {
      const isKnown = (part: string): boolean => graph.today(part) !== undefined;
      // Code that has none of the others is newer: it has dropped their names.
      if (parts.some((part) => part !== id && isKnown(part)))
        lacking.set(
          id,
          parts.filter((part) => !isKnown(part)),
        );
    }
  }
  const counts = recordedIn(graph, record ?? []);
  return new Map(
    [...newest].flatMap(([id, version]) =>
      version !== null && counts.has(id)
        ? [id, ...(lacking.get(id) ?? [])].map((one) => [one, version] as const)
        : [],
    ),
  );
}

/** Checksums of what ran or was accepted, by the id of today. One query where the record was read without them, none otherwise. */
export async function recordedChecksums(
  client: Queryable,
  graph: Graph,
  { record, table }: Pick<VersionRows, 'record' | 'table'>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (record?.[0]?.checksum === undefined) {
    for (const { revision, checksum } of await lastChecksums(client, table))
      found.set(graph.today(revision) ?? revision, checksum);
    return found;
  }
  for (const { revision, direction, checksum } of record) {
    if (direction === 'downgrade') found.delete(revision);
    else if (checksum != null) found.set(revision, checksum);
  }
  return found;
}
