import type { Queryable } from '../../database/connection/session.js';
import type { VersionRows } from '../../database/tables/read-rows.js';
import { readRowsOf } from '../../database/tables/version-table.js';
import { RevgraphError } from '../../errors/error.js';
import type { Graph } from '../../graph/graph.js';

/**
 * Where a table of ours and one of Alembic's stand side by side, and no name was given, ours counts. But not if nothing in it is of
 * these revisions, nor ever was, and Alembic's holds some: these were adopted there, and ours came with another folder. From ours all of them
 * would run again. One query where both are there and ours holds nothing that is known, none otherwise.
 * @throws `two_version_tables`
 */
export async function assertOwnTable(
  client: Queryable,
  graph: Graph,
  { rows, table, record }: Pick<VersionRows, 'rows' | 'table' | 'record'>,
): Promise<void> {
  const isKnown = (row: string): boolean => graph.today(row) !== undefined;
  if (table.beside === undefined || rows.some(isKnown)) return;
  // An entry of ours: older code, or none of these revisions any more.
  if ((record ?? []).some(({ revision }) => isKnown(revision))) return;
  const others = await readRowsOf(client, table.beside, table.schema);
  const known = others.filter(isKnown);
  if (known.length > 0)
    throw new RevgraphError('two_version_tables', { table: table.name, rows, beside: table.beside, known });
}
