import type { ProjectOptions } from '../config/options.js';
import type { HistoryOptions, ShownRevision } from '../evidence/show.js';
import type { BranchEntry, HistoryEntry, RevisionEntry } from '../project/list.js';

export type { BranchEntry, HistoryEntry, HistoryOptions, RevisionEntry, ShownRevision };

/** The heads: revisions that no other revises. Reads headers only. */
export async function heads({ revisions }: ProjectOptions): Promise<RevisionEntry[]> {
  const { listed } = await import('../project/list.js');
  return listed(revisions, (graph) => graph.heads);
}

/** The bases: revisions without a parent. */
export async function bases({ revisions }: ProjectOptions): Promise<RevisionEntry[]> {
  const { listed } = await import('../project/list.js');
  return listed(revisions, (graph) => graph.bases);
}

/** The branch points: revisions that several others revise. */
export async function branches({ revisions }: ProjectOptions): Promise<BranchEntry[]> {
  const { listBranches } = await import('../project/list.js');
  return listBranches(revisions);
}

/** The revisions of a range, newest first. */
export async function history(options: HistoryOptions): Promise<HistoryEntry[]> {
  const { showHistory } = await import('../evidence/show.js');
  return showHistory(options);
}

/** The revisions of the given targets, in that order, with the facts that each adds and removes. */
export async function show(
  options: Omit<HistoryOptions, 'range'> & { readonly targets: readonly string[] },
): Promise<ShownRevision[]> {
  const { showRevisions } = await import('../evidence/show.js');
  return showRevisions(options);
}
