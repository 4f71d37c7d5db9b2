import { isUndefinedTable } from '../connection/failure.js';
import { isOfPgMem } from '../connection/pg-mem.js';
import type { Queryable, Result } from '../connection/session.js';
import {
  type FoundTables,
  type ReadOptions,
  readTables,
  tablesFound,
  tablesOf,
  usedTable,
} from './found-tables.js';
import { ifThere, rowsFrom } from './if-there.js';
import { type LedgerOf, ledgerPlace } from './ledger.js';
import { type LedgerContents, otherLedger, readRecord, recordOf, recordQuery } from './record.js';
import {
  ALEMBIC_TABLE,
  readColumn,
  selectAll,
  selectRows,
  VERSION_TABLE,
  type VersionTable,
} from './version-table.js';

export interface VersionRows {
  readonly table: VersionTable;
  readonly rows: readonly string[];
  /** What the ledger records as done; null where there is none. */
  readonly record: LedgerContents['record'] | null;
  /** What it records as begun and not as done. */
  readonly begun: LedgerContents['begun'];
}

const NO_LEDGER = { record: null, begun: [] } as const;

const ledgerOf = ({ name, schema = undefined }: ReadOptions): LedgerOf => ({
  name: name ?? VERSION_TABLE,
  schema: schema ?? null,
  ...(name === undefined ? {} : { adopted: false }),
});

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
  tables: Pick<FoundTables, 'version' | 'alembic' | 'ours'> = { version: null, alembic: null },
): VersionTable => ({
  name: used,
  column,
  // Whatever else is asked is asked of the ledger beside it.
  schema: schema ?? tables.version ?? tables.alembic,
  exists: true,
  adopted: used === ALEMBIC_TABLE && name === undefined,
  ...(tables.alembic !== null && name === undefined && used !== ALEMBIC_TABLE
    ? { beside: { name: ALEMBIC_TABLE, schema: tables.alembic } }
    : {}),
  ...(name === ALEMBIC_TABLE && tables.ours != null && tables.ours === tables.version ? { apart: true } : {}),
});

const missingTable = ({ name = VERSION_TABLE, schema = undefined }: ReadOptions): VersionTable => ({
  name,
  column: name === ALEMBIC_TABLE ? 'version_num' : 'revision',
  schema: schema ?? null,
  exists: false,
  adopted: false,
});

/** What reads the tables that there are: statements without values, so that they can travel with others. */
export function rowsTexts(options: ReadOptions, tables: FoundTables): string[] {
  const schema = options.schema ?? null;
  const used = usedTable(options, tables);
  return [
    ...(used === null ? [] : [selectRows(used, schema)]),
    ...(tables.ledger === null
      ? []
      : [inOneValue(recordQuery(ledgerOf(options), options.checksums, ledgerPlace(tables.ledger)))]),
  ];
}

/** A thousand entries as one value: to take a row apart column by column costs the driver ten times as much. */
const inOneValue = (query: string): string => `SELECT json_agg(entry) AS record FROM (${query}) AS entry`;

/** What {@link rowsTexts} answered. */
export function rowsOf(options: ReadOptions, tables: FoundTables, results: readonly Result[]): VersionRows {
  const used = usedTable(options, tables);
  const recorded =
    tables.ledger === null
      ? NO_LEDGER
      : recordOf((results.at(-1)?.rows[0]?.record as Record<string, unknown>[] | null) ?? []);
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
      `SELECT ${tablesOf()} AS tables, ${rowsExpressions(options)} FROM ${tablesFound(options)} AS found`,
    );
    const [row = {}] = rows;
    const tables = readTables(row.tables);
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

/** Expressions over {@link tablesFound} that answer `rows`, `fields` and `record`, null where there is no table. */
function rowsExpressions(options: ReadOptions): string {
  return `${ifThere('used', selectAll)} AS rows,
    (SELECT json_agg(json_build_object('name', attname) ORDER BY attnum) FROM pg_attribute
     WHERE attrelid = used AND attnum > 0 AND NOT attisdropped) AS fields,
    ${ifThere('ledger', (place) => recordQuery(ledgerOf(options), options.checksums, place))} AS record`;
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
