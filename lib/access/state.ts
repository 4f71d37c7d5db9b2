import { hasUserTables } from '../database/catalog/occupancy.js';
import type { Graph } from '../graph/graph.js';
import { assertApart } from '../graph/overlap.js';
import { marked, reach } from '../graph/walk.js';
import type { State } from '../run/events.js';
import type { Judgement } from './judgement.js';
import { judge } from './judgement.js';
import type { Opened } from './open.js';

export type { State };

/**
 * The state of a database that is open: its rows against the graph, and whether there is anything without them.
 * @param judged where that was done already
 */
export async function stateOf(
  opened: Pick<Opened, 'project' | 'session' | 'rows' | 'table' | 'record' | 'begun' | 'unsquashed'>,
  { missed, lost, halfDown }: Judgement = judge(opened.project.graph, opened),
): Promise<State> {
  const { session, rows, table } = opened;
  const { graph } = opened.project;
  const known = rows.flatMap((row) => graph.numberOf(row) ?? []);
  if (opened.unsquashed.length > 0) return 'below';
  if (halfDown.length > 0) return 'halfway';
  if (known.length < rows.length) return 'ahead';
  const occupied = (): Promise<boolean> => hasUserTables(session, table.schema);
  if (lost.length > 0) return 'lost';
  if (!table.exists) return (await occupied()) ? 'legacy' : 'empty';
  if (missed.length > 0) return 'missed';
  assertApart(graph, known, 'rows');
  if (rows.length === 0 && graph.size > 0) return (await occupied()) ? 'behind' : 'empty';
  return marked(graph.closure(known)).length === graph.size ? 'current' : 'behind';
}

/**
 * What is not applied where the version table also holds rows that the graph doesn't have. The ledger tells what those include;
 * without one only what stands on a known row is surely not applied, for if it were, that would be no row.
 */
export function pendingBeside(
  graph: Graph,
  { rows, record }: Pick<Opened, 'rows' | 'record'>,
  { applied, missed }: Judgement,
): string[] {
  if (record !== null && record.length > 0) {
    const ran = graph.marksOf([...applied, ...missed.map(({ revision }) => revision)]);
    return graph.ids.filter((_, n) => ran[n] !== 1);
  }
  const known = marked(graph.marksOf(rows));
  const below = graph.closure(known);
  return graph.idsOf(marked(reach(graph.children, known)).filter((n) => below[n] !== 1));
}
