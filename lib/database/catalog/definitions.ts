import type { Queryable } from '../connection/session.js';

/** Of a schema of the database's own, and not of an extension's. */
const own = (relation: string, oid: string, namespace: string): string => `
  ${namespace} NOT IN (SELECT oid FROM pg_namespace WHERE nspname = 'information_schema' OR nspname LIKE 'pg\\_%')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${relation}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

/**
 * What facts leave out because versions print it differently, on one and the same server: bodies, the order of columns, rights.
 * One line each.
 */
const DEFINITIONS = `
  SELECT 'function ' || pg_get_functiondef(p.oid) AS line FROM pg_proc p
    WHERE p.prokind IN ('f', 'p') AND ${own('pg_proc', 'p.oid', 'p.pronamespace')}
  UNION ALL SELECT 'view ' || c.oid::regclass || ' ' || pg_get_viewdef(c.oid) FROM pg_class c
    WHERE c.relkind IN ('v', 'm') AND ${own('pg_class', 'c.oid', 'c.relnamespace')}
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND ${own('pg_class', 'c.oid', 'c.relnamespace')}
  UNION ALL SELECT 'rule ' || pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    WHERE r.rulename <> '_RETURN' AND ${own('pg_class', 'c.oid', 'c.relnamespace')}
  UNION ALL SELECT 'policy ' || to_json(y)::text FROM pg_policies y
  UNION ALL SELECT 'columns ' || c.oid::regclass || ' ' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p', 'f') AND ${own('pg_class', 'c.oid', 'c.relnamespace')} GROUP BY c.oid
  UNION ALL SELECT 'rights ' || c.oid::regclass || ' ' || c.relacl::text FROM pg_class c
    WHERE c.relacl IS NOT NULL AND ${own('pg_class', 'c.oid', 'c.relnamespace')}`;

/** Reads them under an empty search path, in the transaction that is open. */
export async function readDefinitions(client: Queryable): Promise<ReadonlySet<string>> {
  await client.query("SELECT set_config('search_path', '', true)");
  const { rows } = await client.query(DEFINITIONS);
  return new Set(rows.map(({ line }) => String(line)));
}
