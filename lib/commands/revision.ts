import type { BaselineOptions, BaselineResult } from '../baseline/baseline.js';
import type { MergeOptions, NewFile, RevisionOptions } from '../project/new-revision.js';
import type { SquashOptions, SquashResult } from '../squash/squash.js';

export type {
  BaselineOptions,
  BaselineResult,
  MergeOptions,
  NewFile,
  RevisionOptions,
  SquashOptions,
  SquashResult,
};

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

/**
 * Writes the first revision of a folder from the schema of a database that has none, builds the catalogue, and stamps the database
 * with it. The SQL is that of `pg_dump`, without owners, rights and what it sets for its session.
 *
 * Before anything is written the revision is run on an empty database, and every fact of what that ends in is compared with those
 * of the database.
 *
 * @throws `baseline_refused` for a folder with revisions, for a database that is empty or has a version table, and where there is
 * no dump or it holds rows; `baseline_differs` where the schemas differ; what a stamp throws
 */
export async function baseline(options: BaselineOptions): Promise<BaselineResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { makeBaseline } = await import('../baseline/baseline.js');
  return makeBaseline(await checkOptions('baseline', options));
}
