import type { BackfillDetails } from './backfill-details.js';
import type { EvidenceDetails } from './evidence-details.js';
import type { LockDetails } from './lock-details.js';
import type { FailedCheck, Problem, StatementPlace, UnknownRow } from './problem.js';
import type { ReplayPlace } from './replay-place.js';

/** The details of each error code. Programs read these instead of parsing messages. */
export interface ErrorDetails extends BackfillDetails, EvidenceDetails, LockDetails {
  // the graph
  graph_invalid: { problems: readonly Problem[] };
  // targets
  unknown_revision: { name: string; suggestions: readonly string[] };
  unknown_branch: { name: string; suggestions: readonly string[] };
  ambiguous_prefix: { prefix: string; matches: readonly string[] };
  prefix_too_short: { prefix: string; matches: readonly string[] };
  /** A revision that is a part of a squash, and not the last. */
  squashed_away: { name: string; squash: string; last: string; release?: string };
  not_in_branch: { branch: string; revision: string };
  multiple_heads: { target: string; heads: readonly string[] };
  overlapping_requested: { revision: string; overlaps: readonly string[]; where: 'target' | 'rows' };
  not_an_ancestor: { target: string; of: readonly string[] };
  not_a_downgrade_target: { target: string; branch: string };
  relative_out_of_range: { target: string; reason: string };
  ambiguous_walk: { target: string; from: string; choices: readonly string[] };
  ambiguous_upgrade: { target: string; current: readonly string[] };
  bad_range: { range: string };
  /** `goesDown`: what was asked of `undo` is a target of `downgrade`. */
  bad_target: { target: unknown; reason: string; goesDown?: boolean };
  not_a_head: { revision: string; heads: readonly string[] };
  duplicate_heads: { revision: string };
  nothing_to_merge: { heads: readonly string[] };
  /** Revisions below applied ones that never ran on this database. */
  missed_revisions: {
    rows: readonly string[];
    missed: readonly { revision: string; above: readonly string[]; shaken?: true; reused?: true }[];
    /** Revisions that ran here and that no file has, in the order in which they ran: a squash may have taken their place. */
    gone?: readonly string[];
    beside?: boolean; // rows that no file has
    /** Those that are rows themselves, and those below them: the ledger has no entry of them. */
    unrecorded?: readonly string[];
  };
  /** Applied revisions whose upgrade part is not what ran here. */
  edited_revisions: { edited: readonly string[] };
  /** A downgrade outside a transaction stopped halfway; `finished`: statements that were finished. */
  half_downgraded: { hasFile?: boolean; revision: string; rows: readonly string[]; finished: number };
  /** `heads`: those of this code. */
  unknown_row: {
    rows: readonly string[];
    table: string;
    heads?: readonly string[];
    unknown?: readonly UnknownRow[];
  };
  /** The database has a revision that this code lacks and was not made for. `release`: the newest that this code knows. */
  incompatible: { revision: string; breaksBefore: string; release: string | null };
  /** A squash took the place of revisions of which only a part ran here. */
  below_squash: {
    rows: readonly string[];
    squash: string;
    ran: readonly string[];
    missing: readonly string[];
    /** The release that ends in the squash, if one is configured. */
    release: string | null;
    /** What ran here and no file has: one of the missing may be among these, under another name. */
    gone?: readonly string[];
  };
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
  /** The version table claims revisions that the schema contradicts. */
  contradicted: { rows: readonly string[]; missing: readonly string[]; unsettled: readonly string[] };
  /** A step of a repair did something else than the catalogue foresees, or changed rows that later revisions wrote. */
  repair_unforeseen: {
    revision: string;
    missing: readonly string[];
    unexpected: readonly string[];
    rewrites: readonly string[];
  };
  /** `open`: by the ledger they never ran, and something contradicts it. */
  repair_refused: { reasons: readonly string[]; missing: readonly string[]; open?: readonly string[] };
  order_matters: {
    orders: readonly (readonly string[])[];
    missing: readonly string[];
    unexpected: readonly string[];
  };
  // the matrix
  restore_failed: { file: string; line: number | null; sqlstate: string | null; reason: string };
  /** The facts of this database can't be held against a catalogue. */
  evidence_unavailable:
    | { reason: 'no_folder' }
    | { reason: 'other_schema'; schema: string; described: string };
  database_not_empty: Record<string, never>;
  /** A decision that goes into the ledger has no reason. */
  reason_missing: { what: 'stamp' | 'accept' | 'decision' };
  /** There is nothing about this revision that could be accepted. */
  nothing_to_accept: { revision: string };
  /** `forget` takes rows away that no file has. */
  not_unknown: { revision: string; unknown: readonly string[] };
  /** The command needs a revision that this database has. */
  not_applied: { revision: string };
  unknown_start: { start: string; starts: readonly string[] };
  // files and configuration
  directory_missing: { directory: string };
  directory_empty: { directory: string };
  directory_unreadable: { directory: string; reason: string };
  base_unreadable: { reason: string }; // by git, for `check --base`
  file_exists: { file: string };
  file_unwritable: { file: string; reason: string };
  file_unreadable: { file: string; reason: string }; // there is something
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
  permission_denied: { what: string; reason: string; grant?: string };
  /** `sqlstate`: what the server said when it ended it. */
  connection_lost: { reason: string; sqlstate?: string | null };
  /** Null: what PostgreSQL says of a statement does not tell which. */
  server_read_only: { why: 'standby' | 'setting' | null; url: string };
  database_failed: { what: string; sqlstate: string | null; reason: string };
  /** The database is not the one that `expect` describes. */
  wrong_database: {
    database: string;
    wrong: readonly { what: string; expected: readonly string[]; found: string | null }[];
  };
  /** No schema of the search path exists. */
  schema_missing: { searchPath: string };
  /** The role of the configuration does not exist, or the user of the connection may not become it. */
  role_refused: { role: string; reason: string };
  /** A client that was lent is in a transaction of its owner. */
  client_in_transaction: Record<string, never>;
  /** The search path finds a ledger, in another schema than the version table. `move`: a statement. */
  ledger_elsewhere: { table: string; schema: string; ledger: string; move: string };
  version_table_invalid: { table: string; reason: string; remedy?: string };
  // running
  unknown_table: { table: string; suggestions: readonly string[] };
  unknown_column: { table: string; column: string; suggestions: readonly string[] };
  /** PostgreSQL fills this column by itself. */
  column_read_only: { table: string; column: string; reason: string };
  /** A row passed to insertMany and the like. `row` counts from 1; `column` is null if the row itself is wrong. */
  bad_row: { table: string; row: number; column: string | null; reason: string };
  requirement_unmet: { revision: string; unmet: readonly string[]; replay?: ReplayPlace };
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
    replay?: ReplayPlace;
  };
  step_failed: {
    direction: 'upgrade' | 'downgrade' | 'stamp';
    applied: readonly string[];
    failed: string;
    remaining: readonly string[];
    place: StatementPlace | null;
    sqlstate: string | null;
    reason: string;
    /** What remains of the failed revision in the database; `unknown` if the connection broke at COMMIT. */
    remains: 'nothing' | 'part' | 'batches' | 'unknown';
    rollbackFailure: string | null;
    next: string;
    blocker: string | null;
    /** Rows of its backfill in quarantine that were accepted as they are. */
    accepted: number;
    replay?: ReplayPlace;
  };
  irreversible: { revision: string; why: string };
  /** Everything was applied, then checks of applied revisions failed. */
  verify_failed: { applied: readonly string[]; failed: readonly FailedCheck[]; asked: number };
  /** A second run can't be tested without leaving changes behind. */
  trial_refused: { revision: string; reason: string; hint: string };
  timed_out: { what: string; timeoutMs: number };
  nothing_to_retry: { revision: string; reason: string };
  unfinished_step: { revision: string; statement: string | null; next: string; batches?: true };
  /** Policy `verify` or `wait`: the database is not at the revision that this code needs. */
  not_current: {
    state: string;
    current: readonly string[];
    pending: readonly string[];
    waitedMs: number | null;
    /** The command that migrates it: an upgrade would start a legacy database from base. */
    next: string;
  };
  /** The preflight found blockers. Nothing was run. */
  preflight_refused: {
    checks: readonly {
      name: string;
      title: string;
      found: string;
      remedy: string | null;
      revision: string | null;
      file: string | null;
      line: number | null;
    }[];
    /** The command that shows the whole checklist; null where none does. */
    checklist: string | null;
  };
  confirmation_needed: {
    what: string;
    consequence: string;
    losses?: readonly { revision: string; what: string; rows: number | null }[];
  };
  destruction_refused: { losses: readonly { revision: string; what: string; rows: number | null }[] };
  /** A function around a run threw. `revision`: the step that it was called behind. */
  hook_failed: {
    hook: 'beforeRun' | 'afterStep' | 'afterRun';
    revision: string | null;
    applied: readonly string[];
    reason: string;
    next: string;
  };
  aborted: { during: string; applied: readonly string[]; remaining: readonly string[] };
  ended_early: { what: string; threw?: string };
  internal: { reason: string };
}

export type ErrorCode = keyof ErrorDetails;
