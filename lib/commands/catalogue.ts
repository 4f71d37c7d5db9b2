import type { CatalogueBuild, CatalogueOptions } from '../evidence/building/build.js';
import type { CatalogueCheck } from '../evidence/catalogue-fit.js';

/**
 * Runs every revision once on an empty database, and writes the facts that each adds and removes to `catalogue.json` beside
 * the revisions. What an earlier build has kept is not run again: on the embedded database, how far it came is kept in
 * `node_modules/.cache/revgraph/` where that took more than some seconds, or failed.
 * @throws `step_failed`, `requirement_unmet` or `check_failed`, with `replay`: which revision, in which order, and how many before it
 * are kept.
 * @throws `order_matters` if two valid orders produce different schemas, with both orders and the difference
 */
export async function buildCatalogue(options: CatalogueOptions): Promise<CatalogueBuild> {
  const { checkOptions } = await import('../config/check-options.js');
  const { replayGraph } = await import('../evidence/building/build.js');
  return replayGraph(await checkOptions('buildCatalogue', options));
}

/** Checks whether the catalogue matches the revisions: ids, parents and checksums. Needs no database. */
export async function checkCatalogue(
  options: Omit<CatalogueOptions, 'on' | 'anew'>,
): Promise<CatalogueCheck> {
  const { checkOptions } = await import('../config/check-options.js');
  const { checkProject } = await import('../evidence/catalogue.js');
  return checkProject(await checkOptions('checkCatalogue', options));
}
