import type { Fact } from '../../fingerprint/fact.js';

/** Kinds that can be made again from what their facts say, in the order in which they are made. */
const KINDS = [
  'schema',
  'extension',
  'enum',
  'sequence',
  'table',
  'column',
  'constraint',
  'index',
  'view',
  'materialized view',
] as const;
type Kind = (typeof KINDS)[number];

interface Part {
  readonly kind: Kind;
  /** As SQL has it, schema and quotes included. */
  readonly name: string;
  readonly definition: string;
}

const FACT = new RegExp(
  `^(${[...KINDS].sort((a, b) => b.length - a.length).join('|')}) ((?:[^":]|"[^"]*"|:(?! ))*)(?:: ([\\s\\S]*))?$`,
);

/** `schema.table` and `column`, from a name of both. */
const COLUMN_NAME = /^(.*)\.("(?:[^"]|"")*"|[^".]+)$/s;
const NEXTVAL = /nextval\('([^']+)'::regclass\)/;
const GENERATED = /^(.*?) generated as (.*?)( virtual)?$/s;

/**
 * Statements that make a schema with these facts, in an empty database: schemas, extensions, enums, sequences, tables,
 * columns, constraints, indexes, and views by their columns. What has a body (functions, triggers, rules, policies) can't
 * be made from a fact and is left out.
 */
export function rebuildStatements(facts: Iterable<Fact>): string[] {
  const parts: { readonly [K in Kind]: Part[] } = {
    schema: [],
    extension: [],
    enum: [],
    sequence: [],
    table: [],
    column: [],
    constraint: [],
    index: [],
    view: [],
    'materialized view': [],
  };
  for (const fact of [...facts].sort()) {
    const [, kind, name, definition = ''] = FACT.exec(fact) ?? [];
    if (kind !== undefined && name !== undefined)
      parts[kind as Kind].push({ kind: kind as Kind, name, definition });
  }
  const columns = byRelation(parts.column);
  const isForeign = ({ definition }: Part): boolean => definition.startsWith('FOREIGN KEY');
  return [
    ...parts.schema.map(({ name }) => `CREATE SCHEMA ${name}`),
    ...parts.extension.map(({ name }) => `CREATE EXTENSION ${name}`),
    ...parts.enum.map(({ name, definition }) => `CREATE TYPE ${name} AS ENUM (${definition})`),
    ...parts.sequence.map(({ name, definition }) => `CREATE SEQUENCE ${name} AS ${definition}`),
    ...parts.column.flatMap(sequenceOf),
    ...parts.table.map(({ name }) => tableStatement(name, columns.get(name) ?? [])),
    ...parts.column.flatMap((column) => ownership(column, new Set(parts.sequence.map((s) => s.name)))),
    ...parts.constraint.filter((one) => !isForeign(one)).flatMap(constraintStatement),
    ...parts.index.map(({ definition }) => definition.replace(/ INVALID$/, '')),
    ...parts.constraint.filter(isForeign).flatMap(constraintStatement),
    ...[...parts.view, ...parts['materialized view']].map(({ kind, name }) =>
      viewStatement(kind, name, columns.get(name) ?? []),
    ),
  ];
}

function byRelation(columns: readonly Part[]): Map<string, Part[]> {
  const relations = new Map<string, Part[]>();
  for (const column of columns) {
    const [, relation, name] = COLUMN_NAME.exec(column.name) ?? [];
    if (relation === undefined || name === undefined) continue;
    const known = relations.get(relation) ?? [];
    known.push({ ...column, name });
    relations.set(relation, known);
  }
  return relations;
}

/** The sequence of a serial column, which is no fact by itself. */
function sequenceOf({ definition }: Part): string[] {
  const sequence = NEXTVAL.exec(definition)?.[1];
  if (sequence === undefined) return [];
  const type = /^(smallint|integer|bigint)\b/.exec(definition)?.[0] ?? 'bigint';
  return [`CREATE SEQUENCE IF NOT EXISTS ${sequence} AS ${type}`];
}

function ownership({ name, definition }: Part, loose: ReadonlySet<string>): string[] {
  const sequence = NEXTVAL.exec(definition)?.[1];
  return sequence === undefined || loose.has(sequence) ? [] : [`ALTER SEQUENCE ${sequence} OWNED BY ${name}`];
}

function tableStatement(name: string, columns: readonly Part[]): string {
  const lines = columns.map((column) => `  ${column.name} ${columnDefinition(column.definition)}`);
  return `CREATE TABLE ${name} (\n${lines.join(',\n')}\n)`;
}

function columnDefinition(definition: string): string {
  const [, type, expression, virtual] = GENERATED.exec(definition) ?? [];
  if (type === undefined || type.includes(' default ')) return definition;
  return `${type} GENERATED ALWAYS AS (${expression}) ${virtual === undefined ? 'STORED' : 'VIRTUAL'}`;
}

function constraintStatement({ name, definition }: Part): string[] {
  const [, table, constraint] = COLUMN_NAME.exec(name) ?? [];
  return table === undefined ? [] : [`ALTER TABLE ${table} ADD CONSTRAINT ${constraint} ${definition}`];
}

function viewStatement(kind: Kind, name: string, columns: readonly Part[]): string {
  const values = columns.map((column) => `NULL::${column.definition} AS ${column.name}`);
  return `CREATE ${kind} ${name} AS SELECT ${values.join(', ')}`;
}
