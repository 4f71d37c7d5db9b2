import type { Graph } from '../graph/graph.js';
import { topsOf } from '../graph/tops.js';
import { judge } from './judgement.js';
import type { NamedRows } from './record/names.js';

/**
 * Leaves out rows that other rows include since a dependency was added or a line got another base, where the ledger shows that
 * all of it ran: that hides nothing. They go from the table with the row that includes them.
 */
export function withoutImplied(graph: Graph, found: NamedRows): NamedRows {
  const { rows, record, table } = found;
  if (rows.length < 2 || record === null || record.length === 0) return found;
  const top = topsOf(graph, rows);
  const implied = rows.filter((row) => graph.has(row) && !top.includes(row));
  if (implied.length === 0 || judge(graph, found).missed.length > 0) return found;
  const stored = new Map(table.stored ?? []);
  for (const row of implied) {
    const owner = top.find((id) => graph.closureOf([id])[graph.numberOf(row) as number] === 1) as string;
    stored.set(owner, [...(stored.get(owner) ?? [owner]), ...(stored.get(row) ?? [row])]);
    stored.delete(row);
  }
  return { ...found, rows: rows.filter((row) => !implied.includes(row)), table: { ...table, stored } };
}
