import type { MergeOptions, NewFile, RevisionOptions } from '../project/new-revision.js';

export type { MergeOptions, NewFile, RevisionOptions };

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
