/** The details of the error codes of the lock of a run. */
export interface LockDetails {
  lock_not_obtained: { waitedMs: number; holder: string };
  lock_lost: { reason: string };
  /** A pooler in transaction mode. */
  pooler_detected: { url: string };
  /** Steps that a lock beside their connection can't guard. */
  lock_guards_no_step: { lock: string; revisions: readonly string[] };
}
