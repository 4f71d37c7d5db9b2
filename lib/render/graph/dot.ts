import { coloursOf } from './colours.js';
import { type DrawnEdge, type DrawnNode, edgesAmong, labelOf } from './text.js';

/** The graph in the language of Graphviz, parents above their children. @returns text with a line end */
export function dotText(nodes: readonly DrawnNode[], edges: readonly DrawnEdge[]): string {
  const lines = [
    'digraph revisions {',
    '  rankdir=TB;',
    '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="sans-serif", fontsize=10];',
    ...nodes.map((node) => {
      const { fill, line } = coloursOf(node.state);
      const colours = `, fillcolor="${fill}", color="${line}"`;
      return `  ${quoted(node.revision)} [label=${quoted(labelOf(node).join('\n'))}${colours}${node.isPlanned ? ', penwidth=3' : ''}];`;
    }),
    ...edgesAmong(nodes, edges).map(
      ({ from, to, kind }) =>
        `  ${quoted(from)} -> ${quoted(to)}${kind === 'revises' ? '' : ' [style=dashed]'};`,
    ),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

/** A backslash is only an escape before a quote, and in labels before some letters. */
const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
