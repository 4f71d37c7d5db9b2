import type { DatabaseSource } from '../database/session.js';
import type { StepOptions } from '../run/options.js';
import type { RecordedEntry } from './catalogue-file.js';

export interface CatalogueOptions {
  /** The folder of the revisions; the catalogue stands beside them. */
  readonly revisions: string;
  /** An empty database to replay on. Default: an embedded one in memory. */
  readonly database?: DatabaseSource | undefined;
  readonly onEvent?: StepOptions['onEvent'];
  readonly signal?: AbortSignal | undefined;
}

export interface CatalogueBuild {
  readonly file: string;
  readonly entries: readonly RecordedEntry[];
}

export interface CatalogueCheck {
  readonly ok: boolean;
  readonly file: string;
  /** Revisions whose entry is missing or old. */
  readonly stale: readonly { readonly revision: string; readonly why: string }[];
}

/**
 * Replays the graph on an empty database, every revision once, and writes which facts each adds and removes to
 * `catalogue.json` beside the revisions.
 * @throws `order_matters` where two valid orders end in different schemas, with both orders and the difference
 */
export async function buildCatalogue(options: CatalogueOptions): Promise<CatalogueBuild> {
  const { replayGraph } = await import('./cataloguing.js');
  return replayGraph(options);
}

/** Whether the catalogue fits the revisions: ids, parents and checksums. Needs no database. */
export async function checkCatalogue(options: CatalogueOptions): Promise<CatalogueCheck> {
  const { checkProject } = await import('./cataloguing.js');
  return checkProject(options);
}
