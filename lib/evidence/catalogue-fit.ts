import { isRevgraphError, RevgraphError } from '../errors/error.js';
import type { Catalogue } from '../fingerprint/catalogue.js';
import { catalogueFile } from '../project/catalogue-place.js';
import type { Project } from '../project/project.js';
import { upgradeChecksum } from '../revision/definition.js';
import type { Revision } from '../revision/revision.js';
import { type FoundCatalogue, readCatalogueFile, toCatalogue } from './catalogue-file.js';

/** The catalogue's file. @throws `evidence_unavailable` for revisions that were not read from a folder */
export function catalogueOf({ folder }: Project): string {
  if (folder !== undefined) return catalogueFile(folder);
  throw new RevgraphError('evidence_unavailable', { reason: 'no_folder' });
}

/** True if a look at the schema failed because there is nothing to hold it against. */
export function isWithoutEvidence(error: unknown): error is RevgraphError {
  return (
    isRevgraphError(error) &&
    (error.code === 'evidence_unavailable' ||
      error.code === 'catalogue_missing' ||
      error.code === 'catalogue_invalid' ||
      error.code === 'catalogue_stale')
  );
}

/** What counts of a revision. Code is not imported to be looked at: of that, its text. */
export async function checksumOf(revision: Revision): Promise<string> {
  return revision.header.kind === 'code' ? upgradeChecksum(revision) : (await revision.body()).checksum;
}

/** Revisions whose entry is missing or old, or was not replayed together with others. */
export async function compareCatalogue(
  { graph, revisions }: Project,
  { entries, apart }: Pick<FoundCatalogue, 'entries' | 'apart'>,
): Promise<{ revision: string; why: string }[]> {
  const recorded = new Map(entries.map((entry) => [entry.revision, entry]));
  const stale: { revision: string; why: string }[] = [];
  for (const revision of graph.ids) {
    const entry = recorded.get(revision);
    const file = revisions.get(revision);
    if (file === undefined) continue;
    if (entry === undefined) stale.push({ revision, why: 'it is not in the catalogue' });
    else if (entry.checksum !== (await checksumOf(file)))
      stale.push({ revision, why: 'it has been edited since' });
    else if ([...entry.parents].sort().join() !== graph.parentsOf(revision).sort().join())
      stale.push({ revision, why: 'its parents have changed' });
    else if (entry.skipped !== file.header.skipsCatalogue)
      stale.push({ revision, why: 'its @catalogue has changed' });
  }
  for (const revision of recorded.keys())
    if (!graph.has(revision)) stale.push({ revision, why: 'its file no longer exists' });
  const told = new Set(stale.map(({ revision }) => revision));
  return [...stale, ...apart.filter(({ revision }) => !told.has(revision))];
}

/**
 * The catalogue of a project, to be relied on.
 * @throws `catalogue_missing`, `catalogue_invalid`, `catalogue_stale`
 */
export async function fittingCatalogue(project: Project): Promise<Catalogue> {
  const file = catalogueOf(project);
  const found = await readCatalogueFile(file);
  const stale = await compareCatalogue(project, found);
  if (stale.length > 0) throw new RevgraphError('catalogue_stale', { file, stale });
  return toCatalogue(found.entries);
}

export interface CatalogueCheck {
  readonly ok: boolean;
  readonly file: string;
  /** Revisions whose entry is missing or stale, with the reason. */
  readonly stale: readonly { readonly revision: string; readonly why: string }[];
}
