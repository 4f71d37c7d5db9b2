import type { ProjectOptions } from '../config/options.js';
import type { HistoryOptions, ShownRevision } from '../evidence/show.js';
import type {
  Picture,
  PictureDatabase,
  PictureEdge,
  PictureNode,
  PictureOptions,
  PictureState,
} from '../picture/picture.js';
import type { BranchEntry, HistoryEntry, RevisionEntry, TipEntry } from '../project/list.js';

export type {
  BranchEntry,
  HistoryEntry,
  HistoryOptions,
  Picture,
  PictureDatabase,
  PictureEdge,
  PictureNode,
  PictureOptions,
  PictureState,
  RevisionEntry,
  ShownRevision,
  TipEntry,
};

/** The heads: revisions that no other revises or depends on; where a finished upgrade ends. Reads headers only. */
export async function heads(options: ProjectOptions): Promise<RevisionEntry[]> {
  const { checkOptions } = await import('../config/check-options.js');
  const { listed } = await import('../project/list.js');
  const { revisions } = await checkOptions('heads', options);
  return listed(revisions, (graph) => graph.effectiveHeads);
}

/** The tips of lines that another line depends on: nothing revises them, and yet they are no heads. Reads headers only. */
export async function tips(options: ProjectOptions): Promise<TipEntry[]> {
  const { checkOptions } = await import('../config/check-options.js');
  const { listTips } = await import('../project/list.js');
  return listTips((await checkOptions('tips', options)).revisions);
}

/** The bases: revisions without a parent. */
export async function bases(options: ProjectOptions): Promise<RevisionEntry[]> {
  const { checkOptions } = await import('../config/check-options.js');
  const { listed } = await import('../project/list.js');
  const { revisions } = await checkOptions('bases', options);
  return listed(revisions, (graph) => graph.bases);
}

/** The branch points: revisions that several others revise. */
export async function branches(options: ProjectOptions): Promise<BranchEntry[]> {
  const { checkOptions } = await import('../config/check-options.js');
  const { listBranches } = await import('../project/list.js');
  return listBranches((await checkOptions('branches', options)).revisions);
}

/** The revisions of a range, newest first. */
export async function history(options: HistoryOptions): Promise<HistoryEntry[]> {
  const { checkOptions } = await import('../config/check-options.js');
  const { showHistory } = await import('../evidence/show.js');
  return showHistory(await checkOptions('history', options));
}

/** The revisions of the given targets, in that order, with the facts that each adds and removes. */
export async function show(
  options: Omit<HistoryOptions, 'range'> & { readonly target: string | readonly string[] },
): Promise<ShownRevision[]> {
  const { checkOptions } = await import('../config/check-options.js');
  const { showRevisions } = await import('../evidence/show.js');
  return showRevisions(await checkOptions('show', options));
}

/**
 * The graph of revisions as nodes and edges, to be drawn: with a database, where it stands; with several, where each of them does;
 * with a target, what an upgrade to it would run. Reads headers, and of edited revisions the files. Writes nothing.
 * @throws `unknown_revision`, `unknown_release` for a target; what `status` throws
 */
export async function picture(options: PictureOptions): Promise<Picture> {
  const { checkOptions } = await import('../config/check-options.js');
  const { pictureOf } = await import('../picture/picture.js');
  return pictureOf(await checkOptions('picture', options));
}
