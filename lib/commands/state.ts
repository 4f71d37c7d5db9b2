import { hasUserTables } from '../database/occupancy.js';
import { assertApart } from '../graph/overlap.js';
import { marked } from '../graph/walk.js';
import type { Opened } from './open.js';
import type { State } from './status.js';

/** The state of a database that is open: its rows against the graph, and whether there is anything without them. */
export async function stateOf({
  project: { graph },
  session,
  rows,
  table,
}: Pick<Opened, 'project' | 'session' | 'rows' | 'table'>): Promise<State> {
  const known = rows.flatMap((row) => graph.numberOf(row) ?? []);
  if (known.length < rows.length) return 'ahead';
  const occupied = (): Promise<boolean> => hasUserTables(session, table.schema);
  if (!table.exists) return (await occupied()) ? 'legacy' : 'empty';
  assertApart(graph, known, 'rows');
  if (rows.length === 0 && graph.size > 0) return (await occupied()) ? 'behind' : 'empty';
  return marked(graph.closure(known)).length === graph.size ? 'current' : 'behind';
}
