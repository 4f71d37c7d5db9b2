import { createHash } from 'node:crypto';
import { inSchema } from '../connection/server.js';
import { ALEMBIC_TABLE, VERSION_TABLE, type VersionTable } from './version-table.js';

export const BACKFILL_TABLE = 'revgraph_backfill';
export const QUARANTINE_TABLE = 'revgraph_quarantine';

export type BackfillTable = typeof BACKFILL_TABLE | typeof QUARANTINE_TABLE;

/** The version table of whose revisions backfills are. */
export type BackfillsOf = Pick<VersionTable, 'schema' | 'name' | 'apart'> &
  Partial<Pick<VersionTable, 'adopted'>>;

/** Bytes: what PostgreSQL cuts off a longer name is what tells two apart; `_pkey` is to fit behind it. */
const LONGEST = 58;

/**
 * The table that keeps backfills of a version table. Several version tables may share a schema, and two folders may have a revision
 * of one id: a version table with a name of its own has tables of its own. So has Alembic's where ours is there as well; without it, it
 * stands in its place, named or found.
 */
export function nameOf(
  table: BackfillTable,
  { name, apart = false }: Pick<BackfillsOf, 'name' | 'apart'>,
): string {
  if (name === VERSION_TABLE || (name === ALEMBIC_TABLE && !apart)) return table;
  const own = `${table}_${name}`;
  if (Buffer.byteLength(own) <= LONGEST) return own;
  return `${table}_${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;
}

/** The same in its schema, quoted. */
export function placeOf(table: BackfillTable, of: BackfillsOf): string {
  return inSchema(of.schema, nameOf(table, of));
}

/** What stands for the schema in the names of their locks. */
export function lockPlaceOf(schema: string, of: BackfillsOf): string {
  const own = nameOf(BACKFILL_TABLE, of);
  return own === BACKFILL_TABLE ? schema : `${schema}.${own}`;
}
