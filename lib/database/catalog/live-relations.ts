import type { ReadOnlySession } from '../connection/read-only.js';

/** A name as a statement has it; `schema` null = found by the search path. */
export interface WantedRelation {
  readonly schema: string | null;
  readonly name: string;
}

export type TableRight =
  | 'select'
  | 'insert'
  | 'update'
  | 'delete'
  | 'truncate'
  | 'references'
  | 'trigger'
  | 'refresh'
  | 'own'
  | 'drop';

export interface LiveColumn {
  readonly type: string;
  readonly typeSchema: string;
  /** PostgreSQL's type modifier, -1 without one. */
  readonly modifier: number;
  readonly notNull: boolean;
  /** Null: none, or generated. */
  readonly default: string | null;
  /** A validated check says that it is not null. */
  readonly checked: boolean;
}

/** A table, view, index or sequence that is there now. */
export interface LiveRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `r` table, `p` partitioned table, `v` view, `m` materialised view, `f` foreign table, `i` index, `S` sequence. */
  readonly kind: string;
  readonly rights: Readonly<Record<TableRight, boolean>>;
  /** This role may make something in its schema. */
  readonly room: boolean;
  /** Another session holds an exclusive lock: size and columns are unknown. */
  readonly locked: boolean;
  readonly bytes: number;
  /** An estimate. */
  readonly rows: number;
  readonly populated: boolean;
  /** Unique indexes that a concurrent refresh can use. */
  readonly uniqueIndexes: readonly string[];
  readonly primaryKey: readonly string[] | null;
  readonly columns: Readonly<Record<string, LiveColumn>>;
}

const held = (right: string): string =>
  `has_table_privilege(c.oid, '${right}') OR has_any_column_privilege(c.oid, '${right}')`;

/** Where nothing was ever analysed, a row is taken for this many bytes: rather too many rows than too few. */
const ROW_BYTES = 40;

const SIZES = `
  SELECT sum(pg_relation_size(l.oid)) AS bytes,
         sum(CASE WHEN l.reltuples >= 0 AND l.relpages > 0
                  THEN l.reltuples / l.relpages * (pg_relation_size(l.oid) / current_setting('block_size')::int)
                  ELSE pg_relation_size(l.oid) / ${ROW_BYTES} END) AS rows
  FROM (SELECT c.oid WHERE c.relkind IN ('r', 'm')
        UNION ALL SELECT relid FROM pg_partition_tree(c.oid) WHERE c.relkind = 'p' AND isleaf) part
  JOIN pg_class l ON l.oid = part.oid`;

const COLUMNS = `
  SELECT json_object_agg(a.attname, json_build_object(
           'type', t.typname, 'typeSchema', tn.nspname, 'modifier', a.atttypmod, 'notNull', a.attnotnull,
           'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
           'checked', EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated
                              AND a.attnum = ANY (k.conkey) AND pg_get_constraintdef(k.oid) LIKE '%IS NOT NULL%')))
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`;

const USABLE = `
  SELECT array_agg(x.relname::text) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
  WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL`;

const PRIMARY_KEY = `
  SELECT array_agg(a.attname::text ORDER BY key.position)
  FROM pg_constraint k, unnest(k.conkey) WITH ORDINALITY AS key(number, position)
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = key.number
  WHERE k.conrelid = c.oid AND k.contype = 'p'`;

/** By joins, not by to_regclass, which fails where the schema may not be used. */
const RELATIONS = `
  WITH alone AS MATERIALIZED (
    SELECT DISTINCT relation FROM pg_locks
    WHERE granted AND mode = 'AccessExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
  SELECT w.at::int AS at, c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
         c.relispopulated AS populated, has_schema_privilege(n.oid, 'CREATE') AS room, look.locked,
         pg_has_role(c.relowner, 'USAGE') AS own, pg_has_role(c.relowner, 'USAGE') OR pg_has_role(n.nspowner, 'USAGE') AS drop,
         ${held('SELECT')} AS select, ${held('INSERT')} AS insert, ${held('UPDATE')} AS update,
         has_table_privilege(c.oid, 'DELETE') AS delete, has_table_privilege(c.oid, 'TRUNCATE') AS truncate,
         ${held('REFERENCES')} AS references, has_table_privilege(c.oid, 'TRIGGER') AS trigger,
         pg_has_role(c.relowner, 'USAGE') OR CASE WHEN current_setting('server_version_num')::int >= 170000
           THEN has_table_privilege(c.oid, 'MAINTAIN') ELSE false END AS refresh,
         CASE WHEN NOT look.locked THEN (SELECT row_to_json(s) FROM (${SIZES}) s) END AS size,
         CASE WHEN NOT look.locked AND c.relkind IN ('r', 'p', 'm') THEN (${COLUMNS}) END AS columns,
         (${USABLE}) AS unique_indexes, (${PRIMARY_KEY}) AS primary_key
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(schema, name, at)
  JOIN pg_class c ON c.relname = w.name
  JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL (SELECT $3::bool OR c.oid IN (SELECT relation FROM alone) AS locked) look
  WHERE CASE WHEN w.schema IS NULL THEN pg_table_is_visible(c.oid) ELSE n.nspname = w.schema END`;

/** Those of the relations that are there, by their place in the list: one round trip. */
export async function readRelations(
  reader: ReadOnlySession,
  wanted: readonly WantedRelation[],
): Promise<ReadonlyMap<number, LiveRelation>> {
  if (wanted.length === 0) return new Map();
  const names = [wanted.map(({ schema }) => schema), wanted.map(({ name }) => name)];
  // A table whose size has to be waited for: then without sizes.
  const [found] = await reader.askAll([[RELATIONS, [...names, false]]]);
  const rows =
    found ?? (await reader.demand('looking at the tables of the plan', RELATIONS, [...names, true]));
  return new Map(rows.map((row) => [Number(row.at) - 1, toRelation(row)]));
}

function toRelation(row: Record<string, unknown>): LiveRelation {
  const size = row.size as { bytes: number | null; rows: number | null } | null;
  const is = (right: string): boolean => row[right] === true;
  return {
    oid: Number(row.oid),
    schema: String(row.schema),
    name: String(row.name),
    kind: String(row.kind),
    rights: {
      select: is('select'),
      insert: is('insert'),
      update: is('update'),
      delete: is('delete'),
      truncate: is('truncate'),
      references: is('references'),
      trigger: is('trigger'),
      refresh: is('refresh'),
      own: is('own'),
      drop: is('drop'),
    },
    room: is('room'),
    locked: is('locked'),
    bytes: Number(size?.bytes ?? 0),
    rows: Math.round(Number(size?.rows ?? 0)),
    populated: is('populated'),
    uniqueIndexes: (row.unique_indexes as string[] | null) ?? [],
    primaryKey: row.primary_key as string[] | null,
    columns: (row.columns as Record<string, LiveColumn> | null) ?? {},
  };
}
