import type { ErrorCode, ErrorDetails } from './details.js';
import { EXIT_VALUES } from './exit-values.js';
import { dataWithoutSecrets } from './secrets.js';
import { problemSentence, sentence } from './sentences.js';

export type { ErrorCode, ErrorDetails } from './details.js';
export type { FailedCheck, Problem, StatementPlace, UnknownRow } from './problem.js';
export { problemSentence };

/** The command line and the library are files of their own: an error of one is one for the other. */
const BRAND = Symbol.for('revgraph.error');

/**
 * The error class of revgraph. `code` and `details` are for programs. `message` is a whole sentence for people,
 * `hint` says what to do next. If a driver raised an error, that error is the `cause`.
 */
export class RevgraphError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly details: Readonly<ErrorDetails[C]>;
  readonly hint: string | null;
  readonly exitValue: number;
  /** @internal */
  readonly [BRAND] = true;

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  constructor(code: C, given: ErrorDetails[C], options?: { cause?: unknown }) {
    // Statements and what servers and code say of them are told, recorded and sent to logs: none of it with a password.
    const details = dataWithoutSecrets(given);
    const { message, hint } = sentence(code, details);
    super(message, options);
    this.name = 'RevgraphError';
    this.code = code;
    this.details = Object.freeze(details);
    this.hint = hint ?? null;
    this.exitValue = EXIT_VALUES[code];
  }

  /** True if the error has this code. Narrows `details`. */
  is<K extends ErrorCode>(code: K): this is RevgraphError<K> {
    return (this.code as ErrorCode) === code;
  }

  /** The `{"error": …}` document of the command line. */
  toJSON(): { error: { code: C; message: string; hint: string | null; details: Readonly<ErrorDetails[C]> } } {
    return { error: { code: this.code, message: this.message, hint: this.hint, details: this.details } };
  }
}

/** True if a thrown value is a RevgraphError, optionally with this code. Narrows its type. */
export function isRevgraphError<C extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: C,
): error is RevgraphError<C> {
  return error instanceof RevgraphError && (code === undefined || error.code === code);
}
