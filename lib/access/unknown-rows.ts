import { RevgraphError } from '../errors/error.js';
import type { OptionsOf } from '../options/option.js';
import type { DATABASE } from '../options/table.js';
import type { Opened } from './open.js';

type Policy = OptionsOf<Pick<typeof DATABASE, 'unknownRows'>>['unknownRows'];

/**
 * Decides what an id in the version table means that the graph doesn't have: the database is ahead of this code.
 *
 * @returns the rows if all are known; null where the policy lets an unknown one pass. What it includes of this graph only the
 * ledger knows: a plan made of the known rows alone would run it again.
 * @throws `unknown_row` under the policy `refuse` (the default)
 */
export function splitUnknown(
  opened: Pick<Opened, 'project' | 'rows' | 'table' | 'emit'>,
  policy: Policy = 'refuse',
): readonly string[] | null {
  const { rows, table, emit } = opened;
  const { graph } = opened.project;
  const unknown = rows.filter((row) => !graph.has(row));
  if (unknown.length === 0) return rows;
  if (policy === 'refuse')
    throw new RevgraphError('unknown_row', { rows: unknown, table: table.name, heads: graph.heads });
  if (policy === 'warn')
    emit({
      type: 'warning',
      message: `the database has revisions that this code does not have (${unknown.join(', ')}); they are left alone`,
    });
  return null;
}
