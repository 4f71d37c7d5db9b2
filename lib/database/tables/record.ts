import { RevgraphError } from '../../errors/error.js';
import { isUndefinedTable, readDriverError } from '../connection/failure.js';
import type { Queryable } from '../connection/session.js';
import { LEDGER_TABLE, type LedgerOf, ledgerPlace, ofTable } from './ledger.js';

/** What the ledger says was done, for knowing what ran here. */
export interface RecordedEvent {
  readonly revision: string;
  readonly direction: 'upgrade' | 'downgrade' | 'stamp';
  /** Parents at that moment. */
  readonly parents?: readonly string[] | undefined;
  readonly rowsFrom: readonly string[];
  readonly rowsTo: readonly string[];
  /** The first version of the product that runs on the schema behind it; null where older code does as well. */
  readonly breaksBefore?: string | null | undefined;
  /** What its ids were called before, for code that lacks the new names: id → ids. */
  readonly names?: Readonly<Record<string, readonly string[]>> | null | undefined;
  /** Of those, what took the place of several others: its names are theirs. Null in entries of earlier versions. */
  readonly squashed?: readonly string[] | null | undefined;
  /** Of what it ran; undefined where that was not asked for. */
  readonly checksum?: string | null | undefined;
  /** True of what ran, or went, as a part of a squash, or as a squash of parts: it has no parents of its own. */
  readonly joined?: boolean | undefined;
  /** True of what no entry says: a squash counts, for its parts do. */
  readonly inferred?: boolean | undefined;
  /** True of what another tool did, which stands in no entry. */
  readonly moved?: boolean | undefined;
  /** Of a stamp: every revision that it counts as applied. Null in those of earlier versions. */
  readonly covers: readonly string[] | null;
  /** Of a stamp that only carries on what counts: whether it is a word on its own revision, or on none. Undefined: on all that it covers. */
  readonly says?: 'one' | 'nothing' | undefined;
  /** What of those stood on when it was written, as far as it says; none of those of earlier versions do. */
  readonly standing?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The same as `breaksBefore`, of those. */
  readonly breaks?: Readonly<Record<string, string>> | undefined;
}

/** A step outside a transaction that began and, as far as the ledger knows, did not come to its end. */
export interface Begun {
  readonly revision: string;
  readonly direction: 'upgrade' | 'downgrade';
  /** Statements that were finished. */
  readonly finished: number;
  /** Whether the one behind them was begun, and nobody knows whether it was finished. */
  readonly inDoubt: boolean;
  /** Revisions that ran, or were taken back, since. */
  readonly since: readonly string[];
  /** What its ids were called before, for code that lacks the new names. */
  readonly names?: RecordedEvent['names'];
  /** Of those, what took the place of several others. */
  readonly squashed?: RecordedEvent['squashed'];
}

/**
 * Whether an entry leaves its statement in doubt: that was begun, did not commit together with an entry that says so, and no answer
 * was written down.
 */
export const isInDoubt = (outcome: unknown, namesStatement: boolean, together: boolean): boolean =>
  outcome === 'running' && namesStatement && !together;

/** Entries in the order in which they were written. */
export type LedgerRecord = readonly RecordedEvent[];

/**
 * The statement that reads the record; without values, so that it can travel with another.
 * @param checksums whether to read those as well: a service that only looks does without
 * @param place the ledger, as it is to stand in the statement
 */
export function recordQuery(table: LedgerOf, checksums = false, place = ledgerPlace(table.schema)): string {
  // What entries keep may be large, and is read from its place anew for every question of it.
  const kept =
    'covers jsonb, standing jsonb, breaks jsonb, "breaksBefore" text, names jsonb, squashed jsonb, finished jsonb, together jsonb, "goesOn" jsonb, decides jsonb, "table" text';
  return `SELECT revision, direction, outcome, parents, ${checksums ? 'checksum, ' : ''}rows_from, rows_to, covers, standing, breaks, "breaksBefore" AS breaks_before, names, squashed, finished, together, "goesOn" AS goes_on, decides, statement IS NOT NULL AS named
    FROM ${place} LEFT JOIN LATERAL jsonb_to_record(statistics) AS kept(${kept}) ON true
    WHERE outcome IN ('done', 'running', 'retry') AND ${ofTable(table, 'kept."table"')} ORDER BY entry`;
}

/** Reads the record; null where there is no ledger. */
export async function readRecord(
  client: Queryable,
  table: LedgerOf,
  checksums = false,
): Promise<LedgerContents | null> {
  try {
    const { rows } = await client.query(recordQuery(table, checksums));
    return recordOf(rows);
  } catch (error) {
    if (isUndefinedTable(error)) return null;
    throw otherLedger(error);
  }
}

/** A table of that name that is not ours is told of as that. */
export function otherLedger(error: unknown): unknown {
  const { sqlstate, message } = readDriverError(error);
  if (sqlstate !== UNDEFINED_COLUMN) return error;
  return new RevgraphError(
    'version_table_invalid',
    { table: LEDGER_TABLE, reason: message },
    { cause: error },
  );
}

const UNDEFINED_COLUMN = '42703';

/** What the ledger records, in two. */
export interface LedgerContents {
  readonly record: LedgerRecord;
  readonly begun: readonly Begun[];
}

/** The rows of {@link recordQuery}. */
export function recordOf(rows: readonly Record<string, unknown>[]): LedgerContents {
  const begun = new Map<string, Begun & { since: string[] }>();
  for (const { revision, direction, outcome, finished, together, named, goes_on, names, squashed } of rows) {
    const id = String(revision);
    if (outcome === 'running')
      begun.set(id, {
        revision: id,
        direction: direction as Begun['direction'],
        finished: Number(finished ?? 0),
        inDoubt: isInDoubt(outcome, named === true, together === true),
        since: [],
        ...(names == null ? {} : { names: names as Record<string, string[]> }),
        ...(squashed == null ? {} : { squashed: squashed as string[] }),
      });
    // Somebody has looked at what is there since, and said where it goes on.
    else if (outcome === 'retry') {
      for (const key of [id, ...((names as Record<string, string[]> | null)?.[id] ?? [])]) {
        const one = begun.get(key);
        if (one !== undefined)
          begun.set(key, { ...one, finished: Number(finished ?? 0), inDoubt: false, since: [] });
      }
    }
    // A stamp says what the schema is, whatever was begun; a decision about one revision does not.
    else if (direction !== 'stamp') begun.delete(id);
    else if (goes_on !== true) begun.clear();
    if (outcome === 'done' && direction !== 'stamp') for (const { since } of begun.values()) since.push(id);
  }
  return {
    record: rows.filter(({ outcome }) => outcome === 'done').map(recordedEvent),
    begun: [...begun.values()],
  };
}

function recordedEvent(row: Record<string, unknown>): RecordedEvent {
  return {
    revision: String(row.revision),
    direction: row.direction as RecordedEvent['direction'],
    parents: row.parents as string[],
    rowsFrom: row.rows_from as string[],
    rowsTo: row.rows_to as string[],
    ...('checksum' in row ? { checksum: row.checksum as string | null } : {}),
    ...(row.breaks_before == null ? {} : { breaksBefore: String(row.breaks_before) }),
    ...(row.names == null ? {} : { names: row.names as Record<string, string[]> }),
    ...(row.squashed == null ? {} : { squashed: row.squashed as string[] }),
    covers: (row.covers as string[] | null) ?? null,
    ...(row.standing == null || row.covers == null
      ? {}
      : { standing: standingIn(row.covers as string[], row.standing as Record<string, string[] | null>) }),
    ...(row.breaks == null ? {} : { breaks: row.breaks as Record<string, string> }),
    ...(row.goes_on === true ? { says: row.decides === true ? ('one' as const) : ('nothing' as const) } : {}),
  };
}

/** What is not named stands on the one before it. */
function standingIn(
  covers: readonly string[],
  named: Readonly<Record<string, readonly string[] | null>>,
): Record<string, readonly string[]> {
  const all = covers.map(
    (id, i) => [id, id in named ? named[id] : covers.slice(Math.max(i - 1, 0), i)] as const,
  );
  return Object.fromEntries(
    all.flatMap(([id, parents]) => (parents == null ? [] : [[id, parents] as const])),
  );
}
