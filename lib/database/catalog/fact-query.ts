import { BOOKKEEPING, enabled, name, notOwned, object, SERVER_SCHEMAS, where } from './fact-sql.js';
import { TABLE_FACTS } from './fact-tables.js';

const DOMAIN = [
  'format_type(t.typbasetype, t.typtypmod)',
  where('t.typcollation <> b.typcollation', "' collate ' || t.typcollation::regcollation::text"),
  where('t.typnotnull', "' not null'"),
  where('t.typdefaultbin IS NOT NULL', "' default ' || pg_get_expr(t.typdefaultbin, 'pg_type'::regclass)"),
].join(' || ');

const SEQUENCE = [
  'format_type(s.seqtypid, NULL)',
  where('s.seqincrement <> 1', "' increment by ' || s.seqincrement"),
  where('s.seqstart <> 1', "' start with ' || s.seqstart"),
  where('s.seqcycle', "' cycle'"),
].join(' || ');

/** Objects of one catalog that stand in a schema by themselves: their columns begin with `prefix`. */
const inSchema = (catalog: string, prefix: string, kind: string, definition: string, more = ''): string =>
  object(
    catalog,
    'x.oid',
    `'${kind}'`,
    name('n.nspname', `x.${prefix}name`),
    definition,
    `${catalog} x JOIN schema n ON n.oid = x.${prefix}namespace ${more} WHERE ${notOwned(catalog, 'x.oid')}`,
  );

const ROUTINE = "CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END";
const SIGNATURE = `${name('p.nspname', 'p.proname')} || '(' || pg_get_function_identity_arguments(p.oid) || ')'`;

/**
 * The text of a body goes through a dump unchanged, so its hash is the same everywhere; only line ends depend on who wrote the file.
 * One that a database without an encoding can't bring to UTF-8 has none.
 */
const BODY = `CASE WHEN getdatabaseencoding() = 'SQL_ASCII' AND octet_length(p.prosrc) <> length(regexp_replace(p.prosrc, '[^ -~[:space:]]', '', 'g')) THEN NULL
  ELSE left(encode(sha256(convert_to(replace(p.prosrc, chr(13), ''), 'UTF8')), 'hex'), 16) END`;

/** What stands in a schema, or in the database, by itself. */
const OTHER_FACTS = [
  object(
    'pg_namespace',
    'n.oid',
    "'schema'",
    name('n.nspname'),
    'NULL',
    `schema n WHERE n.nspname <> 'public' AND ${notOwned('pg_namespace', 'n.oid')}`,
  ),
  object(
    'pg_constraint',
    'o.oid',
    "'constraint'",
    name('t.nspname', 't.typname', 'o.conname'),
    'pg_get_constraintdef(o.oid)',
    "type t JOIN pg_constraint o ON o.contypid = t.oid WHERE o.contype = 'c'",
  ),
  object(
    'pg_type',
    't.oid',
    "'enum'",
    name('t.nspname', 't.typname'),
    "(SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)",
    "type t WHERE t.typtype = 'e'",
  ),
  object(
    'pg_type',
    't.oid',
    "'domain'",
    name('t.nspname', 't.typname'),
    DOMAIN,
    "type t JOIN pg_type b ON b.oid = t.typbasetype WHERE t.typtype = 'd'",
  ),
  object(
    'pg_type',
    't.oid',
    "'range'",
    name('t.nspname', 't.typname'),
    'format_type(g.rngsubtype, NULL)',
    'type t JOIN pg_range g ON g.rngtypid = t.oid',
  ),
  object('pg_proc', 'p.oid', ROUTINE, SIGNATURE, 'pg_get_function_result(p.oid)', 'routine p'),
  // A body that is parsed (BEGIN ATOMIC) prints differently from version to version.
  object(
    'pg_proc',
    'NULL',
    `'body of ' || ${ROUTINE}`,
    SIGNATURE,
    BODY,
    `routine p JOIN pg_language l ON l.oid = p.prolang
     WHERE l.lanname NOT IN ('c', 'internal') AND p.prokind <> 'a' AND p.prosqlbody IS NULL`,
  ),
  // One that belongs to a column is part of the column.
  object(
    'pg_class',
    'c.oid',
    "'sequence'",
    name('n.nspname', 'c.relname'),
    SEQUENCE,
    `pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN schema n ON n.oid = c.relnamespace
     WHERE ${BOOKKEEPING} AND ${notOwned('pg_class', 'c.oid')}
       AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype IN ('a', 'i'))`,
  ),
  object(
    'pg_event_trigger',
    'e.oid',
    "'event trigger'",
    name('e.evtname'),
    `e.evtevent || ' ' || e.evtfoid::regproc::text || coalesce(' ' || array_to_string(e.evttags, ', '), '') || ${enabled('e.evtenabled')}`,
    `pg_event_trigger e WHERE ${notOwned('pg_event_trigger', 'e.oid')}`,
  ),
  inSchema('pg_statistic_ext', 'stx', 'statistics', 'pg_get_statisticsobjdef(x.oid)'),
  inSchema('pg_collation', 'coll', 'collation', 'NULL'),
  inSchema('pg_ts_config', 'cfg', 'text search configuration', 'NULL'),
  inSchema('pg_ts_dict', 'dict', 'text search dictionary', 'NULL'),
  object(
    'pg_operator',
    'o.oid',
    "'operator'",
    `quote_ident(n.nspname) || '.' || o.oprname || '(' || format_type(nullif(o.oprleft, 0), NULL) || ', ' || format_type(o.oprright, NULL) || ')'`,
    'format_type(o.oprresult, NULL)',
    `pg_operator o JOIN schema n ON n.oid = o.oprnamespace WHERE ${notOwned('pg_operator', 'o.oid')}`,
  ),
];

/** What several kinds of facts begin with is looked for once: to plan a part of the query for each costs more than to run it. */
const TYPES = `SELECT t.oid, t.typname, t.typtype, t.typbasetype, t.typtypmod, t.typcollation, t.typnotnull, t.typdefaultbin, n.nspname
      FROM pg_type t JOIN schema n ON n.oid = t.typnamespace
      WHERE t.typtype IN ('d', 'e', 'r') AND ${notOwned('pg_type', 't.oid')}`;

/** The functions of a range type are the server's own doing. */
const ROUTINES = `SELECT p.oid, p.proname, p.prokind, p.prosrc, p.prosqlbody, p.prolang, n.nspname
      FROM pg_proc p JOIN schema n ON n.oid = p.pronamespace
      WHERE ${notOwned('pg_proc', 'p.oid')}
        AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_proc'::regclass AND x.objid = p.oid AND x.deptype = 'i')`;

/**
 * The query that gives `kind`, `name` and `definition` of every object.
 *
 * @param ours the version table, as a literal
 */
export function factQuery(ours: string): string {
  return `
    WITH owned AS MATERIALIZED (
      SELECT classid, objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
    ),
    schema AS MATERIALIZED (SELECT n.oid, n.nspname FROM pg_namespace n WHERE ${SERVER_SCHEMAS}),
    relation AS MATERIALIZED (
      SELECT c.oid, c.relkind, c.relname, c.reltype, c.relpartbound, c.relrowsecurity, c.relforcerowsecurity, n.nspname
      FROM pg_class c JOIN schema n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND ${BOOKKEEPING}
        AND ${notOwned('pg_class', 'c.oid')} AND ${notOwned('pg_type', 'c.reltype')}
    ),
    type AS MATERIALIZED (${TYPES}),
    routine AS MATERIALIZED (${ROUTINES}),
    object (classoid, objoid, objsubid, kind, name, definition) AS MATERIALIZED (${[...TABLE_FACTS, ...OTHER_FACTS].join(' UNION ALL ')})
    SELECT kind, name, definition FROM object
    UNION ALL
    SELECT 'extension', quote_ident(extname), NULL FROM pg_extension WHERE extname <> 'plpgsql'
    UNION ALL
    SELECT 'comment on ' || o.kind, o.name, d.description
    FROM object o JOIN pg_description d ON d.classoid = o.classoid AND d.objoid = o.objoid AND d.objsubid = o.objsubid
  `.replaceAll('$OURS', () => ours);
}
