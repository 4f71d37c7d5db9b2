/** The details of the error codes of backfills. */
export interface BackfillDetails {
  backfill_invalid: { message: string; hint: string };
  /** The definition has changed, so the stored cursor is not valid for it. */
  backfill_changed: { revision: string; name: string };
  backfill_cancelled: { revision: string };
  /** Somebody ordered a pause before this run came to it. */
  backfill_paused: { revision: string };
  /** Rows in quarantine are not accepted. `stopped`: too many rows failed, and the backfill stopped. */
  backfill_incomplete: {
    revision: string;
    failed: number;
    rows: readonly { key: readonly string[]; error: string }[];
    stopped: boolean;
  };
  backfill_blocked: { revision: string; name: string; key: readonly string[]; reason: string };
  /** Another process is working on the same rows. */
  backfill_taken: { revision: string; name: string };
  /** Rows had the mark before the first batch. */
  backfill_marked: { revision: string; name: string; mark: string };
  /** Its revision has another id now, or is a part of a squash; what is kept of it is kept under the one before. */
  /** `finished`: at its end, and marks of it are to be taken back. */
  backfill_renamed: { revision: string; today: string; finished: boolean };
  backfill_without_mark: { revision: string; name: string };
  backfill_remains: { revision: string; remaining: number };
  /** The backfill has ended: nothing of it can be ordered any more. */
  backfill_finished: { revision: string; asked: string };
  backfill_absent: { revision: string };
  /** No row, or not the one named, waits in quarantine. */
  quarantine_empty: { revision: string; key: readonly string[] | null };
  queue_missing: { package: string };
  backfill_unknown: { revision: string; known: readonly string[] };
}
