import type { Queryable } from '../connection/session.js';
import { quote } from '../literal.js';

const SYSTEM = "(SELECT oid FROM pg_namespace WHERE nspname = 'information_schema' OR nspname LIKE 'pg\\_%')";

/** Of a schema of the database's own, not of an extension's, and not one of our tables. */
const own = (relation: string, oid: string, namespace: string): string => `
  ${namespace} NOT IN ${SYSTEM}
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${relation}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;
const ownRelation = `${own('pg_class', 'c.oid', 'c.relnamespace')} AND c.relname NOT LIKE 'revgraph\\_%'`;

/**
 * What facts leave out because versions print it differently, on one and the same server: bodies, the order of columns, owners,
 * rights and properties. One line each.
 */
const DEFINITIONS = `
  SELECT 'function ' || pg_get_functiondef(p.oid) AS line FROM pg_proc p
    WHERE p.prokind IN ('f', 'p') AND ${own('pg_proc', 'p.oid', 'p.pronamespace')}
  UNION ALL SELECT concat_ws(' ', 'function', p.oid::regprocedure, 'of', p.proowner::regrole, p.proacl::text) FROM pg_proc p
    WHERE ${own('pg_proc', 'p.oid', 'p.pronamespace')}
  UNION ALL SELECT 'view ' || c.oid::regclass || ' ' || pg_get_viewdef(c.oid) FROM pg_class c WHERE c.relkind IN ('v', 'm') AND ${ownRelation}
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND ${ownRelation}
  UNION ALL SELECT concat_ws(' ', 'constraint triggers of', c.oid::regclass, t.tgenabled, count(*)) FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgisinternal AND ${ownRelation} GROUP BY c.oid, t.tgenabled
  UNION ALL SELECT 'rule ' || pg_get_ruledef(r.oid) || ' ' || r.ev_enabled::text FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    WHERE r.rulename <> '_RETURN' AND ${ownRelation}
  UNION ALL SELECT 'policy ' || to_json(y)::text FROM pg_policies y
  UNION ALL SELECT 'columns ' || c.oid::regclass || ' ' || string_agg(concat_ws(' ', quote_ident(a.attname), a.attacl::text), ', ' ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND ${ownRelation} GROUP BY c.oid
  UNION ALL SELECT concat_ws(' ', 'relation', c.oid::regclass, 'of', c.relowner::regrole, c.relpersistence, c.relreplident, c.relrowsecurity,
    c.relforcerowsecurity, c.reloptions::text, c.relacl::text) FROM pg_class c WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'i') AND ${ownRelation}
  UNION ALL SELECT concat_ws(' ', 'schema', n.nspname, 'of', n.nspowner::regrole, n.nspacl::text) FROM pg_namespace n WHERE n.oid NOT IN ${SYSTEM}
  UNION ALL SELECT concat_ws(' ', 'type', t.oid::regtype, 'of', t.typowner::regrole, t.typacl::text) FROM pg_type t
    WHERE t.typtype IN ('e', 'd', 'c', 'r') AND (t.typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
    AND ${own('pg_type', 't.oid', 't.typnamespace')}
  UNION ALL SELECT concat_ws(' ', 'default rights', d.defaclrole::regrole, d.defaclnamespace::regnamespace, d.defaclobjtype, d.defaclacl::text) FROM pg_default_acl d
  UNION ALL SELECT concat_ws(' ', 'cast', k.castsource::regtype, k.casttarget::regtype, k.castfunc::regprocedure, k.castcontext) FROM pg_cast k WHERE k.oid >= 16384
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = k.oid AND d.deptype = 'e')
  UNION ALL SELECT 'publication ' || (to_jsonb(b) - 'oid')::text FROM pg_publication b
  UNION ALL SELECT 'published ' || to_json(y)::text FROM pg_publication_tables y`;

/** Reads them under an empty search path, in the transaction that is open. */
export async function readDefinitions(client: Queryable): Promise<ReadonlySet<string>> {
  await client.query("SELECT set_config('search_path', '', true)");
  const { rows } = await client.query(DEFINITIONS);
  return new Set(rows.map(({ line }) => String(line)));
}

const TABLES = `
  SELECT n.nspname AS schema, c.relname AS name, coalesce(array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attname IS NOT NULL), '{}') AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND ${ownRelation} GROUP BY 1, 2 ORDER BY 1, 2`;

/** What tables hold, in whatever order. */
export interface Contents {
  /** Rows by table. */
  readonly rows: ReadonlyMap<string, number>;
  /** A word by `table.column` that stands for its values, and one by sequence. */
  readonly words: ReadonlyMap<string, string>;
}

/** Reads every value of the tables of the database, column by column. */
export async function readByColumn(client: Queryable): Promise<Contents> {
  const { rows: tables } = await client.query(TABLES);
  const rows = new Map<string, number>();
  const words = new Map<string, string>();
  for (const { schema, name, columns } of tables) {
    const place = `${quote(String(schema))}.${quote(String(name))}`;
    const sums = (columns as string[]).map(
      (column, i) =>
        `coalesce(sum(hashtextextended(coalesce(${quote(column)}::text, ''), 0)::numeric), 0)::text AS c${i}`,
    );
    const { rows: found } = await client.query(
      `SELECT ${['count(*)::text AS n', ...sums].join(', ')} FROM ${place}`,
    );
    rows.set(place, Number(found[0]?.n));
    for (const [i, column] of (columns as string[]).entries())
      words.set(`${place}.${quote(column)}`, String(found[0]?.[`c${i}`]));
  }
  const { rows: sequences } = await client.query(
    "SELECT schemaname || '.' || sequencename AS name, coalesce(last_value::text, 'unused') AS word FROM pg_sequences WHERE sequencename NOT LIKE 'revgraph\\_%'",
  );
  for (const { name, word } of sequences) words.set(`sequence ${name}`, String(word));
  return { rows, words };
}
