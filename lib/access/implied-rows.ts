import type { Graph } from '../graph/graph.js';
import { marked } from '../graph/walk.js';
import type { Plan } from '../plan/plan.js';
import { judge } from './judgement.js';
import type { NamedRows } from './names.js';
import { recordedIn } from './recorded.js';

/**
 * Leaves out rows that other rows include since a dependency was added or a line got another base, where the ledger shows that
 * all of it ran: that hides nothing. They go from the table with the row that includes them.
 */
export function withoutImplied(graph: Graph, found: NamedRows): NamedRows {
  const { rows, record, table } = found;
  if (rows.length < 2 || record === null || record.length === 0) return found;
  const top = graph.idsOf(graph.maximal(graph.closureOf(rows)));
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

/**
 * Adds rows for what others included when they ran and do not include any more: newer code made it their dependency, and this code
 * does not know of that. The ledger has the parents with which they ran. The table gets these rows with the first step of a run.
 */
export function withIncluded(graph: Graph, found: NamedRows): NamedRows {
  const { rows, record } = found;
  if (record === null || record.length === 0 || rows.some((row) => !graph.has(row))) return found;
  const parents = new Map(
    record.flatMap(({ revision, direction, parents: then = [] }) =>
      direction === 'upgrade' ? [[revision, then] as const] : [],
    ),
  );
  const recorded = recordedIn(graph, record);
  const claimed = graph.closureOf(rows);
  const included = new Set<string>();
  const seen = new Set(graph.idsOf(marked(claimed)));
  for (const id of seen)
    for (const parent of parents.get(id) ?? []) {
      if (!graph.has(parent) || !recorded.has(parent) || seen.has(parent)) continue;
      included.add(parent);
      for (const below of graph.idsOf(marked(graph.closureOf([parent])))) seen.add(below);
    }
  if (included.size === 0) return found;
  const top = graph.idsOf(graph.maximal(graph.marksOf([...included])));
  return { ...found, rows: [...rows, ...top], included: top };
}

/** A plan upon the rows that the table really has. */
export function onTable(plan: Plan, { included = [] }: Pick<NamedRows, 'included'>): Plan {
  const [first, ...others] = plan.steps;
  if (included.length === 0 || first === undefined) return plan;
  const isThere = (row: string): boolean => !included.includes(row);
  const kept = included.filter((row) => !first.remove.includes(row));
  const begun = { ...first, remove: first.remove.filter(isThere), add: [...first.add, ...kept] };
  return { ...plan, from: plan.from.filter(isThere), steps: [begun, ...others] };
}

/** The rows that the table really has, in the names of today. */
export function rowsOfTable({ rows, included = [] }: Pick<NamedRows, 'rows' | 'included'>): string[] {
  return rows.filter((row) => !included.includes(row));
}
