import type { CatalogQuestion } from '../connection/read-only.js';
import { inSchema, type Server } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { asTyped, literal } from '../literal.js';
import { isBarred } from './if-there.js';
import { LEDGER_TABLE, type LedgerOf } from './ledger.js';

/** Of a right in upper case. */
const COMMAND = `CASE w."right" WHEN 'SELECT' THEN 'r' WHEN 'INSERT' THEN 'a' WHEN 'UPDATE' THEN 'w' ELSE 'd' END`;

/** What a role must be allowed on our tables to write down what it did, and to change the rows of a database. */
const wantedOn = (table: string, rows: boolean) => [
  { name: table, rights: rows ? ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] : ['SELECT'] },
  { name: LEDGER_TABLE, rights: ['SELECT', 'INSERT'] },
];

/** What is lacking where the sequence of the ledger is behind its entries: a copy of rows took no sequence along. */
const RENUMBER = 'NEXT NUMBER';

/** An expression: the next number of the ledger, whose sequence is `s.name`, would come to stand before an entry that is there. */
export function isBehindSql(schema: string | null): string {
  const most = `SELECT max(entry) AS n FROM ${inSchema(schema, LEDGER_TABLE)}`;
  const next = 'SELECT last_value + is_called::int AS n FROM %s';
  const number = (query: string): string =>
    `substring(query_to_xml(${query}, false, false, '')::text FROM '<n>([0-9]+)<')::bigint`;
  return `${number(literal(most))} >= ${number(`format(${literal(next)}, s.name)`)}`;
}

/** With its schema: whoever types the statement may have another search path. */
const nameSql = (oid: string): string =>
  `(SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ${oid})`;

/** What a role lacks on one of our tables, or on the schema in which it would have to make it. */
export interface MissingRights {
  readonly table: string;
  /** Whether it is there. */
  readonly exists: boolean;
  /** As GRANT takes them: `INSERT, UPDATE`. */
  readonly rights: string;
  /** `TABLE public.revgraph_ledger`, `SCHEMA public`, as GRANT takes it. */
  readonly on: string;
  /** True where they are granted, and row security lets no row pass. */
  readonly barred: boolean;
}

/**
 * Asks which rights on our tables the role of the session lacks, for {@link missingOf}.
 * @param rows whether the rows are to be changed
 */
export function rightsQuestion(
  table: LedgerOf,
  { schema }: Pick<Server, 'schema'>,
  rows = true,
): CatalogQuestion {
  const place = table.schema ?? schema;
  const wanted = wantedOn(table.name, rows).flatMap(({ name, rights }) =>
    rights.map((right) => ({ name, right })),
  );
  return [
    `(SELECT a.name AS "table", a.oid IS NOT NULL AS "exists", string_agg(a."right", ', ' ORDER BY a.at) AS rights, a.barred,
       CASE WHEN a.oid IS NULL THEN 'SCHEMA ' || quote_ident($4) ELSE 'TABLE ' || ${nameSql('a.oid')} END AS "on"
     FROM (SELECT w.name, w.at, t.oid, CASE WHEN t.oid IS NULL THEN 'CREATE' ELSE w."right" END AS "right",
             CASE WHEN t.oid IS NULL THEN has_schema_privilege(to_regnamespace(quote_ident($4)), 'CREATE')
               WHEN w."right" = 'DELETE' THEN has_table_privilege(t.oid, 'DELETE')
               ELSE has_table_privilege(t.oid, w."right") OR has_any_column_privilege(t.oid, w."right") END AS held,
             t.oid IS NOT NULL AND ${isBarred('t.oid', COMMAND)} AS barred
           FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(name, place, "right", at),
             LATERAL (SELECT to_regclass(w.place) AS oid) AS t
           WHERE t.oid IS NOT NULL OR w."right" = 'SELECT') AS a
     WHERE NOT a.held OR a.barred
     GROUP BY a.name, a.oid, a.barred ORDER BY min(a.at))
     UNION ALL
     SELECT ${nameSql('to_regclass($5)')}, true, '${RENUMBER}', false, s.name
     FROM (SELECT CASE WHEN to_regclass($5) IS NOT NULL THEN pg_get_serial_sequence($5, 'entry') END AS name) AS s
     WHERE CASE WHEN s.name IS NOT NULL AND has_table_privilege($5, 'SELECT') AND has_sequence_privilege(s.name, 'SELECT')
       THEN ${isBehindSql(place)} END`,
    [
      wanted.map(({ name }) => name),
      wanted.map(({ name }) => inSchema(place, name)),
      wanted.map(({ right }) => right),
      place,
      inSchema(place, LEDGER_TABLE),
    ],
  ];
}

/** What {@link rightsQuestion} was answered. */
export const missingOf = (rows: readonly Record<string, unknown>[] | null | undefined): MissingRights[] =>
  [...(rows ?? [])] as unknown as MissingRights[];

/** Which rights on our tables the role of the session lacks. One query. @param table with its schema, as `pinSchema` gives it */
export async function missingRights(
  client: Queryable,
  table: LedgerOf,
  server: Pick<Server, 'schema'>,
  rows: boolean,
): Promise<MissingRights[]> {
  const [question, values] = rightsQuestion(table, server, rows);
  return missingOf((await client.query(question, [...values])).rows);
}

/** Whether what is lacking is a number, and no right. */
export const isBehind = ({ rights }: Pick<MissingRights, 'rights'>): boolean => rights === RENUMBER;

/** That a role lacks something, and the statement that gives it. */
export function rightsText(
  { table, rights, on, barred }: MissingRights,
  user: string,
): { found: string; remedy: string } {
  if (isBehind({ rights }))
    return {
      found: `the sequence ${on} is behind the entries: they were copied without it, and new ones would come to stand before them`,
      remedy: `SELECT setval('${on}', (SELECT max(entry) FROM ${table}));`,
    };
  return barred
    ? {
        found: `row security keeps ${user} from ${rights}`,
        remedy: `ALTER ${on} DISABLE ROW LEVEL SECURITY;`,
      }
    : { found: `${user} does not have ${rights}`, remedy: `GRANT ${rights} ON ${on} TO ${asTyped(user)};` };
}
