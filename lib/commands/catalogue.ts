import type { CatalogueBuild, CatalogueOptions } from '../evidence/catalogue.js';
import type { CatalogueCheck } from '../evidence/catalogue-fit.js';

/**
 * Runs every revision once on an empty database, and writes the facts that each adds and removes to `catalogue.json` beside
 * the revisions.
 * @throws `order_matters` if two valid orders produce different schemas, with both orders and the difference
 */
export async function buildCatalogue(options: CatalogueOptions): Promise<CatalogueBuild> {
  const { checkOptions } = await import('../config/check-options.js');
  const { replayGraph } = await import('../evidence/catalogue.js');
  return replayGraph(await checkOptions('buildCatalogue', options));
}

/** Checks whether the catalogue matches the revisions: ids, parents and checksums. Needs no database. */
export async function checkCatalogue(options: CatalogueOptions): Promise<CatalogueCheck> {
  const { checkOptions } = await import('../config/check-options.js');
  const { checkProject } = await import('../evidence/catalogue.js');
  return checkProject(await checkOptions('checkCatalogue', options));
}
