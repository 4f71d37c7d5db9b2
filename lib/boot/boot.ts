import type { State } from '../commands/status.js';
import type { StepResult } from '../run/run.js';
import type { BootOptions } from './options.js';

/** Where the database is after `boot`, and what was done. */
export interface BootResult {
  /** What it is now: `current`, unless the policy is `skip`, the run was a dry one, or the database is ahead. */
  readonly state: State;
  /** What it was when this process came to it. */
  readonly found: State;
  /** Rows of the version table now. */
  readonly current: readonly string[];
  readonly heads: readonly string[];
  /** What is still to be run for the target. */
  readonly pending: readonly string[];
  readonly release: string | null;
  /** Of `pending`: what waits for a backfill that runs in the background. A boot does not wait for it. */
  readonly held: readonly string[];
  /** Rows that this process stamped a legacy database with, and why; null if it stamped nothing. */
  readonly stamp: readonly string[] | null;
  readonly why: string | null;
  /** What this process ran. Empty for those that waited. */
  readonly steps: readonly StepResult[];
  readonly dryRun: boolean;
}

/**
 * Brings the database of a service to where its code needs it, however many processes call it at once: one does it, the
 * others wait and find nothing to do.
 *
 * `empty`: runs everything · `legacy` (tables, no version table): finds out from the schema which revisions it has, stamps
 * that and no more, runs the rest · `behind`: holds the version table against the schema, runs the rest · `current`: one
 * round trip, nothing else · `ahead`: by `unknownRows`. Stamp and upgrade are one operation: nothing is stamped before
 * everything that can be checked has been.
 *
 * @throws `unidentified` for a legacy database that fits no revision; `contradicted` for a version table that claims what
 * the schema denies; `unknown_row`, `below_minimum`, `not_current` (policies `verify` and `wait`); what `upgrade` throws.
 * A refused database is left untouched.
 */
export async function boot(options: BootOptions): Promise<BootResult> {
  const [{ parseBootOptions }, { bring }] = await Promise.all([import('./options.js'), import('./bring.js')]);
  return bring(parseBootOptions(options));
}
