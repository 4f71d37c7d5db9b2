import type { MergeOptions, NewFile, RevisionOptions } from '../project/new-revision.js';

export type { MergeOptions, NewFile, RevisionOptions };

/** Writes a new revision file on the one head, or where `heads` says. Never overwrites. */
export async function revision(options: RevisionOptions): Promise<NewFile> {
  const { newRevision } = await import('../project/new-revision.js');
  return newRevision(options);
}

/** Writes a merge revision. @throws `nothing_to_merge` for fewer than two revisions */
export async function merge(options: MergeOptions): Promise<NewFile> {
  const { newMerge } = await import('../project/new-revision.js');
  return newMerge(options);
}
