import { inSchema } from '../../database/connection/server.js';
import type { Queryable } from '../../database/connection/session.js';
import { literal, quote } from '../../database/literal.js';
import { BACKFILL_TABLE, nameOf, QUARANTINE_TABLE } from '../../database/tables/backfill-tables.js';
import { LEDGER_TABLE } from '../../database/tables/ledger.js';
import type { VersionRows } from '../../database/tables/read-rows.js';
import { tablesRenamed } from '../../database/tables/renamed-tables.js';
import { readRowsOf, type VersionTable } from '../../database/tables/version-table.js';
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
  const others = await readRowsOf(client, table.beside.name, table.beside.schema);
  const known = others.filter(isKnown);
  if (known.length > 0)
    throw new RevgraphError('two_version_tables', {
      table: table.name,
      rows,
      beside: table.beside.name,
      known,
    });
}

/**
 * A version table that was renamed has no entry under its new name, and its rows would be believed, whatever the ledger knows of it. One
 * query where there are rows and a ledger without an entry of theirs, none otherwise.
 * @throws `version_table_invalid` with the statement that gives the entries the new name
 */
export async function assertNotRenamed(
  client: Queryable,
  { rows, table, record }: Pick<VersionRows, 'rows' | 'table' | 'record'>,
): Promise<void> {
  if (record === null || record.length > 0 || rows.length === 0) return;
  for (const { name, rows: last } of await tablesRenamed(client, table.schema)) {
    if (last.length !== rows.length || !last.every((row) => rows.includes(row))) continue;
    const ledger = inSchema(table.schema, LEDGER_TABLE);
    throw new RevgraphError('version_table_invalid', {
      table: table.name,
      reason: `the ledger has no entry of it, but those of ${name}, which is not there any more, end in its rows: it was renamed`,
      remedy: `${backfillsOf(table, name)}UPDATE ${ledger} SET statistics = jsonb_set(statistics, '{table}', to_jsonb(${literal(table.name)}::text)) WHERE statistics ->> 'table' = ${literal(name)};`,
    });
  }
}

/** The tables of its backfills go by its name, and the state of what stopped halfway is in them. */
function backfillsOf(table: Pick<VersionTable, 'name' | 'schema'>, old: string): string {
  return ([BACKFILL_TABLE, QUARANTINE_TABLE] as const)
    .map((one) => [nameOf(one, { name: old }), nameOf(one, table)] as const)
    .filter(([from, to]) => from !== to)
    .map(([from, to]) => `ALTER TABLE IF EXISTS ${inSchema(table.schema, from)} RENAME TO ${quote(to)}; `)
    .join('');
}
