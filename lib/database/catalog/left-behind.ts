import { inSchema } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';

/** A name as a statement has it. */
interface Name {
  readonly schema: string | null;
  readonly name: string;
}

/** What a statement leaves, see `Trace` in `sql/`. */
type Left =
  | { readonly kind: 'index'; readonly name: string | null; readonly table: Name }
  | { readonly kind: 'no index'; readonly index: Name }
  | { readonly kind: 'reindex'; readonly relation: Name | null }
  | { readonly kind: 'detached'; readonly parent: Name; readonly partition: Name }
  | {
      readonly kind: 'database' | 'tablespace' | 'subscription';
      readonly name: string;
      readonly there: boolean;
    }
  | { readonly kind: 'same again' };

const place = ({ schema, name }: Name): string => inSchema(schema, name);

const INDEXES = `SELECT i.indexrelid::text AS oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS place, c.relname AS name, i.indisvalid AS valid
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace`;

/** The names that PostgreSQL gives to what it builds beside an old index, and to an old one that is still to be dropped. */
const REBUILT = `NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'`;

/** Tables whose indexes a REINDEX of `$1` rebuilds: with partitions, and what holds their long values. */
const REINDEXED = `WITH named AS (
    SELECT to_regclass($1)::oid AS oid UNION SELECT relid FROM pg_partition_tree(to_regclass($1))
  ), tables AS (
    SELECT coalesce(i.indrelid, n.oid) AS oid FROM named n LEFT JOIN pg_index i ON i.indexrelid = n.oid
  )
  ${INDEXES} WHERE ${REBUILT} AND i.indrelid IN (
    SELECT oid FROM tables UNION SELECT t.reltoastrelid FROM pg_class t JOIN tables USING (oid))`;

interface Index {
  readonly oid: string;
  readonly place: string;
  readonly name: string;
  readonly valid: boolean;
}

/** Indexes that a statement may have left; null for one that leaves none. */
async function indexesOf(client: Queryable, left: Left): Promise<readonly Index[] | null> {
  if (left.kind === 'index') {
    const named = left.name === null ? '' : ' AND c.relname = $2';
    const values = [place(left.table), ...(left.name === null ? [] : [left.name])];
    const { rows } = await client.query(`${INDEXES} WHERE i.indrelid = to_regclass($1)${named}`, values);
    return rows as unknown as Index[];
  }
  if (left.kind !== 'reindex') return null;
  const { rows } =
    left.relation === null
      ? await client.query(`${INDEXES} WHERE ${REBUILT}`)
      : await client.query(REINDEXED, [place(left.relation)]);
  return rows as unknown as Index[];
}

/**
 * Indexes that were there before a statement which may leave one of a name that nobody chose: what comes later is its own.
 * @returns oids; null for other statements
 */
export async function indexesBefore(client: Queryable, left: Left): Promise<string[] | null> {
  if (left.kind === 'index' && left.name !== null) return null;
  return (await indexesOf(client, left))?.map(({ oid }) => oid) ?? null;
}

/** What became of a statement that was begun. */
export interface Mended {
  /** All that it does is there; of one that does the same again it is not known. */
  readonly finished: boolean;
  /** Invalid indexes that it had left, by name: they are gone now. `IF NOT EXISTS` would call them success. */
  readonly dropped: readonly string[];
}

/**
 * Looks at what an attempt has left, and takes away what is half done.
 * @param before what {@link indexesBefore} answered before the first attempt
 */
export async function mend(client: Queryable, left: Left, before: readonly string[] | null): Promise<Mended> {
  const found = await indexesOf(client, left);
  if (found === null) return { finished: await isFinished(client, left), dropped: [] };
  const own = found.filter(({ oid }) => before === null || !before.includes(oid));
  const invalid = own.filter(({ valid }) => !valid);
  for (const index of invalid) await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${index.place}`);
  return {
    finished: left.kind === 'index' && own.some(({ valid }) => valid),
    dropped: invalid.map(({ name }) => name),
  };
}

const SHARED = {
  database: 'SELECT FROM pg_database WHERE datname = $1',
  tablespace: 'SELECT FROM pg_tablespace WHERE spcname = $1',
  subscription:
    'SELECT FROM pg_subscription WHERE subname = $1 AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())',
} as const;

async function isFinished(client: Queryable, left: Left): Promise<boolean> {
  if (left.kind === 'no index') {
    const { rows } = await client.query('SELECT to_regclass($1) IS NULL AS gone', [place(left.index)]);
    return rows[0]?.gone === true;
  }
  if (left.kind === 'detached') return isDetached(client, place(left.parent), place(left.partition));
  if (left.kind in SHARED && 'there' in left) {
    const { rows } = await client.query(SHARED[left.kind], [left.name]);
    return rows.length > 0 === left.there;
  }
  return false;
}

/** One that is half detached is detached for good: PostgreSQL refuses to begin anew. */
async function isDetached(client: Queryable, parent: string, partition: string): Promise<boolean> {
  const { rows } = await client.query(
    'SELECT inhdetachpending AS pending FROM pg_inherits WHERE inhparent = to_regclass($1) AND inhrelid = to_regclass($2)',
    [parent, partition],
  );
  if (rows.length > 0 && rows[0]?.pending !== true) return false;
  if (rows.length > 0) await client.query(`ALTER TABLE ${parent} DETACH PARTITION ${partition} FINALIZE`);
  return true;
}
