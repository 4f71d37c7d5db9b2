import type { LedgerAttempt } from '../database/tables/attempts.js';

/** What the ledger says of one attempt. */
export interface LogEntry {
  /** Rises with every entry of the ledger. */
  readonly entry: number;
  /** One id for all that one call did. */
  readonly run: string;
  readonly revision: string;
  readonly direction: 'upgrade' | 'downgrade' | 'stamp';
  /** `running`: it goes on, or was interrupted before it could say how it ended. */
  readonly outcome: 'done' | 'failed' | 'running' | 'retry';
  /** How often this revision had been attempted in this direction, this time included. */
  readonly attempt: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly ms: number | null;
  /** Rows of the version table before and after. */
  readonly rowsFrom: readonly string[];
  readonly rowsTo: readonly string[];
  /** Parents at that moment. */
  readonly parents: readonly string[];
  readonly checksum: string | null;
  /** Of a stamp. */
  readonly reason: string | null;
  /** Of a failure. */
  readonly message: string | null;
  readonly sqlstate: string | null;
  /** First line of the statement that failed, or that was running. */
  readonly statement: string | null;
  /** Outside a transaction: statements that are finished, of how many. */
  readonly progress: { readonly finished: number; readonly statements: number } | null;
  readonly actor: string;
  readonly host: string;
  readonly application: string | null;
  readonly libraryVersion: string;
}

/** An attempt as people and programs are told of it. */
export function logEntryOf(attempt: LedgerAttempt): LogEntry {
  const { entry, run, revision, direction, outcome, message, statement, statistics } = attempt;
  const told = message == null ? null : withoutPasswords(message);
  const isDecision = direction === 'stamp' || outcome === 'retry';
  const { finished, statements } = statistics ?? {};
  const hasProgress = typeof finished === 'number' && typeof statements === 'number';
  return {
    entry,
    run,
    revision,
    direction,
    outcome,
    attempt: attempt.attempt,
    startedAt: attempt.startedAt.toISOString(),
    finishedAt: attempt.finishedAt?.toISOString() ?? null,
    ms: attempt.ms,
    rowsFrom: attempt.rowsFrom,
    rowsTo: attempt.rowsTo,
    parents: attempt.parents,
    checksum: attempt.checksum,
    reason: isDecision ? told : null,
    message: isDecision ? null : told,
    sqlstate: attempt.sqlstate ?? null,
    statement: statement == null || outcome === 'done' ? null : firstLine(statement),
    progress: hasProgress ? { finished, statements } : null,
    actor: attempt.actor,
    host: attempt.host,
    application: attempt.application,
    libraryVersion: attempt.libraryVersion,
  };
}

/** The first line that says something: comments in front of a statement belong to it. */
function firstLine(statement: string): string | null {
  const lines = statement.split('\n').map((line) => line.trim());
  const first = lines.find((line) => line !== '' && !line.startsWith('--')) ?? lines.find(Boolean);
  return first === undefined ? null : withoutPasswords(first);
}

/** A statement may set a password, or name one in a connection string: the ledger keeps it, and nothing repeats it. */
function withoutPasswords(text: string): string {
  return text
    .replace(/(\bpassword\s+)'(?:[^']|'')*(?:'|$)/gi, "$1'…'")
    .replace(/(\bpassword\s*=>?\s*)(?:'(?:[^']|'')*(?:'|$)|[^\s'",;)]+)/gi, '$1…')
    .replace(/([a-z][a-z0-9+]*:\/\/[^\s:@/]*:)[^\s@/]*@/gi, '$1…@');
}
