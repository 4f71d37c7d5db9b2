import type { Fact } from '../fingerprint/fact.js';
import type { DatabaseOptions } from './options.js';
import type { FoundState } from './status.js';

/** One thing that is not as the version table says. */
export interface DoctorFinding {
  /**
   * `missing`: claimed, but the schema shows that it never ran · `unsettled`: it stands on a missing one, leaves no trace
   * and must not run twice · `drift`: it ran, but not all is as it left it · `unclaimed`: the schema has it, the rows
   * don't · `unknown_row`: a row that no file has · `no_version_table`: tables, but no version table
   */
  readonly code: 'missing' | 'unsettled' | 'drift' | 'unclaimed' | 'unknown_row' | 'no_version_table';
  readonly revision: string | null;
  readonly message: string;
  /** Facts that should be there, and facts that should not. */
  readonly missing: readonly Fact[];
  readonly unexpected: readonly Fact[];
}

export interface DoctorResult {
  /** True if there is no finding. */
  readonly ok: boolean;
  readonly state: FoundState;
  /** Rows of the version table: a claim. */
  readonly claimed: readonly string[];
  /** Rows that stand for what the schema shows. */
  readonly evidence: readonly string[];
  /** Revisions that the rows claim and the schema contradicts, parents first. */
  readonly missing: readonly string[];
  /** Revisions that the rows claim and that leave no evidence. */
  readonly undetermined: readonly string[];
  /** Revisions that the schema has and the rows do not claim. */
  readonly unclaimed: readonly string[];
  readonly release: string | null;
  readonly findings: readonly DoctorFinding[];
  /** Objects that no revision touches: no finding. */
  readonly foreign: readonly Fact[];
}

/**
 * Compares what the version table claims with what the schema shows. Writes nothing.
 * @throws `catalogue_missing`, `catalogue_invalid`, `catalogue_stale`
 */
export async function doctor(options: DatabaseOptions): Promise<DoctorResult> {
  const { examineDatabase } = await import('./doctoring.js');
  return examineDatabase(options);
}
