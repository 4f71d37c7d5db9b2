import { coloursOf } from './colours.js';
import { type DrawnEdge, type DrawnNode, edgesAmong, labelOf } from './text.js';

/**
 * The graph in the language of Mermaid, parents above their children. Ids may hold words of that language, so nodes are numbered.
 * @returns text with a line end
 */
export function mermaidText(nodes: readonly DrawnNode[], edges: readonly DrawnEdge[]): string {
  const names = new Map(nodes.map(({ revision }, n) => [revision, `r${n}`]));
  const states = new Set(nodes.flatMap(({ state }) => state ?? []));
  const planned = nodes.filter(({ isPlanned }) => isPlanned).map(({ revision }) => names.get(revision));
  const lines = [
    'flowchart TD',
    ...nodes.map((node) => {
      const state = node.state === null ? '' : `:::${node.state}`;
      return `  ${names.get(node.revision)}["${labelOf(node).map(escaped).join('<br/>')}"]${state}`;
    }),
    ...edgesAmong(nodes, edges).map(
      ({ from, to, kind }) => `  ${names.get(from)} ${kind === 'revises' ? '-->' : '-.->'} ${names.get(to)}`,
    ),
    ...[...states].sort().map(classOf),
    ...(planned.length === 0
      ? []
      : ['  classDef planned stroke-width:3px', `  class ${planned.join(',')} planned`]),
  ];
  return `${lines.join('\n')}\n`;
}

function classOf(state: string): string {
  const { fill, line, text } = coloursOf(state);
  return `  classDef ${state} fill:${fill},stroke:${line},color:${text}`;
}

/** Mermaid reads `#…;` as a character by its number, in quotes too. */
const escaped = (text: string): string =>
  text.replace(/[^\p{L}\p{N} .,:_()+=/!?*'-]/gu, (sign) => `#${sign.codePointAt(0)};`);
