import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { matrixText, pathLine } from '../../lib/render/matrix.js';
import { matrixJunit } from '../../lib/render/matrix-junit.js';
import { matrixMarkdown } from '../../lib/render/matrix-markdown.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import type { Globals } from '../globals.js';
import { htmlFlag, writeReport } from '../reports.js';
import { projectSettings } from '../settings.js';

interface Flags {
  readonly on?: string;
  readonly start?: readonly string[];
  readonly target?: readonly string[];
  readonly junit?: string;
  readonly markdown?: string;
  readonly html?: string;
}

export const command = define<Flags>({
  command: 'matrix',
  describe: 'Test every upgrade path: old databases, a fresh one and every release, to the targets',
  builder: (yargs: Argv) =>
    yargs
      .option('on', flag(revgraph.OPTIONS.runMatrix.on))
      .option('start', flag(revgraph.OPTIONS.runMatrix.only))
      .option('target', flag(revgraph.OPTIONS.runMatrix.targets))
      .option('junit', { type: 'string', requiresArg: true, describe: 'Write JUnit XML to this file' })
      .option('markdown', {
        type: 'string',
        requiresArg: true,
        describe: 'Write a GitHub table to this file',
      })
      .option('html', htmlFlag('the paths, with every difference,')),
  run: async (flags, output, invocation) => {
    const result = await revgraph.runMatrix({
      ...(await settings(flags)),
      signal: invocation.signal,
      onEvent: (event) => {
        if (event.type === 'path-finished') output.aside(pathLine(event.path));
      },
    });
    if (flags.junit !== undefined) writeReport(flags.junit, matrixJunit(result));
    if (flags.markdown !== undefined) writeReport(flags.markdown, matrixMarkdown(result));
    if (flags.html !== undefined)
      writeReport(flags.html, (await import('../../lib/render/pages/matrix.js')).matrixHtml(result));
    output.text(matrixText(result, output.paint));
    output.document('matrix', result);
    if (!result.ok) invocation.exitValue = revgraph.EXIT.failed;
  },
});

async function settings(flags: Flags & Globals): Promise<revgraph.MatrixOptions> {
  // A matrix must not be pointed at an existing database by habit.
  if (flags.url !== undefined)
    throw new revgraph.RevgraphError('usage', {
      message: 'The matrix creates its own databases, so --url has no effect.',
      hint: 'Use --on URL to name the server for these databases.',
    });
  const { revisions, config } = await projectSettings(flags);
  const options = revgraph.withTargets(revgraph.matrixOptions(config), flags.target);
  return {
    ...options,
    revisions,
    versionTable: flags.versionTable ?? options.versionTable,
    schema: flags.schema ?? options.schema,
    on: flags.on ?? options.on,
    only: flags.start,
  };
}
