import { counted } from '../words.js';
import { type Colours, DARK, LIGHT } from './colours.js';
import { xml } from './escape.js';
import { type Box, type Layout, layoutOf } from './layout.js';
import { type DrawnEdge, type DrawnNode, marksOf } from './text.js';

/** The graph as a picture of its own: light and dark by what the reader prefers. @returns text with a line end */
export function svgText(nodes: readonly DrawnNode[], edges: readonly DrawnEdge[]): string {
  const layout = layoutOf(nodes, edges);
  const { width, height } = layout;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Graph of ${counted(nodes.length, 'revision')}">
<style>${svgStyle('svg')}</style>
<rect class="page" width="100%" height="100%"/>
${svgParts(nodes, layout)}
</svg>
`;
}

/** Edges below, then the revisions: what the page and the picture share. */
export function svgParts(nodes: readonly DrawnNode[], { boxes, edges }: Layout): string {
  return [
    ...edges.map(
      ({ from, to, kind, points }) =>
        `<path class="edge ${kind}" data-from="${xml(from)}" data-to="${xml(to)}" d="${pathOf(points)}"/>`,
    ),
    ...nodes.map((node) => nodeOf(node, boxes.get(node.revision) as Box)),
  ].join('\n');
}

/** Colours as a style sheet. @param root what has the colours of a state as variables */
export function svgStyle(root: string): string {
  const page = (background: string, edge: string): string => `--page:${background};--edge:${edge}`;
  const rules = (sheet: Readonly<Record<string, Colours>>): string =>
    Object.entries(sheet)
      .map(([state, { fill, line, text }]) => `.node.${state}{--fill:${fill};--line:${line};--text:${text}}`)
      .join('');
  return [
    `${root}{${page('#ffffff', '#5b6472')}}${rules(LIGHT)}`,
    `@media (prefers-color-scheme:dark){${root}{${page('#0d1117', '#9aa4b2')}}${rules(DARK)}}`,
    '.page{fill:var(--page)}.edge{fill:none;stroke:var(--edge);stroke-width:1.5}.edge.depends-on{stroke-dasharray:5 4}',
    '.node rect{fill:var(--fill);stroke:var(--line);stroke-width:1.5}.node.planned rect{stroke-width:3.5}',
    '.node circle{fill:var(--line)}.node text{fill:var(--text);font-family:system-ui,sans-serif;font-size:11px}',
    '.node .id{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px;font-weight:600}.node .state{font-style:italic}',
  ].join('\n');
}

function nodeOf(node: DrawnNode, { x, y, width, height, dot }: Box): string {
  const { revision, message, state, isPlanned } = node;
  const [left, top] = [x - width / 2, y - height / 2];
  const marks = marksOf(node).join(' ');
  const first = cut(revision, 30);
  // A sign of the id is 7.3 pixels wide, of the rest 6.2 at most on the average.
  const room = Math.floor((width - 28 - first.length * 7.3) / 6.2);
  const aside = room < 6 ? '' : cut(marks, room);
  return [
    `<g class="node ${state ?? 'none'}${isPlanned ? ' planned' : ''}" data-id="${xml(revision)}">`,
    `<title>${xml([revision, marks, message].filter((part) => part !== '').join(' – '))}</title>`,
    `<rect x="${round(left)}" y="${round(top)}" width="${width}" height="${height}" rx="8"/>`,
    ...(dot === undefined ? [] : [`<circle cx="${round(dot.x)}" cy="${round(dot.y)}" r="5"/>`]),
    `<text class="id" x="${round(left + 10)}" y="${round(top + 19)}">${xml(first)}</text>`,
    ...(aside === ''
      ? []
      : [
          `<text x="${round(left + width - 10)}" y="${round(top + 19)}" text-anchor="end">${xml(aside)}</text>`,
        ]),
    `<text x="${round(left + 10)}" y="${round(top + 36)}">${xml(cut(message, state === null ? 35 : 25))}</text>`,
    ...(state === null
      ? []
      : [
          `<text class="state" x="${round(left + width - 10)}" y="${round(top + 36)}" text-anchor="end">${state}</text>`,
        ]),
    '</g>',
  ].join('');
}

/** A curve through the points: straight to the middle of each leg, bent at the points between. */
function pathOf(points: readonly { x: number; y: number }[]): string {
  const [start, ...rest] = points;
  if (start === undefined) return '';
  const at = ({ x, y }: { x: number; y: number }): string => `${round(x)} ${round(y)}`;
  const middle = (a: { x: number; y: number }, b: { x: number; y: number }) => ({
    x: (a.x + b.x) / 2,
    y: (a.y + b.y) / 2,
  });
  const curves = rest
    .slice(0, -1)
    .map((point, n) => `Q${at(point)} ${at(middle(point, rest[n + 1] as { x: number; y: number }))}`);
  const end = rest.at(-1);
  return `M${at(start)}${curves.join('')}${end === undefined ? '' : `L${at(end)}`}`;
}

const round = (n: number): number => Math.round(n * 10) / 10;

/** Signs, and not halves of them. */
function cut(text: string, length: number): string {
  const signs = [...text];
  return signs.length <= length
    ? text
    : `${signs
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
}
