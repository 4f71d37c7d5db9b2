import type { ObjectDifference } from '../../fingerprint/differences.js';

/** Whether the schema is what the catalogue has for the rows. */
export interface SchemaProof {
  /** Why it was not compared; null if it was. */
  readonly skipped: string | null;
  /** Objects that differ and that revisions of the run wrote last: the run made them so. */
  readonly made: readonly ObjectDifference[];
  /** Other objects that differ, apart from what was accepted. */
  readonly before: readonly ObjectDifference[];
  /** Revisions that the rows claim and that were not run now, of which nothing is there: what `doctor` calls a false stamp. */
  readonly neverRan: readonly string[];
}

/** Nothing differs. */
export const AS_FORESEEN: SchemaProof = { skipped: null, made: [], before: [], neverRan: [] };

export const notCompared = (skipped: string): SchemaProof => ({ ...AS_FORESEEN, skipped });
