import { isConnectionLost, isUndefinedTable, readDriverError } from '../connection/failure.js';
import { inSchema, quote } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { literal } from '../literal.js';
import {
  LEDGER_INDEX,
  LEDGER_TABLE,
  type LedgerOf,
  ledgerPlace,
  movesOneOf,
  type NewestEntry,
  newestMovedQuery,
  type Outcome,
  ofTable,
} from './ledger.js';
import { otherLedger } from './record.js';

/** The newest entry of a revision that says how it came to be as it is. */
export interface LastEntry {
  /** Rises with every entry. */
  readonly entry: number;
  readonly revision: string;
  readonly direction: string;
  readonly outcome: Outcome;
  readonly parents: readonly string[];
  readonly checksum: string | null;
  /** Of one that is not done, as are the statistics. */
  readonly statement: string | null;
  readonly statistics: Record<string, unknown> | null;
}

/** Newest entry per revision. */
export class LastEntries extends Map<string, LastEntry> {
  /** False where the ledger has no index yet, and this role may make it. */
  indexed = true;
}

// What is done may keep its downgrade there, of a megabyte.
const COLUMNS = `entry, revision, direction, outcome, parents, checksum,
  CASE WHEN outcome <> 'done' THEN statement END AS statement, CASE WHEN outcome <> 'done' THEN statistics END AS statistics`;

/** Entries of this table, but for those that name a row and say nothing of what became of its revision. */
const ofAttempts = (table: LedgerOf): string =>
  `${ofTable(table)} AND NOT (direction = 'stamp' AND checksum IS NULL AND coalesce(statistics ->> 'goesOn', '') = 'true')`;

/** What every SQL database understands; it reads and sorts all entries. */
const plainQuery = (table: LedgerOf): string =>
  `SELECT DISTINCT ON (revision) ${COLUMNS} FROM ${inSchema(table.schema, LEDGER_TABLE)} WHERE ${ofAttempts(table)} ORDER BY revision DESC, entry DESC`;

/**
 * From revision to revision by the index, so that the number of entries does not count. A ledger that was made before there
 * was an index is sorted: without the index every revision would read all of it.
 */
export function lastEntriesQuery(table: LedgerOf): string {
  const { schema } = table;
  const ledger = inSchema(schema, LEDGER_TABLE);
  const index = `to_regclass(${literal(inSchema(schema, LEDGER_INDEX))})`;
  const newest = (where: string): string =>
    `SELECT revision, entry FROM ${ledger} ${where} AND ${ofAttempts(table)} ORDER BY revision DESC, entry DESC LIMIT 1`;
  return `WITH RECURSIVE last AS (
      (${newest(`WHERE ${index} IS NOT NULL`)})
      UNION ALL
      SELECT next.revision, next.entry FROM last CROSS JOIN LATERAL (${newest('WHERE revision < last.revision')}) AS next
    )
    SELECT found.*, true AS indexed FROM last CROSS JOIN LATERAL
      (SELECT ${COLUMNS} FROM ${ledger} WHERE ${quote(LEDGER_TABLE)}.entry = last.entry OFFSET 0) AS found
    UNION ALL
    SELECT l.*, NOT (SELECT pg_has_role(c.relowner, 'USAGE') AND has_schema_privilege(c.relnamespace, 'CREATE')
                     FROM pg_class AS c WHERE c.oid = to_regclass(${literal(ledger)}))
    FROM (${plainQuery(table)}) AS l WHERE ${index} IS NULL`;
}

/** Newest entry per revision, one query; null where there is no ledger. */
export async function lastEntries(client: Queryable, table: LedgerOf): Promise<LastEntries | null> {
  try {
    const { rows } = await client.query(lastEntriesQuery(table)).catch((error: unknown) => {
      // What only speaks plain SQL (pg-mem) gives no SQLSTATE for what it does not understand.
      const understood = readDriverError(error).sqlstate !== null || isUndefinedTable(error);
      if (understood || isConnectionLost(error)) throw error;
      return client.query(plainQuery(table));
    });
    const last = new LastEntries();
    // From the last revision to the first is how the index is walked.
    for (const { indexed, ...row } of [...rows].reverse()) {
      if (indexed === false) last.indexed = false;
      // bigint comes as text.
      last.set(String(row.revision), { ...row, entry: Number(row.entry) } as unknown as LastEntry);
    }
    return last;
  } catch (error) {
    if (isUndefinedTable(error)) return null;
    throw otherLedger(error);
  }
}

/** The newest checksum of each revision that ran, or that was accepted as it is, the oldest first. One query. */
export async function lastChecksums(client: Queryable, table: LedgerOf): Promise<RecordedChecksum[]> {
  const { rows } = await client.query(lastOf("direction <> 'downgrade'", table));
  return rows as unknown as RecordedChecksum[];
}

/** What ran here, in the order in which it last ran, with its checksum; what a decision put in its place does not count. One query. */
export async function ranInOrder(client: Queryable, table: LedgerOf): Promise<RecordedChecksum[]> {
  const { rows } = await client.query(lastOf("direction = 'upgrade'", table));
  return rows as unknown as RecordedChecksum[];
}

interface RecordedChecksum {
  readonly revision: string;
  readonly checksum: string;
}

const lastOf = (which: string, table: LedgerOf): string =>
  `SELECT revision, checksum FROM (SELECT DISTINCT ON (revision) revision, checksum, entry FROM ${inSchema(table.schema, LEDGER_TABLE)}
     WHERE outcome = 'done' AND ${which} AND checksum IS NOT NULL AND ${ofTable(table)} ORDER BY revision, entry DESC) AS l ORDER BY entry`;

/**
 * Revisions that ran here and were not taken back since, whatever failed after that; null where there is no ledger. One whose
 * work still waits in the background has not run. One query.
 */
export async function doneRevisions(client: Queryable, table: LedgerOf): Promise<ReadonlySet<string> | null> {
  const query = `SELECT revision FROM (
      SELECT DISTINCT ON (revision) revision, direction, statistics ->> 'background' AS background
      FROM ${inSchema(table.schema, LEDGER_TABLE)}
      WHERE outcome = 'done' AND direction IN ('upgrade', 'downgrade') AND ${ofTable(table)} ORDER BY revision, entry DESC
    ) AS last WHERE direction = 'upgrade' AND background IS DISTINCT FROM 'queued'`;
  try {
    const { rows } = await client.query(query);
    return new Set(rows.map((row) => String(row.revision)));
  } catch (error) {
    if (isUndefinedTable(error)) return null;
    throw otherLedger(error);
  }
}

/** The newest entry of something that was done, or began; null without one. One query. */
export async function newestMoved(client: Queryable, table: LedgerOf): Promise<NewestEntry | null> {
  try {
    const { rows } = await client.query(
      `SELECT entry::text AS entry, run::text AS run FROM ${ledgerPlace(table.schema)} WHERE entry = (${newestMovedQuery(table)})`,
    );
    return (rows[0] as NewestEntry | undefined) ?? null;
  } catch (error) {
    if (isUndefinedTable(error)) return null;
    throw otherLedger(error);
  }
}

/**
 * Whether one of the revisions ran or was taken back behind an entry, or since a moment, or a stamp said what the schema is; what
 * came to its end in the background ran before. One query.
 */
export async function movedSince(
  client: Queryable,
  table: LedgerOf,
  since: number | Date,
  revisions: readonly string[],
): Promise<boolean> {
  const behind = typeof since === 'number' ? 'entry > $1' : 'finished_at > $1::timestamptz';
  const { rows } = await client.query(
    `SELECT EXISTS (SELECT FROM ${inSchema(table.schema, LEDGER_TABLE)} WHERE outcome = 'done' AND ${behind} AND ${ofTable(table)}
       AND statistics ->> 'background' IS DISTINCT FROM 'done' AND ${movesOneOf('$2::text[]')}) AS moved`,
    [typeof since === 'number' ? since : since.toISOString(), revisions],
  );
  return rows[0]?.moved === true;
}
