import { readDriverError } from '../database/connection/failure.js';
import type { Queryable, Result } from '../database/connection/session.js';
import { runStatement } from '../database/connection/session.js';
import { SwallowedFailure } from '../database/connection/transaction.js';
import type { StatementPlace } from '../errors/error.js';
import type { BatchResult, UndoResult } from '../revision/batches.js';
import type { Statement } from '../sql/statements.js';
import type { ProgressMark } from './resume.js';

const IN_FAILED_TRANSACTION = '25P02';

/** Remembers which statement is being run, so that an error can say where it stands. */
export class Tracker {
  #statement: StatementPlace | null = null;
  #codeFailure: unknown = null;
  /** Outside a transaction: how many statements are finished, for the next run after a failure. */
  progress: ProgressMark | null = null;

  /** Who stood in the way of the statement that waited for a lock in vain. */
  blocker: string | null = null;

  /** What batches came to, for the ledger. */
  readonly backfills: BatchResult[] = [];
  undone: UndoResult | null = null;
  /** Batches were committed, or may have been. */
  hasBatches = false;

  /** Numbers of the step for the ledger; null if there are none. */
  get statistics(): Record<string, unknown> | null {
    if (this.backfills.length === 0 && this.undone === null) return null;
    return {
      ...(this.backfills.length === 0 ? {} : { backfills: this.backfills }),
      ...(this.undone === null ? {} : { undo: this.undone }),
    };
  }

  /** Runs a statement of a file. */
  async run(
    client: Queryable,
    { sql, file, line }: Pick<Statement, 'sql' | 'file' | 'line'>,
  ): Promise<Result> {
    this.#statement = { file, line, statement: sql };
    return runStatement(client, sql);
  }

  /** Runs a statement, or a bulk call, of a code revision; its line is that of the call, as the stack shows it. */
  async watchCode<T>(file: string, sql: string, action: () => Promise<T>): Promise<T> {
    this.#statement = { file, line: callingLine(file), statement: sql };
    try {
      return await action();
    } catch (error) {
      this.#codeFailure ??= error;
      throw error;
    }
  }

  /**
   * The error to report. Where code went on after a failed statement, PostgreSQL only says that the transaction is
   * aborted, or quietly rolls back at COMMIT: what counts is what failed first.
   */
  causeOf(error: unknown): unknown {
    // A query builder wraps what it was told.
    if (this.#codeFailure !== null && isCausedBy(error, this.#codeFailure)) return this.#codeFailure;
    const aborted =
      error instanceof SwallowedFailure || readDriverError(error).sqlstate === IN_FAILED_TRANSACTION;
    return aborted && this.#codeFailure !== null ? new SwallowedFailure(this.#codeFailure) : error;
  }

  /** The statement that failed, where several were sent at once; null for one of ours. */
  at(statement: Pick<Statement, 'sql' | 'file' | 'line'> | null): void {
    this.#statement =
      statement === null ? null : { file: statement.file, line: statement.line, statement: statement.sql };
  }

  /** What follows is not a statement of the revision's. */
  clear(): void {
    this.#statement = null;
  }

  /** Where an error happened: the line inside a long statement, if the server said so. */
  place(error: unknown): StatementPlace | null {
    if (this.#statement === null) return null;
    const { position } = readDriverError(error);
    if (position === null) return this.#statement;
    let below = 0;
    let left = position - 1;
    // By characters, as the server counts; a statement may be too large for a list of them.
    for (const character of this.#statement.statement) {
      if (left-- <= 0) break;
      if (character === '\n') below++;
    }
    return { ...this.#statement, line: this.#statement.line + below };
  }
}

function isCausedBy(error: unknown, cause: unknown): boolean {
  for (let one = error, depth = 0; depth < 8; depth++, one = (one as Error).cause) {
    if (one === cause) return true;
    if (!(one instanceof Error)) return false;
  }
  return false;
}

function callingLine(file: string): number {
  const name = file.slice(file.lastIndexOf('/') + 1);
  for (const frame of (new Error().stack ?? '').split('\n')) {
    const at = frame.indexOf(name);
    const line =
      at === -1 ? undefined : /^:(\d+)/.exec(frame.slice(at + name.length).replace(/^\?[^:]*/, ''))?.[1];
    if (line !== undefined) return Number(line);
  }
  return 1;
}
