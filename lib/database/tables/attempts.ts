import { isUndefinedTable, NOT_OF_THE_REVISION } from '../connection/failure.js';
import { inSchema } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { LEDGER_TABLE, type LedgerEntry, type LedgerOf, ofTable, SAID } from './ledger.js';
import { otherLedger } from './record.js';

/** What became of an attempt: the last entry that its run wrote for the revision. */
export interface LedgerAttempt extends LedgerEntry {
  /** Rises with every entry. */
  readonly entry: number;
  /** How often this revision had been attempted in this direction, this time included. */
  readonly attempt: number;
}

/** Which attempts are meant; what is left out excludes none. */
export interface AttemptFilter {
  /** Any of these revisions. A stamp that counted one of them as applied is about it too. */
  readonly revisions?: readonly string[] | undefined;
  readonly direction?: LedgerEntry['direction'] | undefined;
  readonly outcome?: LedgerEntry['outcome'] | undefined;
  readonly since?: Date | undefined;
  /** 0: all. */
  readonly limit: number;
}

/** More of a statement, or of a message, nobody reads in a list; a statement may insert megabytes. */
const LONGEST = 2000;

const COLUMNS = `entry, run, revision, direction, parents, checksum, rows_from, rows_to, started_at, finished_at, ms, outcome,
  sqlstate, left(message, ${LONGEST}) AS message, left(statement, ${LONGEST}) AS statement, actor, host, application,
  library_version, statistics - 'downgrade' AS statistics`;

/**
 * Attempts, newest first; null where there is no ledger. One query.
 *
 * Outside a transaction the ledger has an entry per statement: only the last one of a run says what became of it. Attempts are
 * counted for the revisions that are shown, all at once: one by one, a long history would be read as often as it is long.
 */
export async function readAttempts(
  client: Queryable,
  table: LedgerOf,
  filter: AttemptFilter,
): Promise<LedgerAttempt[] | null> {
  const ledger = inSchema(table.schema, LEDGER_TABLE);
  const isLast = `NOT EXISTS (SELECT FROM ${ledger} AS later WHERE later.revision = l.revision AND later.entry > l.entry
    AND later.run = l.run AND later.direction = l.direction)`;
  const { conditions, values } = conditionsOf(filter);
  const limit = filter.limit === 0 ? '' : `LIMIT $${values.push(filter.limit)}`;
  const text = `WITH shown AS MATERIALIZED (
      SELECT ${COLUMNS} FROM ${ledger} AS l WHERE ${[isLast, ofTable(table, `l.${SAID}`), ...conditions].join(' AND ')} ORDER BY entry DESC ${limit}
    ), numbered AS (
      SELECT entry AS of, row_number() OVER (PARTITION BY revision, direction ORDER BY entry) AS attempt
      FROM ${ledger} AS l WHERE revision IN (SELECT revision FROM shown) AND ${isLast} AND ${ofTable(table, `l.${SAID}`)}
    )
    SELECT shown.*, attempt::int FROM shown JOIN numbered ON of = entry ORDER BY entry DESC`;
  const rows = await ask(client, text, values);
  return rows?.map(attemptOf) ?? null;
}

function conditionsOf({ revisions, direction, outcome, since }: AttemptFilter): {
  conditions: string[];
  values: unknown[];
} {
  const values: unknown[] = [];
  const mark = (value: unknown): string => `$${values.push(value)}`;
  const conditions: string[] = [];
  if (revisions !== undefined) {
    const ids = `${mark([...revisions])}::text[]`;
    conditions.push(
      `(l.revision = ANY(${ids}) OR (l.direction = 'stamp' AND l.statistics -> 'covers' ?| ${ids}))`,
    );
  }
  if (direction !== undefined) conditions.push(`l.direction = ${mark(direction)}`);
  if (outcome !== undefined) conditions.push(`l.outcome = ${mark(outcome)}`);
  if (since !== undefined) conditions.push(`l.started_at >= ${mark(since.toISOString())}::timestamptz`);
  return { conditions, values };
}

/** Ids in the ledger that begin with a text; none where there is no ledger. */
export async function recordedIds(client: Queryable, table: LedgerOf, prefix: string): Promise<string[]> {
  const text = `SELECT DISTINCT revision FROM ${inSchema(table.schema, LEDGER_TABLE)} WHERE starts_with(revision, $1) AND ${ofTable(table)} ORDER BY revision`;
  const rows = await ask(client, text, [prefix]);
  return rows?.map(({ revision }) => String(revision)) ?? [];
}

/** Failures of a revision in a row. */
export interface FailedInARow {
  readonly revision: string;
  readonly failures: number;
  /** What the last one said. */
  readonly message: string | null;
}

/**
 * How often upgrades failed since they were last done, or ordered to be tried again, with the checksum that they have now; the
 * digest behind it is of the whole file, comments and id too. What was not the fault of the revision does not count. One query; the
 * caller knows that there is a ledger.
 */
export async function failedInARow(
  client: Queryable,
  table: LedgerOf,
  revisions: readonly {
    readonly revision: string;
    /** Ids that it had before. */
    readonly formerly: readonly string[];
    readonly checksum: string;
  }[],
): Promise<FailedInARow[]> {
  const ledger = inSchema(table.schema, LEDGER_TABLE);
  const named = revisions.flatMap((one) => [one.revision, ...one.formerly].map((name) => ({ ...one, name })));
  const { rows } = await client.query(
    `WITH w AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS w(revision, name, checksum))
     SELECT w.revision, count(*)::int AS failures, (array_agg(l.message ORDER BY l.entry DESC))[1] AS message
     FROM w JOIN ${ledger} l ON l.revision = w.name AND split_part(l.checksum, ' ', 1) = split_part(w.checksum, ' ', 1)
     WHERE l.outcome = 'failed' AND l.direction = 'upgrade' AND ${ofTable(table, `l.${SAID}`)} AND coalesce(l.sqlstate, '') <> ALL ($4::text[])
       AND l.entry > coalesce((SELECT max(d.entry) FROM ${ledger} d JOIN w o ON d.revision = o.name WHERE o.revision = w.revision AND ${ofTable(table, `d.${SAID}`)} AND d.outcome IN ('done', 'retry')), 0)
     GROUP BY w.revision`,
    [
      named.map(({ revision }) => revision),
      named.map(({ name }) => name),
      named.map(({ checksum }) => checksum),
      [...NOT_OF_THE_REVISION],
    ],
  );
  return rows as unknown as FailedInARow[];
}

/** @throws `version_table_invalid` where the table of this name is another */
async function ask(
  client: Queryable,
  text: string,
  values: unknown[],
): Promise<Record<string, unknown>[] | null> {
  try {
    return (await client.query(text, values)).rows;
  } catch (error) {
    if (isUndefinedTable(error)) return null;
    throw otherLedger(error);
  }
}

const dateOf = (value: unknown): Date => new Date(value as Date | string);

function attemptOf(row: Record<string, unknown>): LedgerAttempt {
  const { rows_from, rows_to, started_at, finished_at, library_version, entry, ...same } = row;
  return {
    ...(same as unknown as LedgerAttempt),
    // bigint comes as text.
    entry: Number(entry),
    rowsFrom: rows_from as string[],
    rowsTo: rows_to as string[],
    startedAt: dateOf(started_at),
    finishedAt: finished_at === null ? null : dateOf(finished_at),
    libraryVersion: String(library_version),
  };
}
