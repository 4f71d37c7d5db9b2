import type { LedgerRecord } from '../database/tables/record.js';
import type { Graph } from '../graph/graph.js';
import { topsOf } from '../graph/tops.js';
import { judge } from './judgement.js';
import type { NamedRows } from './record/names.js';
import { parentsWhenRun } from './record/recorded.js';

/**
 * Adds rows for what other rows included when they ran, and do not include any more: a line that was put on an older base, a
 * dependency that this code lacks. It ran and is still there; nobody took its row away, there was none. It is written with the first
 * write. Beside rows that the graph doesn't have, nothing is known. Pure.
 */
export function withReleased(graph: Graph, found: NamedRows): NamedRows {
  const { rows, record, table } = found;
  if (record === null || rows.length === 0) return found;
  const { lost } = judge(graph, found);
  if (lost.length === 0) return found;
  const included = includedThen(graph, record, rows);
  const released = lost.filter((id) => included.has(id));
  if (released.length === 0) return found;
  const before = graph.closureOf(rows);
  // A row that one of them includes by now goes with it, as any other.
  const absent = topsOf(graph, released).filter((id) => before[graph.numberOf(id) as number] !== 1);
  return { ...found, rows: [...rows, ...absent], table: { ...table, absent } };
}

/** What rows included by the parents with which it ran; of what a stamp placed, those that it had then. */
function includedThen(graph: Graph, record: LedgerRecord, rows: readonly string[]): Set<string> {
  const ran = parentsWhenRun(record);
  const stamped = new Map(
    record.flatMap(({ revision, direction, parents }) =>
      direction === 'stamp' && parents !== undefined ? [[revision, parents] as const] : [],
    ),
  );
  const included = new Set(rows);
  // Of what another tool ran, no entry tells the parents.
  const parentsOf = (id: string): readonly string[] => ran.get(id) ?? stamped.get(id) ?? graph.parentsOf(id);
  for (const id of included) for (const parent of parentsOf(id)) included.add(parent);
  for (const [squash, replaces] of graph.squashes)
    if (replaces.every((part) => included.has(part))) included.add(squash);
  return included;
}
