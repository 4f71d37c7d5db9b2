import { RevgraphError } from '../../errors/error.js';
import { literal, quote } from '../literal.js';
import { isBarred, jsonFrom, oidOf } from './if-there.js';
import { LEDGER_TABLE } from './ledger.js';
import { ALEMBIC_TABLE, VERSION_TABLE } from './version-table.js';

/** Which of our tables there are, with the schema that each is in; null for one that is not. */
export interface FoundTables {
  readonly version: string | null;
  readonly alembic: string | null;
  readonly ledger: string | null;
  /** Ours, where another one was asked for; as a rule not asked. */
  readonly ours?: string | null;
  /** Of which of them row security lets the role see no row; null: of none. */
  readonly hidden: { readonly tables: readonly string[]; readonly user: string } | null;
}

/** Which tables are meant. */
export interface ReadOptions {
  readonly name?: string | undefined;
  readonly schema?: string | undefined;
  /** Whether the record has them. */
  readonly checksums?: boolean;
}

const schemaOf = (oid: string): string =>
  `(SELECT nspname FROM pg_namespace WHERE oid = (SELECT relnamespace FROM pg_class WHERE oid = ${oid}))`;

/**
 * What finds the tables, to stand in a FROM: the oids of `version`, `alembic`, `ours`, `ledger` and `used`, the version table that counts.
 * The ledger is that beside the version table: another folder may have made one in a schema that comes first in the search path. Where
 * there is none, what the search path finds may be of a version table that is gone, or hidden by another. Each is looked for once.
 */
export function tablesFound({ name, schema: asked }: ReadOptions): string {
  const schema = asked ?? null;
  const first = (version: string, alembic: string): string =>
    name === undefined ? `coalesce(${version}, ${alembic})` : version;
  const ours = name === ALEMBIC_TABLE ? oidOf(schema, VERSION_TABLE) : 'NULL::regclass';
  const oids = `SELECT ${oidOf(schema, name ?? VERSION_TABLE)} AS version, ${oidOf(schema, ALEMBIC_TABLE)} AS alembic, ${ours} AS ours OFFSET 0`;
  const named = `SELECT *, ${schemaOf('version')} AS version_in, ${schemaOf('alembic')} AS alembic_in FROM (${oids}) AS o OFFSET 0`;
  const beside = `to_regclass(quote_ident(${first('version_in', 'alembic_in')}) || ${literal(`.${quote(LEDGER_TABLE)}`)})`;
  const anywhere = oidOf(schema, LEDGER_TABLE);
  const ledger = schema === null ? `coalesce(${beside}, ${anywhere})` : anywhere;
  return `(SELECT *, ${first('version', 'alembic')} AS used, ${ledger} AS ledger FROM (${named}) AS n OFFSET 0)`;
}

/** An expression over {@link tablesFound}, for {@link readTables}. */
export function tablesOf(): string {
  const all = ['version', 'alembic', 'ledger'];
  // Policies are looked at only where there may be some: to plan that alone takes a server longer than all the rest.
  const hidden = `SELECT json_build_object('tables', json_agg(t.key), 'user', current_user)::text AS j
    FROM (VALUES ${all.map((key) => `('${key}', %s::oid)`).join(', ')}) AS t(key, oid)
    WHERE t.oid IS NOT NULL AND ${isBarred('t.oid', "'r'")} HAVING count(*) > 0`;
  const oids = all.map((key) => `coalesce(${key}::oid::text, 'NULL')`).join(', ');
  return `json_build_object('version', version_in, 'alembic', alembic_in, 'ledger', ${schemaOf('ledger')}, 'ours', ${schemaOf('ours')},
    'hidden', CASE WHEN ${all.map((key) => `row_security_active(${key})`).join(' OR ')}
      THEN query_to_xml(format(${literal(hidden)}, ${oids}), false, false, '')::text END)`;
}

/** The same as an expression by itself. */
export const tablesExpression = (options: ReadOptions): string =>
  `(SELECT ${tablesOf()} FROM ${tablesFound(options)} AS found)`;

/** What {@link tablesOf} answered. */
export function readTables(answer: unknown): FoundTables {
  const found = answer as FoundTables & { readonly hidden: unknown };
  return { ...found, hidden: jsonFrom(found.hidden) as FoundTables['hidden'] };
}

/**
 * The table that counts: the one that was asked for, else one of Alembic's that is there.
 * @throws `rows_hidden`: what can't be seen would count as not there, and everything would run again · `ledger_elsewhere`: a ledger
 *   in another schema is that of another table, or of this one before it was moved: nobody can say which
 */
export function usedTable(
  options: ReadOptions,
  { version, alembic, ledger, hidden }: FoundTables,
): string | null {
  const { name = VERSION_TABLE } = options;
  const [used, key] =
    version !== null
      ? [name, 'version']
      : options.name === undefined && alembic !== null
        ? [ALEMBIC_TABLE, 'alembic']
        : [null, null];
  const tables = (hidden?.tables ?? []).flatMap((table) =>
    table === 'ledger' ? [LEDGER_TABLE] : table === key && used !== null ? [used] : [],
  );
  if (hidden !== null && tables.length > 0)
    throw new RevgraphError('rows_hidden', { tables, user: hidden.user });
  const schema = key === 'version' ? version : alembic;
  if (used !== null && schema !== null && ledger !== null && ledger !== schema)
    throw new RevgraphError('ledger_elsewhere', {
      table: used,
      schema,
      ledger,
      move: `ALTER TABLE ${quote(ledger)}.${quote(LEDGER_TABLE)} SET SCHEMA ${quote(schema)};`,
    });
  return used;
}
