import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import type { Event } from '../run/events.js';

/**
 * Decides what an id in the version table means that the graph doesn't have: the database is ahead of this code.
 *
 * @returns the rows if all are known; null where the policy lets an unknown one pass. What it includes of this graph only the
 * ledger knows: a plan made of the known rows alone would run it again.
 * @throws `unknown_row` under the policy `refuse` (the default)
 */
export function splitUnknown(
  graph: Graph,
  rows: readonly string[],
  options: { table: string; policy?: 'refuse' | 'warn' | 'allow' | undefined; emit: (event: Event) => void },
): readonly string[] | null {
  const unknown = rows.filter((row) => !graph.has(row));
  if (unknown.length === 0) return rows;
  const { table, policy = 'refuse', emit } = options;
  if (policy === 'refuse')
    throw new RevgraphError('unknown_row', { rows: unknown, table, heads: graph.heads });
  if (policy === 'warn')
    emit({
      type: 'warning',
      message: `the database has revisions that this code does not have (${unknown.join(', ')}); they are left alone`,
    });
  return null;
}
