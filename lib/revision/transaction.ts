import { RevgraphError } from '../errors/error.js';
import { placeOf, type Statement } from '../sql/statements.js';
import type { Header } from './header/assemble.js';

/**
 * Whether a section runs in a transaction: `transaction`, or `none` where the header says so or where all that
 * it holds (session settings aside) can't run in one.
 *
 * @throws RevgraphError `transaction_contradiction`: BEGIN, COMMIT and the like anywhere; a savepoint without a
 *   transaction; a statement that needs to be outside among others that would then not be taken back together
 */
export function transactionMode(
  statements: readonly Statement[],
  declared: Header['transaction'],
): 'transaction' | 'none' {
  for (const one of statements) if (one.transactional === 'control') throw controlled(one);
  const outside = statements.find((one) => one.transactional === 'outside');
  const mode = declared === 'none' || outside !== undefined ? 'none' : 'transaction';
  const savepoint = statements.find((one) => one.savepoint);
  if (mode === 'none' && savepoint !== undefined) throw lost(savepoint);
  const inside = statements.some((one) => one.transactional === 'inside' && !one.setting);
  if (declared === 'auto' && outside !== undefined && inside) throw mixed(outside);
  return mode;
}

const GAP = String.raw`(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)`;
const SETS = new RegExp(`^${GAP}*set\\b`, 'i');
const CHARACTERISTIC = new RegExp(
  String.raw`^${GAP}*set${GAP}+(?:(?:local|session)${GAP}+)?transaction(?:_isolation|_read_only|_deferrable)?\b`,
  'i',
);

/** True for `SET TRANSACTION …`, which PostgreSQL takes before the first query of a transaction only. */
export function setsTransaction(sql: string): boolean {
  return CHARACTERISTIC.test(sql);
}

/**
 * What has to go before any question of ours, and the rest. Only a setting may stand before `SET TRANSACTION`: behind a query it
 * fails, as it does in psql.
 */
export function characteristicsOf<S extends Pick<Statement, 'sql'>>(
  statements: readonly S[],
): { readonly first: readonly S[]; readonly rest: readonly S[] } {
  const query = statements.findIndex(({ sql }) => !SETS.test(sql));
  const settings = query === -1 ? statements.length : query;
  const isFirst = ({ sql }: S, index: number): boolean => index < settings && setsTransaction(sql);
  return {
    first: statements.filter(isFirst),
    rest: statements.filter((one, index) => !isFirst(one, index)),
  };
}

function controlled(one: Statement): RevgraphError {
  const discard = one.node === 'DiscardStmt';
  return contradiction(
    one,
    discard
      ? 'DISCARD ALL is not allowed in a revision, because it would release the lock of the run.'
      : `${one.reason} is not allowed in a revision, because revgraph starts and ends the transaction.`,
    discard
      ? 'Use RESET or DISCARD TEMP.'
      : 'Remove it. To run a revision without a transaction, use @transaction none.',
  );
}

function lost(one: Statement): RevgraphError {
  return contradiction(
    one,
    'A savepoint needs a transaction, but this revision runs outside one.',
    'Remove the savepoint, or move it to a separate revision.',
  );
}

function mixed(one: Statement): RevgraphError {
  return contradiction(
    one,
    `${one.reason} can't run inside a transaction, but the revision also has other statements.`,
    'Move it to a separate revision. Or use @transaction none, if the revision may fail half way.',
  );
}

function contradiction(one: Statement, reason: string, hint: string): RevgraphError {
  return new RevgraphError('transaction_contradiction', { ...placeOf(one), reason, hint });
}

/** Definitions that run no function, fire no trigger of a table and set nothing. Event triggers are another matter. */
const QUIET =
  /^(Create|CreateEnum|AlterEnum|CompositeType|CreateDomain|CreateSeq|CreateSchema|Comment|Rename|View|Drop|Grant)Stmt$/;

/** The bounds of a partition are calculated; a schema may come with elements of its own. */
const CALCULATED = /\bpartition\s+of\b|^create\s+schema\b.*\bcreate\b/is;

/** An index over columns. */
const INDEX = /^create\s+(unique\s+)?index\b[^(]*\([^()]*\)\s*$/i;

const BUILT_IN = String.raw`int|integer|bigint|smallint|numeric|double\s+precision|text|varchar|character\s+varying|bytea|boolean|bool|date|timestamp|timestamptz|uuid|json|jsonb`;

/** One column, of a type without checks and defaults of its own: those would be asked of each row. */
const COLUMN = new RegExp(
  String.raw`^alter\s+table\s+(only\s+)?[\w".]+\s+add\s+(column\s+)?[\w"]+\s+(${BUILT_IN})(\s*\(\s*\d+(\s*,\s*\d+)?\s*\))?(\s+not\s+null|\s+null)?\s*$`,
  'i',
);

function isQuiet({ node, sql, touches }: Statement): boolean {
  const isTemporary = touches.some(
    (touch) => touch.kind === 'create' && (touch.temporary || touch.name.schema === 'pg_temp'),
  );
  if (isTemporary || touches.some(({ kind }) => kind === 'opaque')) return false;
  if (QUIET.test(node)) return !CALCULATED.test(sql);
  return (node === 'IndexStmt' && INDEX.test(sql)) || (node === 'AlterTableStmt' && COLUMN.test(sql));
}

/** Whether statements leave their session as they found it, where nothing listens to definitions: nothing is to be put back behind them. */
export const leaveNothing = (statements: readonly Statement[]): boolean => statements.every(isQuiet);

const LISTENING =
  /^(CreateEventTrigStmt|AlterEventTrigStmt|CreateExtensionStmt|AlterExtensionStmt|DoStmt|CallStmt)$/;

/** Whether what comes behind a statement may be listened to: it may have made an event trigger, which runs with each definition. */
export const mayListen = ({ node, touches }: Statement): boolean =>
  LISTENING.test(node) || touches.some(({ kind }) => kind === 'opaque');
