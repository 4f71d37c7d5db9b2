import type { MergeOptions, NewFile, RevisionOptions } from '../project/new-revision.js';
import type { SquashOptions, SquashResult } from '../squash/squash.js';

export type { MergeOptions, NewFile, RevisionOptions, SquashOptions, SquashResult };

/** Creates a revision file on top of the head, or of `heads`. Never overwrites a file. */
export async function revision(options: RevisionOptions): Promise<NewFile> {
  const { checkOptions } = await import('../config/check-options.js');
  const { newRevision } = await import('../project/new-revision.js');
  return newRevision(await checkOptions('revision', options));
}

/** Creates a merge revision. @throws `nothing_to_merge` for fewer than two revisions */
export async function merge(options: MergeOptions): Promise<NewFile> {
  const { checkOptions } = await import('../config/check-options.js');
  const { newMerge } = await import('../project/new-revision.js');
  return newMerge(await checkOptions('merge', options));
}

/**
 * Writes one revision that takes the place of a range of them (`@replaces`), and deletes their files. Databases that ran all of
 * them have it, a fresh one runs it, one that ran a part is told what to go through first.
 *
 * Before anything is written, the old line and the new one are run up to the heads, each on an empty database, and what they
 * end in is compared: every fact and definition of the schema, and the values of every column.
 *
 * @throws `squash_refused` for a range that can't be squashed; `squash_differs` where the lines end in something else, with the
 * difference; `confirmation_needed` without `confirmed`; what a run throws
 */
export async function squash(options: SquashOptions): Promise<SquashResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { squashRevisions } = await import('../squash/squash.js');
  return squashRevisions(await checkOptions('squash', options));
}
