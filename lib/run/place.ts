import { readDriverError } from '../database/failure.js';
import type { Queryable, Result } from '../database/session.js';
import type { StatementPlace } from '../errors.js';
import type { Statement } from '../revision/statements.js';

/** Remembers which statement is being run, so that an error can say where it stands. */
export class Tracker {
  #statement: StatementPlace | null = null;

  /** Runs a statement of a file. */
  async run(
    client: Queryable,
    { sql, file, line }: Pick<Statement, 'sql' | 'file' | 'line'>,
  ): Promise<Result> {
    this.#statement = { file, line, statement: sql };
    return client.query(sql);
  }

  /** Runs a statement of a code revision; its line is that of the call, as the stack shows it. */
  async runCode(client: Queryable, file: string, sql: string, values?: readonly unknown[]): Promise<Result> {
    this.#statement = { file, line: callingLine(file), statement: sql };
    return client.query(sql, values === undefined ? undefined : [...values]);
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
    const before = [...this.#statement.statement].slice(0, position - 1);
    const below = before.filter((character) => character === '\n').length;
    return { ...this.#statement, line: this.#statement.line + below };
  }
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
