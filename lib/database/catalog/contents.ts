import { quote } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';

const TABLES = `
  SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  ORDER BY 1, 2`;

const SEQUENCES =
  "SELECT schemaname || '.' || sequencename AS name, coalesce(last_value::text, 'unused') AS contents FROM pg_sequences";

/**
 * A word per table that stands for its rows, in whatever order they are, and one per sequence: two readings that are
 * equal mean that nothing was written in between. Bookkeeping tables are in it too. Reads every row.
 */
export async function readContents(client: Queryable): Promise<ReadonlyMap<string, string>> {
  const { rows: tables } = await client.query(TABLES);
  const selects = tables.map(({ schema, name }) => {
    const place = `${quote(String(schema))}.${quote(String(name))}`;
    return `SELECT '${place.replaceAll("'", "''")}', count(*) || ' rows ' || coalesce(sum(hashtextextended(revgraph_row::text, 0)::numeric), 0) FROM ${place} revgraph_row`;
  });
  const { rows } = await client.query([SEQUENCES, ...selects].join(' UNION ALL '));
  return new Map(rows.map(({ name, contents }) => [String(name), String(contents)]));
}

/** What differs between two readings, by name. */
export function changedContents(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}
