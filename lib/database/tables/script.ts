import { lockKeyExpression } from '../connection/lock.js';
import { inSchema, quote } from '../connection/server.js';
import { literal } from '../literal.js';
import { BACKFILL_TABLE, placeOf, QUARANTINE_TABLE } from './backfill-tables.js';
import {
  createLedger,
  createLedgerIndex,
  isAbout,
  LEDGER_TABLE,
  type LedgerEntry,
  ledgerPlace,
  ledgerScript,
  movesOneOf,
  type NewestEntry,
  newestMovedQuery,
  ofTable,
} from './ledger.js';
import { isBehindSql } from './rights.js';
import {
  createVersionTable,
  rowStatements,
  storedAs,
  type VersionRowChange,
  type VersionTable,
} from './version-table.js';

/** Statements of a script that make our tables. */
export function tableStatements(table: VersionTable): string[] {
  return [createVersionTable(table), createLedger(table.schema), createLedgerIndex(table.schema)];
}

/** The row change of a step as plain statements. */
export function rowScript(table: VersionTable, change: VersionRowChange): string[] {
  return rowStatements(table, change, literal).map(({ text }) => text);
}

/** @param first whether it is written only where there is none of this table */
export function entryScript(table: VersionTable, entry: LedgerEntry, first = false): string {
  return ledgerScript(table, entry, first);
}

/** Forgets what is kept of backfills, where there are tables of them: what begins again later does so at its first row. */
export function forgetScript(table: VersionTable, revisions: readonly string[]): string {
  const ids = `ARRAY[${revisions.map(literal).join(', ')}]`;
  const each = ([BACKFILL_TABLE, QUARANTINE_TABLE] as const).map((one) => placeOf(one, table));
  const deletes = each.map((place) => `DELETE FROM ${place} WHERE revision = ANY (${ids});`).join(' ');
  return inBlock(`IF to_regclass(${literal(each[0] as string)}) IS NOT NULL THEN ${deletes} END IF;`);
}

/** Stops a script that is run against another state than it was made for, or twice. */
export function rowGuard(table: VersionTable, rows: readonly string[]): string {
  const place = inSchema(table.schema, table.name);
  const column = quote(table.column);
  const expected = `ARRAY[${storedAs(table, rows).sort().map(literal).join(', ')}]::text[]`;
  return raiseIf(
    `(SELECT coalesce(array_agg(${column}::text ORDER BY ${column}::text COLLATE "C"), '{}') FROM ${place}) IS DISTINCT FROM ${expected}`,
    `revgraph: this part of the script starts from ${rows.length === 0 ? 'base' : rows.join(', ')}, but table ${table.name} has other rows`,
  );
}

/**
 * Stops a script in front of a revision that has run by then, where no row tells that: one below those that the rows name, or whose
 * ground other code took away.
 * @param ids what it is called, and was
 * @param since the newest entry when the script was made; null: none, or nobody asked
 */
export function ranGuard(table: VersionTable, ids: readonly string[], since: NewestEntry | null): string {
  const names = `ARRAY[${ids.map(literal).join(', ')}]`;
  // What Alembic took back stands in no entry: only what came since is news.
  const later =
    table.column === 'version_num' && since !== null
      ? ` AND (entry > ${since.entry} OR NOT ${isIn(table, since)})`
      : '';
  const last = `SELECT CASE direction WHEN 'stamp' THEN statistics -> 'covers' ?| ${names} ELSE direction = 'upgrade' END
    FROM ${ledgerPlace(table.schema)} WHERE outcome = 'done' AND ${ofTable(table)}${later}
      AND CASE direction WHEN 'stamp' THEN statistics -> 'covers' IS NOT NULL ELSE ${isAbout(names)} END
    ORDER BY entry DESC LIMIT 1`;
  return raiseIf(`(${last})`, `revgraph: ${ids[0]} has run, or was accepted, since this script was made`);
}

/**
 * Stops a script where a backfill of these is not finished: in front of what requires it, or (`begun`) in front of the revision itself,
 * whose batches it would run again.
 * @param ids what the revision is called, and was
 */
export function backfillGuard(table: VersionTable, ids: readonly string[], begun: boolean): string {
  const place = placeOf(BACKFILL_TABLE, table);
  const names = `ARRAY[${ids.map(literal).join(', ')}]`;
  const open = `EXISTS (SELECT FROM ${place} WHERE revision = ANY (${names}) AND state <> 'finished'${begun ? ' AND batches > 0' : ''})`;
  const message = begun
    ? `revgraph: ${ids[0]} began as a backfill and did not come to its end; a run goes on with it, or says what is to be decided`
    : `revgraph: the backfill of ${ids[0]}, which is required here, is not finished; run revgraph backfill work`;
  return inBlock(
    `IF to_regclass(${literal(place)}) IS NOT NULL THEN IF ${open} THEN RAISE EXCEPTION '%', ${literal(message)}; END IF; END IF;`,
  );
}

/** Stops a script in front of a step that began outside a transaction and has not ended: it would do again what is finished. */
export function begunGuard(table: VersionTable, ids: readonly string[]): string {
  const names = `ARRAY[${ids.map(literal).join(', ')}]`;
  return raiseIf(
    hasBegun(table, isAbout(names), names),
    `revgraph: ${ids[0]} began outside a transaction and did not come to its end; a run goes on with it, or says what is to be decided`,
  );
}

/** Stops an upgrade by script where a downgrade, of whatever revision, stopped halfway outside a transaction, as a run does. */
export function halfDownGuard(table: VersionTable): string {
  return raiseIf(
    hasBegun(table, "direction = 'downgrade'", 'ARRAY[begun.revision::text]'),
    'revgraph: a downgrade outside a transaction did not come to its end; revgraph status says of which revision, and what goes on with it',
  );
}

/**
 * Stops a script where one of these was taken back, by code that lacks what stands on it, and has not run since, or was so since the
 * script was made: rows do not tell.
 * @param ids of each revision, what it is called, and was
 * @param since the newest entry when the script was made; null: none, or nobody asked
 */
export function groundGuard(
  table: VersionTable,
  ids: readonly (readonly string[])[],
  since: NewestEntry | null,
): string {
  const ledger = ledgerPlace(table.schema);
  const each = ids.map((names) => `(ARRAY[${names.map(literal).join(', ')}])`).join(', ');
  const done = `outcome = 'done' AND ${ofTable(table)}`;
  const back = `SELECT max(entry) AS entry FROM ${ledger} WHERE ${done} AND direction = 'downgrade' AND revision = ANY (names)`;
  const later = `SELECT FROM ${ledger} AS later WHERE later.entry > back.entry AND ${done}
    AND CASE direction WHEN 'stamp' THEN statistics -> 'covers' ?| names ELSE direction = 'upgrade' AND ${isAbout('names')} END`;
  const news = since === null ? '' : ` OR (back.entry > ${since.entry} AND ${isIn(table, since)})`;
  return raiseIf(
    `EXISTS (SELECT FROM (VALUES ${each}) AS one(names), LATERAL (${back}) AS back WHERE back.entry IS NOT NULL AND (NOT EXISTS (${later})${news}))`,
    'revgraph: something that this script stands on was taken back; see revgraph status, and make it anew',
  );
}

/** A condition: this is the ledger that the entry is from. In another one its number says nothing. */
const isIn = ({ schema }: Pick<VersionTable, 'schema'>, { entry, run }: NewestEntry): string =>
  `EXISTS (SELECT FROM ${ledgerPlace(schema)} WHERE entry = ${entry} AND run = ${literal(run)})`;

/** A condition: a step of these did not come to its end. @param ids an array of those that an entry which ends it is about */
function hasBegun(table: VersionTable, about: string, ids: string): string {
  const ledger = ledgerPlace(table.schema);
  const ended = `SELECT FROM ${ledger} AS later WHERE entry > begun.entry AND outcome = 'done' AND ${ofTable(table)} AND ${movesOneOf(ids)}`;
  return `EXISTS (SELECT FROM ${ledger} AS begun WHERE outcome = 'running' AND ${about} AND ${ofTable(table)} AND NOT EXISTS (${ended}))`;
}

/** Stops a script that counts what the ledger said when it was made, where it has said more since. @param newest entry; null: none */
export function saidGuard(table: VersionTable, newest: NewestEntry | null): string {
  return raiseIf(
    `(${newestMovedQuery(table)}) IS DISTINCT FROM ${newest?.entry ?? 'NULL'}`,
    `revgraph: something has run, or was decided, since this script was made, which counts what was applied then; make it anew`,
  );
}

/**
 * Stops a script beside a run, or another script, on the same version table: it takes the lock of a run for the transaction, or for
 * the session where a step has none.
 */
export function lockGuard(table: VersionTable, forTransaction: boolean): string {
  const place = inSchema(table.schema, table.name);
  const schema = `(SELECT nspname FROM pg_namespace WHERE oid = (SELECT relnamespace FROM pg_class WHERE oid = ${literal(place)}::regclass))`;
  const key = lockKeyExpression('current_database()', schema, literal(table.name));
  const take = forTransaction ? 'pg_try_advisory_xact_lock' : 'pg_try_advisory_lock';
  return raiseIf(
    `NOT ${take}(${key})`,
    `revgraph: a run or another script is at work on table ${table.name}; run the script again when it has ended`,
  );
}

/** Nobody else changes the rows until the transaction ends, whatever lock they work with. */
export function rowsLock(table: VersionTable): string {
  return `LOCK TABLE ${inSchema(table.schema, table.name)} IN SHARE ROW EXCLUSIVE MODE`;
}

/** A script that would write behind such a sequence stops. */
export function numberGuard({ schema }: Pick<VersionTable, 'schema'>): string {
  const ledger = ledgerPlace(schema);
  const name = `pg_get_serial_sequence(${literal(ledger)}, 'entry')`;
  return raiseIf(
    `(SELECT CASE WHEN has_sequence_privilege(s.name, 'SELECT') THEN ${isBehindSql(schema)} END FROM (SELECT ${name} AS name) AS s)`,
    `revgraph: the sequence of ${LEDGER_TABLE} is behind its entries, which were copied without it; setval puts it right`,
  );
}

/** Stops a script where a check does not give what it must. `query` is one SELECT; a comment may end it. */
export function checkGuard(query: string, expected: string, message: string): string {
  if (expected === 'none') return raiseIf(`EXISTS (${query}\n)`, message);
  const found = `(SELECT v::text FROM (${query}\n) AS q(v) LIMIT 1)`;
  return raiseIf(
    expected === 'null' ? `${found} IS NOT NULL` : `${found} IS DISTINCT FROM ${literal(expected)}`,
    message,
  );
}

/** The search path of a run, as a statement of a script. */
export function searchPathScript(schema: string, forTransaction: boolean): string {
  return `SET ${forTransaction ? 'LOCAL ' : ''}search_path TO ${quote(schema)}, public`;
}

/** Stops a script. */
export function raise(message: string): string {
  return raiseIf('true', message);
}

function raiseIf(condition: string, message: string): string {
  return inBlock(`IF ${condition} THEN RAISE EXCEPTION '%', ${literal(message)}; END IF;`);
}

function inBlock(code: string): string {
  let tag = '$revgraph$';
  for (let n = 2; code.includes(tag); n++) tag = `$revgraph${n}$`;
  return `DO ${tag} BEGIN ${code} END ${tag}`;
}

/** Statements as one transaction of a script. */
export function transactionScript(statements: readonly string[]): string[] {
  return ['BEGIN', ...statements, 'COMMIT'];
}
