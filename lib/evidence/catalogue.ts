import { catalogueFile } from '../project/catalogue-place.js';
import { loadProject } from '../project/project.js';
import { readCatalogueFile } from './catalogue-file.js';
import { type CatalogueCheck, compareCatalogue } from './catalogue-fit.js';

const EARLIER =
  'an earlier version of revgraph recorded the catalogue, which knew less. Rebuild it with `revgraph catalogue build`';

/** See `checkCatalogue`. */
export async function checkProject({ revisions }: { readonly revisions: string }): Promise<CatalogueCheck> {
  const project = await loadProject(revisions);
  const file = catalogueFile(revisions);
  const found = await readCatalogueFile(file);
  const stale = await compareCatalogue(project, found);
  if (found.earlier)
    for (const revision of project.graph.ids.slice(0, 1)) stale.push({ revision, why: EARLIER });
  return { ok: stale.length === 0, file, stale };
}
