import type { VersionRows } from '../../database/tables/read-rows.js';
import type { LedgerRecord, RecordedEvent } from '../../database/tables/record.js';
import type { Graph } from '../../graph/graph.js';
import { marked } from '../../graph/walk.js';

type Found = Pick<VersionRows, 'rows' | 'record'> & {
  readonly table: Pick<VersionRows['table'], 'column'>;
};

/**
 * A version table of Alembic's may be moved by Alembic, which writes no ledger. Where the rows that an entry found are not those
 * that the one before it left, or those of now not those of the last, it did: what it moved over is believed, and stands in the
 * record as if it had run, or had been taken back, then. An empty table says nothing of who emptied it; of a row that this code
 * lacks it is not known what it includes. Pure.
 */
export function withOtherTool<T extends Found>(graph: Graph, found: T): T {
  const { rows, record, table } = found;
  if (table.column !== 'version_num' || record === null || record.length === 0) return found;
  const events: RecordedEvent[] = [];
  let last: RecordedEvent | null = null;
  for (const event of record) {
    // The parts of a squash ran with it: theirs is the same entry.
    const isSame =
      last !== null && areSame(last.rowsFrom, event.rowsFrom) && areSame(last.rowsTo, event.rowsTo);
    if (last !== null && !isSame) events.push(...movedBetween(graph, last.rowsTo, event.rowsFrom));
    events.push(event);
    last = event;
  }
  events.push(...movedBetween(graph, last?.rowsTo ?? [], rows));
  return { ...found, record: events };
}

const areSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((row) => others.includes(row));

/** What a move of the rows says of revisions, as events. */
function movedBetween(graph: Graph, from: readonly string[], to: readonly string[]): LedgerRecord {
  if (to.length === 0 || areSame(from, to)) return [];
  const [was, is] = [extentOf(graph, from), extentOf(graph, to)];
  const isUnknown = to.some((row) => !graph.has(row) && !is.has(row));
  return [...new Set([...was, ...is])].flatMap((revision): RecordedEvent[] => {
    if (was.has(revision) === is.has(revision) || (isUnknown && !is.has(revision))) return [];
    const direction = is.has(revision) ? 'upgrade' : 'downgrade';
    return [{ revision, direction, checksum: null, rowsFrom: from, rowsTo: to, moved: true, covers: null }];
  });
}

/**
 * Everything that rows include: of a squash, the revisions whose place it took as well, and of a row that is one of those, those
 * before it.
 */
function extentOf(graph: Graph, rows: readonly string[]): Set<string> {
  const ends = [...graph.squashes].flatMap(([squash, replaces]) => {
    const last = Math.max(...rows.map((row) => replaces.indexOf(row)));
    return last < 0 || rows.includes(squash)
      ? []
      : [{ squash, parts: replaces.slice(0, last + 1), replaces }];
  });
  const tops = ends.flatMap(({ squash, parts, replaces }) =>
    parts.length === replaces.length ? [squash] : graph.parentsOf(squash),
  );
  const ids = graph.idsOf(marked(graph.closureOf([...rows, ...tops])));
  return new Set([
    ...ids,
    ...ids.flatMap((id) => graph.squashes.get(id) ?? []),
    ...ends.flatMap(({ parts }) => parts),
  ]);
}
