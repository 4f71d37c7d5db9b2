import { inSchema } from '../connection/server.js';
import { literal } from '../literal.js';

/*
 * A statement that names a table which is not there fails, and the server writes that into its log. `query_to_xml` reads its
 * statement only when it is called; JSON within keeps what XML would lose.
 */

/** An expression that is true if there is such a table; the oid of it, with `oid`. */
export const oidOf = (schema: string | null, table: string): string =>
  `to_regclass(${literal(inSchema(schema, table))})`;

/**
 * An expression that answers the rows of a query on a table, for {@link rowsFrom}; null where the table is not there.
 * @param table an expression: its oid
 * @param query gets the place of the table as it is to stand there
 */
export function ifThere(table: string, query: (place: string) => string): string {
  const PLACE = '\0';
  const all = `SELECT coalesce(json_agg(t), '[]')::text AS j FROM (${query(PLACE)}) AS t`;
  const text = literal(all.replaceAll('%', '%%').replaceAll(PLACE, '%1$s'));
  return `CASE WHEN ${table} IS NOT NULL THEN query_to_xml(format(${text}, ${table}::regclass), false, false, '')::text END`;
}

/**
 * A condition: row security keeps the rows of a table from the role, for no policy lets it have any. What a policy lets it have is not
 * known; a change that it does not let through fails.
 * @param command `r`, `a`, `w`, `d` as an SQL expression
 */
export const isBarred = (table: string, command: string): string =>
  `row_security_active(${table}) AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = ${table} AND p.polpermissive
    AND p.polcmd IN ('*', ${command}) AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role(r, 'USAGE')))`;

/** Rows as JSON has them: numbers for bigint, text for times. */
export function rowsFrom(answer: unknown): Record<string, unknown>[] | null {
  if (answer === null || answer === undefined) return null;
  return (jsonFrom(answer) as Record<string, unknown>[] | null) ?? [];
}

/** The one value that such a query answers; null where it answers none. */
export function jsonFrom(answer: unknown): unknown {
  const [, text = 'null'] = /<j>([\s\S]*)<\/j>/.exec(String(answer ?? '')) ?? [];
  return JSON.parse(text.replace(/&(lt|gt|amp|#x0d);/g, (_, name: keyof typeof ENTITIES) => ENTITIES[name]));
}

const ENTITIES = { lt: '<', gt: '>', amp: '&', '#x0d': '\r' } as const;
