/** The details of the error codes that say why a run does not begin. */
export interface LockDetails {
  lock_not_obtained: { waitedMs: number; holder: string };
  lock_lost: { reason: string };
  /** A revision that failed several times with the same text. */
  revision_parked: { revision: string; failures: number; reason: string | null };
  /** A pooler in transaction mode. */
  pooler_detected: { url: string };
  /** Steps that a lock beside their connection can't guard. */
  lock_guards_no_step: { lock: string; revisions: readonly string[] };
  // what the rows of a version table say is not all, or not true
  /** The ledger records revisions that the version table does not claim. */
  rows_lost: {
    table: string;
    rows: readonly string[];
    lost: readonly string[];
    restore: readonly string[];
    /** Below those, and taken back since by code that lacks what stands on them: no stamp can be true of both. */
    under?: readonly string[];
    unrun?: readonly string[]; // below those that ran; a stamp of the rows would count them, or what was begun
    /** Recorded as well, and in no file: code that has them restores them with the others. */
    gone?: readonly string[];
  };
  /** Tables of ours of which row security hides all rows. */
  rows_hidden: { tables: readonly string[]; user: string };
  /** `table` holds `rows`, none of which is known; `beside` holds `known`. */
  two_version_tables: {
    table: string;
    rows: readonly string[];
    beside: string;
    known: readonly string[];
  };
}
