import { writeFileSync } from 'node:fs';
import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { define } from '../command.js';
import { flag } from '../flags.js';

const FORMATS = ['text', 'mermaid', 'dot', 'svg', 'html'] as const;

interface Flags {
  readonly target?: readonly string[] | undefined;
  readonly format: (typeof FORMATS)[number];
  readonly output?: string | undefined;
  readonly beside?: readonly string[] | undefined;
}

export const command = define<Flags>({
  command: 'graph [target..]',
  describe: 'Draw the graph of revisions: text, Mermaid, Graphviz, SVG, or a page to look at',
  builder: (yargs: Argv) =>
    yargs
      .positional('target', { type: 'string', array: true, describe: revgraph.OPTIONS.picture.target.help })
      .option('format', { choices: FORMATS, default: 'text' as const, describe: 'What to write' })
      .option('output', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        describe: 'The file to write. Default: standard output',
      })
      .option('beside', {
        ...flag({ ...revgraph.OPTIONS.picture.beside, type: 'texts' }),
        describe: 'URL of another database, shown beside the first; may be repeated',
      }),
  run: async (flags, output, { signal }) => {
    const { format, beside = [], target = [] } = flags;
    const { pictureFor, showGraph } = await import('../picture.js');
    const picture = await pictureFor(flags, output, signal, {
      beside: [...beside],
      ...(target.length === 0 ? {} : { target: [...target] }),
      details: format === 'html',
    });
    if (format === 'text' && flags.output === undefined) showGraph(picture.nodes, output);
    else {
      const text = await drawn(picture, format);
      if (flags.output === undefined) output.exact(text.trimEnd());
      else write(flags.output, text);
    }
    if (flags.output !== undefined) output.aside(`Wrote ${flags.output}.`);
    output.document('graph', { ...picture, format, output: flags.output ?? null });
  },
});

async function drawn(
  { nodes, edges, databases }: revgraph.Picture,
  format: Flags['format'],
): Promise<string> {
  switch (format) {
    case 'mermaid':
      return (await import('../../lib/render/graph/mermaid.js')).mermaidText(nodes, edges);
    case 'dot':
      return (await import('../../lib/render/graph/dot.js')).dotText(nodes, edges);
    case 'svg':
      return (await import('../../lib/render/graph/svg.js')).svgText(nodes, edges);
    case 'html':
      return (await import('../../lib/render/graph/page.js')).pageHtml(nodes, edges, databases, 'Revisions');
    default:
      return `${(await import('../../lib/render/graph/text.js')).graphLines(nodes).join('\n')}\n`;
  }
}

/** @throws `file_unwritable` */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new revgraph.RevgraphError(
      'file_unwritable',
      { file, reason: (error as Error).message },
      { cause: error },
    );
  }
}
