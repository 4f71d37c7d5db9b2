import type { ProjectOptions } from '../config/options.js';
import type { HistoryOptions, ShownRevision } from '../evidence/show.js';
import type { BranchEntry, HistoryEntry, RevisionEntry } from '../project/list.js';

export type { BranchEntry, HistoryEntry, HistoryOptions, RevisionEntry, ShownRevision };

/** Revisions that nothing revises. Reads headers only. */
export async function heads({ revisions }: ProjectOptions): Promise<RevisionEntry[]> {
  const { listed } = await import('../project/list.js');
  return listed(revisions, (graph) => graph.heads);
}

/** Revisions that revise nothing. */
export async function bases({ revisions }: ProjectOptions): Promise<RevisionEntry[]> {
  const { listed } = await import('../project/list.js');
  return listed(revisions, (graph) => graph.bases);
}

/** Revisions that more than one revision revises. */
export async function branches({ revisions }: ProjectOptions): Promise<BranchEntry[]> {
  const { listBranches } = await import('../project/list.js');
  return listBranches(revisions);
}

/** Revisions of a range, newest first. */
export async function history(options: HistoryOptions): Promise<HistoryEntry[]> {
  const { showHistory } = await import('../evidence/show.js');
  return showHistory(options);
}

/** The revisions that targets name, in the order in which they are named, with what each changed. */
export async function show(
  options: Omit<HistoryOptions, 'range'> & { readonly targets: readonly string[] },
): Promise<ShownRevision[]> {
  const { showRevisions } = await import('../evidence/show.js');
  return showRevisions(options);
}
