import { RevgraphError } from '../../errors/error.js';
import { inSchema } from '../connection/server.js';
import type { Queryable, Result } from '../connection/session.js';
import { literal } from '../literal.js';
import { ALEMBIC_TABLE, VERSION_TABLE, type VersionTable } from './version-table.js';

export const LEDGER_TABLE = 'revgraph_ledger';

/** `retry`: somebody said that what did not end well is to be tried again. */
export type Outcome = 'running' | 'done' | 'failed' | 'retry';

/** One attempt. Entries are only ever added. */
export interface LedgerEntry {
  /** One id for all entries of one call. */
  readonly run: string;
  readonly revision: string;
  readonly direction: 'upgrade' | 'downgrade' | 'stamp';
  /** Parents (revises ∪ depends on) at that moment, so that re-parenting can be seen later. */
  readonly parents: readonly string[];
  readonly checksum: string | null;
  readonly rowsFrom: readonly string[];
  readonly rowsTo: readonly string[];
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly ms: number | null;
  readonly outcome: Outcome;
  readonly sqlstate?: string | null;
  readonly message?: string | null;
  readonly statement?: string | null;
  readonly actor: string;
  readonly host: string;
  readonly application: string | null;
  readonly libraryVersion: string;
  readonly statistics?: Record<string, unknown> | null;
}

const COLUMNS: readonly (readonly [column: string, type: string, value: (entry: LedgerEntry) => unknown])[] =
  [
    ['run', 'uuid NOT NULL', (e) => e.run],
    ['revision', 'varchar(64) NOT NULL', (e) => e.revision],
    ['direction', 'text NOT NULL', (e) => e.direction],
    ['parents', 'text[] NOT NULL', (e) => [...e.parents]],
    ['checksum', 'text', (e) => e.checksum],
    ['rows_from', 'text[] NOT NULL', (e) => [...e.rowsFrom]],
    ['rows_to', 'text[] NOT NULL', (e) => [...e.rowsTo]],
    ['started_at', 'timestamptz NOT NULL', (e) => e.startedAt.toISOString()],
    ['finished_at', 'timestamptz', (e) => e.finishedAt?.toISOString() ?? null],
    ['ms', 'integer', (e) => e.ms],
    ['outcome', 'text NOT NULL', (e) => e.outcome],
    ['sqlstate', 'text', (e) => e.sqlstate ?? null],
    ['message', 'text', (e) => e.message ?? null],
    ['statement', 'text', (e) => e.statement ?? null],
    ['actor', 'text NOT NULL', (e) => e.actor],
    ['host', 'text NOT NULL', (e) => e.host],
    ['application', 'text', (e) => e.application],
    ['library_version', 'text NOT NULL', (e) => e.libraryVersion],
    ['statistics', 'jsonb', (e) => (e.statistics == null ? null : JSON.stringify(e.statistics))],
  ];

/** By it the newest entry of a revision is found without the others. */
export const LEDGER_INDEX = 'revgraph_ledger_last';

export const ledgerPlace = (schema: string | null): string => inSchema(schema, LEDGER_TABLE);

/** The version table of which entries are: several may share a schema, and with it a ledger. */
export interface LedgerOf extends Pick<VersionTable, 'schema' | 'name'> {
  /** True of one of Alembic's in place of ours; undefined where it is not known yet which of the two is used. */
  readonly adopted?: boolean | undefined;
}

/** Of which version table an entry says that it is. */
export const SAID = "statistics ->> 'table'";

/**
 * A condition: entries of this version table. One of Alembic's that is used in place of ours is the same table for the ledger. Those
 * of earlier versions do not say of which one they are: they are everybody's, as they were then.
 * @param said the expression for what an entry says
 */
export function ofTable({ name, schema, adopted }: LedgerOf, said = SAID): string {
  const own = adopted === true ? VERSION_TABLE : name;
  const either =
    adopted === true
      ? ` OR ${said} = ${literal(name)}`
      : adopted === undefined
        ? ` OR (${said} = ${literal(ALEMBIC_TABLE)} AND to_regclass(${literal(inSchema(schema, VERSION_TABLE))}) IS NULL)`
        : '';
  return `(${said} IS NULL OR ${said} = ${literal(own)}${either})`;
}

/** An entry, and the call that wrote it: with both it is told from that of another ledger. */
export interface NewestEntry {
  readonly entry: string;
  readonly run: string;
}

/** A query: the number of the newest entry with one of these outcomes; null without one. */
const newestQuery = (table: LedgerOf, outcomes: readonly Outcome[]): string =>
  `SELECT max(entry) AS newest FROM ${ledgerPlace(table.schema)} WHERE outcome IN (${outcomes.map(literal).join(', ')}) AND ${ofTable(table)}`;

/** Of something that was done. */
export const newestDoneQuery = (table: LedgerOf): string => newestQuery(table, ['done']);

/** Of what was done, or began outside a transaction. */
export const newestMovedQuery = (table: LedgerOf): string => newestQuery(table, ['done', 'running']);

/** A condition on an entry: it is about one of these revisions, under whatever name it had by then. @param ids an array */
export const isAbout = (ids: string): string =>
  `(revision = ANY (${ids}) OR coalesce(statistics #> ARRAY['names', revision::text] ?| ${ids}, false))`;

/** A condition on an entry of what was done: it moves one of these revisions, or says of all of them what the schema is. @param ids an array */
export const movesOneOf = (ids: string): string =>
  `CASE direction WHEN 'stamp' THEN statistics -> 'goesOn' IS NULL ELSE ${isAbout(ids)} END`;

/** The entry, which says of which table it is. */
const said = ({ name }: LedgerOf, entry: LedgerEntry): LedgerEntry => ({
  ...entry,
  statistics: { ...entry.statistics, table: name },
});

/** The statement that makes the ledger. */
export function createLedger(schema: string | null): string {
  const columns = COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ');
  return `CREATE TABLE IF NOT EXISTS ${ledgerPlace(schema)} (entry bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT ${LEDGER_TABLE}_pkey PRIMARY KEY, ${columns})`;
}

/** The statement that makes its index. */
export function createLedgerIndex(schema: string | null): string {
  return `CREATE INDEX IF NOT EXISTS ${LEDGER_INDEX} ON ${ledgerPlace(schema)} (revision, entry)`;
}

/** Makes the ledger where it is missing, in the transaction that is open. */
export async function makeLedger(client: Queryable, schema: string | null): Promise<void> {
  await client.query(createLedger(schema));
  await makeLedgerIndex(client, schema);
}

/** Makes the index of a ledger that has none. */
export async function makeLedgerIndex(client: Queryable, schema: string | null): Promise<void> {
  await client.query(createLedgerIndex(schema));
}

/** An entry as a statement for the transaction of its step: the server tells when that began, and how long it took. */
export function ledgerInStep(table: LedgerOf, entry: LedgerEntry): string {
  const { names, literals } = literalsOf(said(table, entry), {
    started_at: 'began',
    finished_at: 'ended',
    ms: 'round(extract(epoch FROM ended - began) * 1000)::int',
  });
  // One look at the clock: the two times and what lies between agree to the millisecond.
  return `INSERT INTO ${ledgerPlace(table.schema)} (${names}) SELECT ${literals} FROM (SELECT date_trunc('milliseconds', now()) AS began,
    date_trunc('milliseconds', clock_timestamp()) AS ended OFFSET 0) AS revgraph_time`;
}

/**
 * An entry as SQL text that tells the time when it is run, for scripts.
 * @param first whether it is written only where no entry of the table is done
 */
export function ledgerScript(table: LedgerOf, entry: LedgerEntry, first = false): string {
  const { names, literals } = literalsOf(said(table, entry), {
    actor: 'session_user',
    started_at: 'clock_timestamp()',
    ...(entry.outcome === 'done' ? { finished_at: 'clock_timestamp()' } : {}),
  });
  const into = `INSERT INTO ${ledgerPlace(table.schema)} (${names})`;
  if (!first) return `${into} VALUES (${literals})`;
  return `${into} SELECT ${literals} WHERE NOT EXISTS (SELECT FROM ${ledgerPlace(table.schema)} WHERE outcome = 'done' AND ${ofTable(table)})`;
}

/** @param instead expressions that stand for the values of some columns */
function literalsOf(
  entry: LedgerEntry,
  instead: Readonly<Record<string, string>>,
): { names: string; literals: string } {
  return {
    names: COLUMNS.map(([name]) => name).join(', '),
    literals: COLUMNS.map(([name, , value]) => instead[name] ?? literal(value(entry))).join(', '),
  };
}

/** An entry as a statement with its values. */
export function ledgerStatement(table: LedgerOf, entry: LedgerEntry): { text: string; values: unknown[] } {
  const names = COLUMNS.map(([name]) => name).join(', ');
  const marks = COLUMNS.map((_, i) => `$${i + 1}`).join(', ');
  return {
    text: `INSERT INTO ${ledgerPlace(table.schema)} (${names}) VALUES (${marks})`,
    values: COLUMNS.map(([, , value]) => value(said(table, entry))),
  };
}

export async function addEntry(client: Queryable, table: LedgerOf, entry: LedgerEntry): Promise<void> {
  const { text, values } = ledgerStatement(table, entry);
  assertWritten(await client.query(text, values));
}

/** Something that ran and is not written down would run again. @throws `version_table_invalid` */
export function assertWritten(answer: Result | undefined): void {
  if (answer?.rowCount !== 0) return;
  const reason = 'what is written to it does not stay: a trigger or a rule of the table swallows it';
  throw new RevgraphError('version_table_invalid', { table: LEDGER_TABLE, reason });
}
