import type { Candidate, Identification } from '../fingerprint/identify.js';
import type { DatabaseOptions } from './options.js';
import type { FoundState } from './status.js';

/** `revisions` must be a folder, or loaded from one: the catalogue stands there. */
export type IdentifyOptions = DatabaseOptions;

/** What the evidence says of a database, and what its version table claims. */
export interface IdentifyResult extends Identification {
  readonly state: FoundState;
  /** Rows of the version table: a claim. */
  readonly claimed: readonly string[];
  readonly release: string | null;
  readonly candidates: readonly (Candidate & { readonly release: string | null })[];
}

/**
 * Finds out from the schema which revisions a database has. Writes nothing.
 * @throws `catalogue_missing`, `catalogue_invalid`, `catalogue_stale`
 */
export async function identify(options: IdentifyOptions): Promise<IdentifyResult> {
  const { identifyDatabase } = await import('./identification.js');
  return identifyDatabase(options);
}
