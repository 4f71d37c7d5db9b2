/**
 * Reads what the catalog says about a schema, in the shape of `fixtures/whisperengine/<release>.json`,
 * and brings both to one comparable form.
 *
 * It is deliberately written apart from the library's own introspection: the tests hold one against
 * the other, so a mistake in the queries of one of them cannot hide behind the same mistake here.
 */

export type Query = (sql: string) => Promise<{ rows: unknown[] }>;

export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  readonly not_null?: boolean;
  readonly default?: string | null;
  /** The expression of a stored generated column. */
  readonly generated?: string;
  /** `a` = always, `d` = by default. */
  readonly identity?: string;
}

export interface IndexFacts {
  readonly definition: string;
  readonly backs_constraint?: boolean;
}

/** Constraint or index name → what the server prints for it. */
export type Definitions<Value = string> = Readonly<Record<string, Value>>;

export interface TableFacts {
  readonly columns: readonly ColumnFacts[];
  readonly primary_key?: { readonly name: string; readonly definition: string };
  readonly unique_constraints?: Definitions;
  readonly check_constraints?: Definitions;
  readonly exclusion_constraints?: Definitions;
  readonly foreign_keys?: Definitions;
  readonly indexes?: Definitions<IndexFacts>;
}

export interface SchemaFacts {
  readonly extensions: Readonly<Record<string, { readonly schema: string; readonly version: string }>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly tables: Readonly<Record<string, TableFacts>>;
}

export interface ComparableTable {
  readonly columns: Readonly<Record<string, ComparableColumn>>;
  readonly primary_key: { readonly name: string; readonly definition: string } | null;
  readonly unique_constraints: Definitions;
  readonly check_constraints: Definitions;
  readonly exclusion_constraints: Definitions;
  readonly foreign_keys: Definitions;
  readonly indexes: Definitions<{ readonly definition: string; readonly backs_constraint: boolean }>;
}

export interface ComparableColumn {
  readonly type: string;
  readonly not_null: boolean;
  readonly default: string | null;
  readonly generated: string | null;
  readonly identity: string | null;
}

/**
 * `query` must be bound to one session that is not inside a transaction: the definitions are printed
 * under an empty search_path, set for one transaction only, so that every name carries its schema.
 */
export async function readSchemaFacts(query: Query, schema = 'public'): Promise<SchemaFacts> {
  await query('BEGIN');
  try {
    await query("SET LOCAL search_path = ''");
    return {
      extensions: await readExtensions(query),
      enums: await readEnums(query, schema),
      tables: await readTables(query, schema),
    };
  } finally {
    await query('ROLLBACK');
  }
}

/**
 * Tables by name with everything order-free, so that two databases that took different paths can be
 * compared with one deep-equal. Bookkeeping tables (the product's, Alembic's, ours) are left out.
 */
export function comparableTables(facts: {
  readonly tables: Readonly<Record<string, TableFacts>>;
}): Record<string, ComparableTable> {
  return mapSorted(
    Object.fromEntries(Object.entries(facts.tables).filter(([name]) => !isBookkeeping(name))),
    (table) => ({
      columns: mapSorted(
        Object.fromEntries(table.columns.map((column) => [column.name, column])),
        (column) => ({
          type: column.type,
          not_null: column.not_null ?? false,
          default: column.default ?? null,
          generated: column.generated ?? null,
          identity: column.identity ?? null,
        }),
      ),
      primary_key: table.primary_key
        ? { name: table.primary_key.name, definition: table.primary_key.definition }
        : null,
      unique_constraints: mapSorted(table.unique_constraints, normaliseMembership),
      check_constraints: mapSorted(table.check_constraints, normaliseMembership),
      exclusion_constraints: mapSorted(table.exclusion_constraints, normaliseMembership),
      foreign_keys: mapSorted(table.foreign_keys, normaliseMembership),
      indexes: mapSorted(table.indexes, (index) => ({
        definition: normaliseMembership(index.definition),
        backs_constraint: index.backs_constraint ?? false,
      })),
    }),
  );
}

function isBookkeeping(table: string): boolean {
  return table === 'schema_migrations' || table === 'alembic_version' || table.startsWith('revgraph_');
}

const VARCHAR_LITERALS = /\(ARRAY\[((?:'(?:[^']|'')*'::character varying(?:, )?)+)\]\)::text\[\]/g;
const VARCHAR_LITERAL = /'(?:[^']|'')*'::character varying/g;

/**
 * `x IN ('a', 'b')` on a varchar prints as `(ARRAY['a'::varchar, …])::text[]` where it was written and as
 * `ARRAY[('a'::varchar)::text, …]` after one dump and restore. The second form is stable, so it is the one kept.
 * It occurs in check constraints and in the predicates of partial indexes.
 */
function normaliseMembership(definition: string): string {
  return definition.replace(
    VARCHAR_LITERALS,
    (_, literals: string) => `ARRAY[${literals.replace(VARCHAR_LITERAL, '($&)::text')}]`,
  );
}

function mapSorted<In, Out>(
  entries: Readonly<Record<string, In>> | undefined,
  map: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(
    Object.entries(entries ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, map(value)]),
  );
}

async function readExtensions(query: Query): Promise<SchemaFacts['extensions']> {
  const rows = await select<{ name: string; schema: string; version: string }>(
    query,
    `SELECT e.extname AS name, n.nspname AS schema, e.extversion AS version
     FROM pg_catalog.pg_extension e
     JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
     ORDER BY e.extname`,
  );
  return Object.fromEntries(rows.map(({ name, schema, version }) => [name, { schema, version }]));
}

async function readEnums(query: Query, schema: string): Promise<SchemaFacts['enums']> {
  const rows = await select<{ name: string; labels: string[] }>(
    query,
    `SELECT t.typname AS name, json_agg(e.enumlabel ORDER BY e.enumsortorder) AS labels
     FROM pg_catalog.pg_type t
     JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid
     WHERE t.typnamespace = ${namespace(schema)} AND ${ownedByNoExtension('pg_type', 't.oid')}
     GROUP BY t.typname
     ORDER BY t.typname`,
  );
  return Object.fromEntries(rows.map(({ name, labels }) => [name, labels]));
}

/** One query per kind of object, whatever the number of tables. */
async function readTables(query: Query, schema: string): Promise<SchemaFacts['tables']> {
  const tables = tableRelations(schema);
  const columns = await select<ColumnRow>(
    query,
    `SELECT c.relname AS table, a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS expression,
       a.attgenerated::text AS generated, a.attidentity::text AS identity
     FROM (${tables}) c
     JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     ORDER BY c.relname, a.attnum`,
  );
  // PostgreSQL 18 also lists NOT NULL here (contype 'n'); it is part of the column.
  const constraints = await select<ConstraintRow>(
    query,
    `SELECT c.relname AS table, o.conname AS name, o.contype::text AS kind,
       pg_catalog.pg_get_constraintdef(o.oid) AS definition
     FROM (${tables}) c
     JOIN pg_catalog.pg_constraint o ON o.conrelid = c.oid
     WHERE o.contype IN ('p', 'u', 'c', 'x', 'f')
     ORDER BY c.relname, o.conname`,
  );
  const indexes = await select<IndexRow>(
    query,
    `SELECT c.relname AS table, i.relname AS name, pg_catalog.pg_get_indexdef(i.oid) AS definition,
       EXISTS (
         SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = i.oid AND o.contype IN ('p', 'u', 'x')
       ) AS backs_constraint
     FROM (${tables}) c
     JOIN pg_catalog.pg_index x ON x.indrelid = c.oid
     JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
     ORDER BY c.relname, i.relname`,
  );
  const names = await select<{ table: string }>(
    query,
    `SELECT c.relname AS table FROM (${tables}) c ORDER BY c.relname`,
  );

  const columnsOf = groupByTable(columns);
  const constraintsOf = groupByTable(constraints);
  const indexesOf = groupByTable(indexes);
  return Object.fromEntries(
    names.map(({ table }) => [
      table,
      {
        columns: (columnsOf.get(table) ?? []).map(columnFacts),
        ...constraintFacts(constraintsOf.get(table) ?? []),
        indexes: Object.fromEntries((indexesOf.get(table) ?? []).map((row) => [row.name, indexFacts(row)])),
      },
    ]),
  );
}

interface ColumnRow {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly not_null: boolean;
  readonly expression: string | null;
  readonly generated: string;
  readonly identity: string;
}

interface ConstraintRow {
  readonly table: string;
  readonly name: string;
  readonly kind: string;
  readonly definition: string;
}

interface IndexRow extends IndexFacts {
  readonly table: string;
  readonly name: string;
}

function columnFacts({ name, type, not_null, expression, generated, identity }: ColumnRow): ColumnFacts {
  // The catalog keeps a default and the expression of a generated column in the same place.
  const value = expression === null ? {} : generated ? { generated: expression } : { default: expression };
  return { name, type, ...(not_null && { not_null }), ...value, ...(identity && { identity }) };
}

function indexFacts({ definition, backs_constraint }: IndexRow): IndexFacts {
  return backs_constraint ? { backs_constraint, definition } : { definition };
}

function constraintFacts(rows: readonly ConstraintRow[]): Omit<TableFacts, 'columns' | 'indexes'> {
  const ofKind = (kind: string): Record<string, string> =>
    Object.fromEntries(rows.filter((row) => row.kind === kind).map((row) => [row.name, row.definition]));
  const key = rows.find((row) => row.kind === 'p');
  return {
    ...(key && { primary_key: { name: key.name, definition: key.definition } }),
    unique_constraints: ofKind('u'),
    check_constraints: ofKind('c'),
    exclusion_constraints: ofKind('x'),
    foreign_keys: ofKind('f'),
  };
}

function tableRelations(schema: string): string {
  return `SELECT r.oid, r.relname FROM pg_catalog.pg_class r
     WHERE r.relkind IN ('r', 'p') AND r.relnamespace = ${namespace(schema)}
       AND ${ownedByNoExtension('pg_class', 'r.oid')}`;
}

function ownedByNoExtension(catalog: 'pg_class' | 'pg_type', oid: string): string {
  return `NOT EXISTS (
         SELECT FROM pg_catalog.pg_depend p
         WHERE p.classid = 'pg_catalog.${catalog}'::regclass AND p.objid = ${oid} AND p.deptype = 'e'
       )`;
}

function namespace(schema: string): string {
  return `(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = '${schema.replaceAll("'", "''")}')`;
}

function groupByTable<Row extends { readonly table: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.table);
    if (group) group.push(row);
    else groups.set(row.table, [row]);
  }
  return groups;
}

async function select<Row>(query: Query, sql: string): Promise<Row[]> {
  const { rows } = await query(sql);
  return rows as Row[];
}
