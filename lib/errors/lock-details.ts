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
}
