import * as revgraph from '../lib/index.js';
import { graphLines, legendOf } from '../lib/render/graph/text.js';
import type { Globals } from './globals.js';
import type { Output } from './output.js';
import { databaseSettings, namedUrl, projectSettings } from './settings.js';

/** Columns where no terminal tells how many it has. */
const WIDTH = 80;

/**
 * The picture of the graph; with the database that is named, where it stands. One that only the environment or the configuration
 * names need not be there: the graph is drawn without it, and that is said.
 */
export async function pictureFor(
  flags: Globals,
  output: Output,
  signal: AbortSignal,
  options: Omit<revgraph.PictureOptions, 'revisions' | 'database'> = {},
): Promise<revgraph.Picture> {
  const { config, ...project } = await projectSettings(flags);
  const revisions = await revgraph.loadProject(project.revisions);
  const drawn = { ...project, ...options, revisions };
  if (namedUrl(flags, config) === undefined) return revgraph.picture(drawn);
  const settings = { ...(await databaseSettings(flags, output, signal)), ...options, revisions };
  try {
    return await revgraph.picture(settings);
  } catch (error) {
    if (flags.url !== undefined || !revgraph.isRevgraphError(error, 'connection_refused')) throw error;
    output.aside(`Without the database: ${error.message}`);
    return revgraph.picture(drawn);
  }
}

/** Draws it in the columns that there are. */
export function showGraph(nodes: readonly revgraph.PictureNode[], output: Output): void {
  const width = Math.max(process.stdout.columns ?? WIDTH, 40);
  for (const line of graphLines(nodes, { width, paint: output.paint })) output.copy(line);
  const legend = legendOf(nodes);
  if (legend !== '') output.aside(legend);
}
