import { inSchema, type Server } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { LEDGER_TABLE, type LedgerOf } from './ledger.js';

/** What a role must be allowed on our tables to change the rows of a database and to write it down. */
export const rightsWanted = (table: Pick<LedgerOf, 'name'>) =>
  [
    { name: table.name, rights: ['select', 'insert', 'update', 'delete'] },
    { name: LEDGER_TABLE, rights: ['select', 'insert'] },
  ] as const;

/** What a role lacks on one of our tables, or on the schema in which it would have to make one. */
export interface MissingRights {
  /** In upper case, as GRANT takes them. */
  readonly rights: readonly string[];
  /** `TABLE public.revgraph_ledger`, `SCHEMA public`, as GRANT takes it. */
  readonly on: string;
}

/**
 * Which rights on our tables the role of the session lacks. One query; none on pg-mem, which knows no rights.
 * @param table with its schema, as `pinSchema` gives it
 */
export async function missingRights(
  client: Queryable,
  table: LedgerOf,
  { schema, versionNumber }: Pick<Server, 'schema' | 'versionNumber'>,
): Promise<MissingRights[]> {
  if (versionNumber === null) return [];
  const place = table.schema ?? schema;
  const wanted = rightsWanted(table).flatMap(({ name, rights }) =>
    rights.map((right) => ({ full: inSchema(place, name), right: right.toUpperCase() })),
  );
  const { rows } = await client.query(
    `SELECT CASE WHEN t.oid IS NULL THEN 'SCHEMA ' || quote_ident($3) ELSE 'TABLE ' || t.oid::text END AS target,
       CASE WHEN t.oid IS NULL THEN 'CREATE' ELSE w."right" END AS right,
       CASE WHEN t.oid IS NULL THEN has_schema_privilege(to_regnamespace(quote_ident($3)), 'CREATE')
         ELSE has_table_privilege(t.oid, w."right") END AS held
     FROM unnest($1::text[], $2::text[]) AS w("full", "right"), LATERAL (SELECT to_regclass(w."full") AS oid) AS t`,
    [wanted.map(({ full }) => full), wanted.map(({ right }) => right), place],
  );
  const found = new Map<string, Set<string>>();
  for (const { target, right, held } of rows)
    if (held === false)
      found.set(String(target), (found.get(String(target)) ?? new Set()).add(String(right)));
  return [...found].map(([on, rights]) => ({ on, rights: [...rights] }));
}
