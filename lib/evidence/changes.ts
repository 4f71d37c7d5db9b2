import { isRevgraphError } from '../errors/error.js';
import type { Catalogue, CatalogueEntry } from '../fingerprint/catalogue.js';
import { catalogueFile } from '../project/catalogue-place.js';
import type { Project } from '../project/project.js';
import { readCatalogueFile } from './catalogue-file.js';

/**
 * What revisions changed in the schema: their entries of the catalogue, if there is one. An entry that is older than its
 * file is left out; code isn't loaded to find that out, `catalogue check` does.
 */
export async function changesOf({ folder, revisions }: Project, ids: readonly string[]): Promise<Catalogue> {
  const changes = new Map<string, CatalogueEntry>();
  if (folder === undefined) return changes;
  const wanted = new Set(ids);
  const { entries } = await readCatalogueFile(catalogueFile(folder)).catch((error: unknown) => {
    if (isRevgraphError(error, 'catalogue_missing')) return { entries: [] };
    throw error;
  });
  for (const entry of entries) {
    const revision = wanted.has(entry.revision) ? revisions.get(entry.revision) : undefined;
    if (revision === undefined) continue;
    const isOld = revision.header.kind === 'sql' && (await revision.body()).checksum !== entry.checksum;
    if (!isOld) changes.set(entry.revision, entry);
  }
  return changes;
}
