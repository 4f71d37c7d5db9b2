import { RevgraphError } from '../../errors/error.js';
import { literal } from '../literal.js';
import { isBarred, oidOf } from './if-there.js';
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

/** Names of version tables, of which the first that is there counts. */
export const candidatesOf = ({ name }: ReadOptions): string[] =>
  name === undefined ? [VERSION_TABLE, ALEMBIC_TABLE] : [name];

export const coalesced = (expressions: readonly string[]): string => `coalesce(${expressions.join(', ')})`;

/** An expression: the oid of the version table that counts. */
export const usedOid = (options: ReadOptions): string =>
  coalesced(candidatesOf(options).map((table) => oidOf(options.schema ?? null, table)));

/**
 * An expression: the oid of the ledger. That beside the version table: another folder may have made one in a schema that comes first in the
 * search path. Where there is none, what the search path finds may be of a version table that is gone, or hidden by another.
 */
export function ledgerOid(options: ReadOptions): string {
  const found = oidOf(options.schema ?? null, LEDGER_TABLE);
  if (options.schema !== undefined) return found;
  const beside = `(SELECT to_regclass(format('%I.%I', n.nspname, ${literal(LEDGER_TABLE)})) FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ${usedOid(options)})`;
  return coalesced([beside, found]);
}

/** An expression that answers {@link FoundTables} as JSON. */
export function tablesExpression(options: ReadOptions): string {
  const { name = VERSION_TABLE, schema = null } = options;
  const tables = [
    `('version', ${oidOf(schema, name)})`,
    `('alembic', ${oidOf(schema, ALEMBIC_TABLE)})`,
    `('ledger', ${ledgerOid(options)})`,
    ...(options.name === ALEMBIC_TABLE ? [`('ours', ${oidOf(schema, VERSION_TABLE)})`] : []),
  ];
  const schemaOf = (key: string): string => `'${key}', max(n.nspname::text) FILTER (WHERE t.key = '${key}')`;
  const barred = `row_security_active(t.oid) AND ${isBarred('t.oid', "'r'")}`;
  return `(SELECT json_build_object(${['version', 'alembic', 'ledger', 'ours'].map(schemaOf).join(', ')},
    'hidden', CASE WHEN bool_or(${barred}) THEN json_build_object('tables', json_agg(t.key) FILTER (WHERE ${barred}), 'user', current_user) END)
    FROM (VALUES ${tables.join(', ')}) AS t(key, oid) JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace n ON n.oid = c.relnamespace)`;
}

/**
 * The table that counts: the one that was asked for, else one of Alembic's that is there.
 * @throws `rows_hidden`: what can't be seen would count as not there, and everything would run again
 */
export function usedTable(options: ReadOptions, { version, alembic, hidden }: FoundTables): string | null {
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
  return used;
}
