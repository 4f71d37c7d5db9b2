/** One problem of a folder of revisions. `graph_invalid` carries all of them at once. */
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
  /** A name of the past is the id, a label or a former name of another revision too. */
  | { code: 'former_id_taken'; name: string; revisions: readonly string[]; files: readonly string[] }
  | { code: 'illegal_label'; label: string; revision: string; file?: string }
  | { code: 'illegal_revision_id'; revision: string; file?: string; line?: number }
  | { code: 'reserved_id'; revision: string; file?: string; line?: number }
  | { code: 'unreadable_file'; file: string; reason: string }
  | { code: 'bad_header'; file: string; line: number; message: string; hint?: string };

/** A statement of a revision file and its place, for messages. `line` counts from 1. */
export interface StatementPlace {
  readonly file: string;
  readonly line: number;
  readonly statement: string;
}

/** A row of the version table that no file has, and what the ledger knows of it. */
export interface UnknownRow {
  readonly revision: string;
  /**
   * `ahead`: it stands on these revisions, all of which ran here · `branch`: it stands on some of them, others never ran ·
   * `below`: a squash took its place, together with others that never ran · `other`: these revisions ran here, and it does
   * not stand on them · `foreign`: nothing shows that they ever ran here
   */
  readonly kind: 'ahead' | 'branch' | 'below' | 'other' | 'foreign';
  /** The topmost of these revisions that it stands on; of `below` the squash. */
  readonly on: readonly string[];
  /** ISO 8601; null where the ledger does not say when it ran, by whom, where and for which application. */
  readonly ranAt: string | null;
  readonly actor: string | null;
  readonly host: string | null;
  readonly application: string | null;
  /** Whether the ledger keeps what takes it back. */
  readonly kept: boolean;
  /** The first version of the product that runs on it (`@breaks-before`); null where none is said. */
  readonly breaksBefore: string | null;
}

/** A check that failed. A check of the configuration has no revision, file or line. */
export interface FailedCheck {
  readonly revision: string | null;
  readonly title: string;
  readonly expected: string;
  readonly found: string;
  readonly file: string | null;
  readonly line: number | null;
  /** Up to five of the rows that the query returned although it should return none. */
  readonly rows: readonly Record<string, unknown>[];
}
