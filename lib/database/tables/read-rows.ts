import { RevgraphError } from '../../errors/error.js';
import { isUndefinedTable } from '../connection/failure.js';
import { isOfPgMem } from '../connection/pg-mem.js';
import { inSchema } from '../connection/server.js';
import type { Queryable, Result } from '../connection/session.js';
import { literal } from '../literal.js';
import { ifThere, isBarred, oidOf, rowsFrom } from './if-there.js';
import { LEDGER_TABLE, type LedgerOf } from './ledger.js';
import { type LedgerContents, otherLedger, readRecord, recordOf, recordQuery } from './record.js';
import { ALEMBIC_TABLE, readColumn, selectRows, VERSION_TABLE, type VersionTable } from './version-table.js';

export interface VersionRows {
  readonly table: VersionTable;
  readonly rows: readonly string[];
  /** What the ledger records as done; null where there is none. */
  readonly record: LedgerContents['record'] | null;
  /** What it records as begun and not as done. */
  readonly begun: LedgerContents['begun'];
}

const NO_LEDGER = { record: null, begun: [] } as const;

/** Which of our tables there are, with the schema that each is in; null for one that is not. */
export interface FoundTables {
  readonly version: string | null;
  readonly alembic: string | null;
  readonly ledger: string | null;
  /** Of which of them row security lets the role see no row; null: of none. */
  readonly hidden: { readonly tables: readonly (keyof FoundTables)[]; readonly user: string } | null;
}

interface ReadOptions {
  readonly name?: string | undefined;
  readonly schema?: string | undefined;
  /** Whether the record has them. */
  readonly checksums?: boolean;
}

const ledgerOf = ({ name, schema = undefined }: ReadOptions): LedgerOf => ({
  name: name ?? VERSION_TABLE,
  schema: schema ?? null,
  ...(name === undefined ? {} : { adopted: false }),
});

/** An expression that answers {@link FoundTables} as JSON. */
export function tablesExpression({ name = VERSION_TABLE, schema = undefined }: ReadOptions): string {
  const schemaOf = (table: string): string =>
    `(SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = to_regclass(${literal(inSchema(schema ?? null, table))}))`;
  const barred = Object.entries({ version: name, alembic: ALEMBIC_TABLE, ledger: LEDGER_TABLE }).map(
    ([key, table]) => `(${literal(key)}, ${oidOf(schema ?? null, table)})`,
  );
  return `json_build_object('version', ${schemaOf(name)}, 'alembic', ${schemaOf(ALEMBIC_TABLE)}, 'ledger', ${schemaOf(LEDGER_TABLE)},
    'hidden', (SELECT json_build_object('tables', json_agg(t.key), 'user', current_user) FROM (VALUES ${barred.join(', ')}) AS t(key, oid)
      WHERE t.oid IS NOT NULL AND ${isBarred('t.oid', "'r'")} HAVING count(*) > 0))`;
}

/**
 * Reads the rows, and what the ledger records beside them; creates nothing. One round trip.
 *
 * Without a name, `revgraph_version` is meant; where it doesn't exist and `alembic_version` does, that one is used in
 * place.
 */
export async function readVersionRows(
  client: Queryable,
  options: ReadOptions,
  tables?: FoundTables,
): Promise<VersionRows> {
  if (tables !== undefined) return readFound(client, options, tables);
  return (await readAll(client, options)) ?? readPlain(client, options);
}

const tableOf = (
  column: string,
  used: string,
  { name, schema = undefined }: ReadOptions,
  tables: Pick<FoundTables, 'alembic'> = { alembic: null },
): VersionTable => ({
  name: used,
  column,
  schema: schema ?? null,
  exists: true,
  adopted: used === ALEMBIC_TABLE && name === undefined,
  ...(tables.alembic !== null && name === undefined && used !== ALEMBIC_TABLE
    ? { beside: ALEMBIC_TABLE }
    : {}),
});

const missingTable = ({ name = VERSION_TABLE, schema = undefined }: ReadOptions): VersionTable => ({
  name,
  column: name === ALEMBIC_TABLE ? 'version_num' : 'revision',
  schema: schema ?? null,
  exists: false,
  adopted: false,
});

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

/** What reads the tables that there are: statements without values, so that they can travel with others. */
export function rowsTexts(options: ReadOptions, tables: FoundTables): string[] {
  const schema = options.schema ?? null;
  const used = usedTable(options, tables);
  return [
    ...(used === null ? [] : [selectRows(used, schema)]),
    ...(tables.ledger === null ? [] : [recordQuery(ledgerOf(options), options.checksums)]),
  ];
}

/** What {@link rowsTexts} answered. */
export function rowsOf(options: ReadOptions, tables: FoundTables, results: readonly Result[]): VersionRows {
  const used = usedTable(options, tables);
  const recorded = tables.ledger === null ? NO_LEDGER : recordOf(results.at(-1)?.rows ?? []);
  // Rows that the graph doesn't know are the caller's to judge: to pass over them would run everything from base.
  if (used === null) return { table: missingTable(options), rows: [], ...recorded };
  const { column, rows } = readColumn(used, results[0] as Result);
  return { table: tableOf(column, used, options, tables), rows, ...recorded };
}

async function readFound(client: Queryable, options: ReadOptions, tables: FoundTables): Promise<VersionRows> {
  const texts = rowsTexts(options, tables);
  if (texts.length === 0) return rowsOf(options, tables, []);
  try {
    const answer: Result | readonly Result[] = await client.query(texts.join('; '));
    return rowsOf(options, tables, [answer].flat() as readonly Result[]);
  } catch (error) {
    throw otherLedger(error);
  }
}

/** On pg-mem, which has neither questions about tables nor several statements at once; nor can its ledger be asked. */
async function readPlain(client: Queryable, options: ReadOptions): Promise<VersionRows> {
  const schema = options.schema ?? null;
  for (const name of options.name === undefined ? [VERSION_TABLE, ALEMBIC_TABLE] : [options.name]) {
    const found = await select(client, name, schema);
    if (found !== null)
      return {
        table: tableOf(found.column, name, options),
        rows: found.rows,
        ...(await plainRecord(client, options)),
      };
  }
  return { table: missingTable(options), rows: [], ...(await plainRecord(client, options)) };
}

async function plainRecord(
  client: Queryable,
  options: ReadOptions,
): Promise<Pick<VersionRows, 'record' | 'begun'>> {
  try {
    return (await readRecord(client, ledgerOf(options), options.checksums)) ?? NO_LEDGER;
  } catch (error) {
    if (isOfPgMem(error)) return NO_LEDGER;
    throw error;
  }
}

/** Rows and record with one question, whether the tables are there or not; null on pg-mem, which has no such questions. */
async function readAll(client: Queryable, options: ReadOptions): Promise<VersionRows | null> {
  try {
    const { rows } = await client.query(
      `SELECT ${tablesExpression(options)} AS tables, ${rowsExpressions(options)}`,
    );
    const [row = {}] = rows;
    const tables = row.tables as FoundTables;
    const used = usedTable(options, tables);
    const ledger = rowsFrom(row.record);
    const recorded = ledger === null ? NO_LEDGER : recordOf(ledger);
    if (used === null) return { table: missingTable(options), rows: [], ...recorded };
    const found = readColumn(used, {
      rows: rowsFrom(row.rows) ?? [],
      fields: row.fields as Result['fields'],
    } as Result);
    return { table: tableOf(found.column, used, options, tables), rows: found.rows, ...recorded };
  } catch (error) {
    if (isOfPgMem(error)) return null;
    throw otherLedger(error);
  }
}

/** Expressions that answer `rows`, `fields` and `record`, null where there is no table. */
function rowsExpressions({ name, schema = undefined, checksums }: ReadOptions): string {
  const of = schema ?? null;
  const candidates = name === undefined ? [VERSION_TABLE, ALEMBIC_TABLE] : [name];
  const first = (expression: (table: string) => string): string =>
    `coalesce(${candidates.map(expression).join(', ')})`;
  return `${first((table) => ifThere(of, table, selectRows(table, of)))} AS rows,
    (SELECT json_agg(json_build_object('name', attname) ORDER BY attnum) FROM pg_attribute
     WHERE attrelid = ${first((table) => oidOf(of, table))} AND attnum > 0 AND NOT attisdropped) AS fields,
    ${ifThere(of, LEDGER_TABLE, recordQuery(ledgerOf({ name, schema }), checksums))} AS record`;
}

async function select(
  client: Queryable,
  name: string,
  schema: string | null,
): Promise<{ column: string; rows: string[] } | null> {
  try {
    return readColumn(name, await client.query(selectRows(name, schema)));
  } catch (error) {
    if (isUndefinedTable(error)) return null;
    throw error;
  }
}
