import { EXIT_VALUES } from './exit-values.js';
import { problemSentence, sentence } from './render/sentence.js';

export { problemSentence };

/** One thing that is wrong with a folder of revisions: `graph_invalid` carries all of them at once. */
export type Problem =
  | { code: 'duplicate_revision'; revision: string; files: readonly string[] }
  | {
      code: 'missing_revision';
      revision: string;
      missing: string;
      suggestions: readonly string[];
      file?: string;
    }
  | {
      code: 'missing_dependency';
      revision: string;
      missing: string;
      suggestions: readonly string[];
      file?: string;
    }
  | {
      code: 'ambiguous_dependency';
      revision: string;
      name: string;
      matches: readonly string[];
      file?: string;
    }
  | { code: 'self_loop'; revision: string; file?: string }
  | { code: 'dependency_self_loop'; revision: string; file?: string }
  | { code: 'cycle'; ring: readonly string[] }
  | { code: 'dependency_cycle'; ring: readonly string[] }
  | { code: 'label_conflict'; label: string; revisions: readonly string[]; files: readonly string[] }
  | { code: 'illegal_label'; label: string; revision: string; file?: string }
  | { code: 'illegal_revision_id'; revision: string; file?: string; line?: number }
  | { code: 'reserved_id'; revision: string; file?: string; line?: number }
  | { code: 'unreadable_file'; file: string; reason: string }
  | { code: 'bad_header'; file: string; line: number; message: string; hint?: string };

/** A statement of a revision file and where it stands, for messages. `line` counts from 1. */
export interface StatementPlace {
  readonly file: string;
  readonly line: number;
  readonly statement: string;
}

/** A check that was not as expected. A check of the configuration has no revision, file or line. */
export interface FailedCheck {
  readonly revision: string | null;
  readonly title: string;
  readonly expected: string;
  readonly found: string;
  readonly file: string | null;
  readonly line: number | null;
  /** Up to five of the rows where none were expected. */
  readonly rows: readonly Record<string, unknown>[];
}

/** What each error code carries. The code names the kind; nothing has to be parsed out of a message. */
export interface ErrorDetails {
  // the graph
  graph_invalid: { problems: readonly Problem[] };
  // targets
  unknown_revision: { name: string; suggestions: readonly string[] };
  unknown_branch: { name: string; suggestions: readonly string[] };
  ambiguous_prefix: { prefix: string; matches: readonly string[] };
  not_in_branch: { branch: string; revision: string };
  multiple_heads: { target: string; heads: readonly string[] };
  overlapping_requested: { revision: string; overlaps: readonly string[]; where: 'target' | 'rows' };
  not_an_ancestor: { target: string; of: readonly string[] };
  not_a_downgrade_target: { target: string; branch: string };
  relative_out_of_range: { target: string; reason: string };
  ambiguous_walk: { target: string; from: string; choices: readonly string[] };
  ambiguous_upgrade: { target: string; current: readonly string[] };
  bad_range: { range: string };
  bad_target: { target: unknown; reason: string };
  not_a_head: { revision: string; heads: readonly string[] };
  duplicate_heads: { revision: string };
  nothing_to_merge: { heads: readonly string[] };
  unknown_row: { rows: readonly string[]; table: string };
  unknown_release: { release: string; releases: readonly string[] };
  release_invalid: { release: string; revision: string; suggestions: readonly string[] };
  below_minimum: {
    rows: readonly string[];
    release: string | null;
    minimum: string;
    revisions: readonly string[];
  };
  row_count_mismatch: { table: string; expected: readonly string[]; found: readonly string[] };
  // the catalogue
  catalogue_missing: { file: string };
  catalogue_invalid: { file: string; reason: string };
  catalogue_stale: { file: string; stale: readonly { revision: string; why: string }[] };
  unidentified: {
    match: string;
    candidates: readonly {
      stamp: readonly string[];
      missing: readonly string[];
      unexpected: readonly string[];
      score: number;
    }[];
    unsettled: readonly string[];
  };
  /** The version table claims revisions that the schema contradicts. */
  contradicted: { rows: readonly string[]; missing: readonly string[]; unsettled: readonly string[] };
  repair_refused: { reasons: readonly string[]; missing: readonly string[] };
  order_matters: {
    orders: readonly (readonly string[])[];
    missing: readonly string[];
    unexpected: readonly string[];
  };
  // the matrix
  restore_failed: { file: string; line: number | null; sqlstate: string | null; reason: string };
  // files and configuration
  directory_missing: { directory: string };
  directory_empty: { directory: string };
  file_exists: { file: string };
  file_unwritable: { file: string; reason: string };
  code_unloadable: { file: string; reason: string };
  statement_unparsable: StatementPlace & { reason: string };
  statement_refused: StatementPlace & { reason: string };
  transaction_contradiction: StatementPlace & { reason: string; hint?: string };
  config_invalid: { file: string; issues: readonly { path: string; message: string }[] };
  usage: { message: string; hint?: string };
  // the database
  bad_url: { url: string; reason: string };
  database_missing_option: { variable: string };
  embedded_refused: { reason: string };
  embedded_missing: { package: string };
  embedded_busy: { directory: string; holder: string; waitedMs: number };
  connection_refused: { url: string; reason: string };
  authentication_failed: { url: string; reason: string };
  database_absent: { url: string; reason: string };
  permission_denied: { what: string; reason: string };
  connection_lost: { reason: string };
  database_failed: { what: string; sqlstate: string | null; reason: string };
  version_table_invalid: { table: string; reason: string };
  lock_not_obtained: { waitedMs: number; holder: string };
  lock_lost: { reason: string };
  // running
  /** A row given to insertMany and its kind. `row` counts from 1; `column` is null where the row itself is wrong. */
  bad_row: { table: string; row: number; column: string | null; reason: string };
  requirement_unmet: { revision: string; unmet: readonly string[] };
  check_failed: {
    revision: string;
    section: 'precheck' | 'verify' | 'adopt';
    title: string;
    expected: string;
    found: string;
    rows: readonly Record<string, unknown>[];
    file: string;
    line: number;
    earlier: string | null;
  };
  /** Everything was applied, and then checks of what is applied failed. */
  verify_failed: { applied: readonly string[]; failed: readonly FailedCheck[]; asked: number };
  /** A second run can't be tried without leaving something behind. */
  trial_refused: { revision: string; reason: string; hint: string };
  step_failed: {
    direction: 'upgrade' | 'downgrade' | 'stamp';
    applied: readonly string[];
    failed: string;
    remaining: readonly string[];
    place: StatementPlace | null;
    sqlstate: string | null;
    reason: string;
    /** What of the failed revision is in the database now; `unknown` if the connection broke at COMMIT. */
    remains: 'nothing' | 'part' | 'unknown';
    rollbackFailure: string | null;
    next: string;
    blocker: string | null;
  };
  irreversible: { revision: string; why: string };
  reparented: {
    revisions: readonly { revision: string; applied: readonly string[]; now: readonly string[] }[];
  };
  unfinished_step: { revision: string; statement: string | null; next: string };
  /** Policy `verify` or `wait`: the database is not where this code needs it. */
  not_current: {
    state: string;
    current: readonly string[];
    pending: readonly string[];
    waitedMs: number | null;
  };
  confirmation_needed: { what: string; consequence: string };
  timed_out: { what: string; timeoutMs: number };
  aborted: { during: string; applied: readonly string[]; remaining: readonly string[] };
  ended_early: { what: string };
  internal: { reason: string };
}

export type ErrorCode = keyof ErrorDetails;

/**
 * The one error class. `code` and `details` are for programs, `message` is a whole sentence for people,
 * `hint` says what to do next. The driver's own error, where there is one, is the `cause`.
 */
export class RevgraphError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly details: Readonly<ErrorDetails[C]>;
  readonly hint: string | null;
  readonly exitValue: number;

  constructor(code: C, details: ErrorDetails[C], options?: { cause?: unknown }) {
    const { message, hint } = sentence(code, details);
    super(message, options);
    this.name = 'RevgraphError';
    this.code = code;
    this.details = Object.freeze(details);
    this.hint = hint ?? null;
    this.exitValue = EXIT_VALUES[code];
  }

  /** True for an error of this class with this code; narrows `details`. */
  is<K extends ErrorCode>(code: K): this is RevgraphError<K> {
    return (this.code as ErrorCode) === code;
  }

  /** The `{"error": …}` document of the command line. */
  toJSON(): { error: { code: C; message: string; hint: string | null; details: Readonly<ErrorDetails[C]> } } {
    return { error: { code: this.code, message: this.message, hint: this.hint, details: this.details } };
  }
}

/** Narrows an unknown thrown value to a RevgraphError, optionally with one code. */
export function isRevgraphError<C extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: C,
): error is RevgraphError<C> {
  return error instanceof RevgraphError && (code === undefined || error.code === code);
}
