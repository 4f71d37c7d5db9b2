import { type Paint, PLAIN } from '../lists.js';
import { laneRows } from './lanes.js';
import { topOrder } from './order.js';

/** What is drawn of a revision. */
export interface DrawnNode {
  readonly revision: string;
  readonly message: string;
  readonly labels: readonly string[];
  readonly releases: readonly string[];
  readonly revises: readonly string[];
  readonly dependsOn: readonly string[];
  readonly isHead: boolean;
  readonly state: string | null;
  readonly isCurrent: boolean;
  readonly isPlanned: boolean;
}

/** What is drawn of an edge. */
export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'revises' | 'depends-on';
}

/** The sign of a revision: its state can be told without colours. */
export const SIGNS: Readonly<Record<string, string>> = {
  applied: '*',
  pending: 'o',
  missed: '!',
  edited: '~',
  unknown: '?',
};

/** Parents in history and what is depended on: both are edges. */
export const parentsOf = ({ revises, dependsOn }: Pick<DrawnNode, 'revises' | 'dependsOn'>): string[] => [
  ...new Set([...revises, ...dependsOn]),
];

/** What is said of a revision behind its id. */
export function marksOf(node: DrawnNode): string[] {
  const { labels, releases, isHead, isCurrent, isPlanned, state } = node;
  return [
    ...labels.map((label) => `(${label})`),
    ...releases.map((version) => `(${/^\d/.test(version) ? `v${version}` : version})`),
    ...(isHead ? ['(head)'] : []),
    ...(isCurrent ? ['(current)'] : []),
    ...(isPlanned ? ['(planned)'] : []),
    ...(state !== null && state !== 'applied' && state !== 'pending' ? [`(${state})`] : []),
  ];
}

/** The lines in the box of a revision. */
export const labelOf = (node: DrawnNode): string[] =>
  [[node.revision, ...marksOf(node)].join(' '), node.message].filter((line) => line !== '');

/** Edges of which both ends are drawn. */
export function edgesAmong(nodes: readonly DrawnNode[], edges: readonly DrawnEdge[]): DrawnEdge[] {
  const drawn = new Set(nodes.map(({ revision }) => revision));
  return edges.filter(({ from, to }) => drawn.has(from) && drawn.has(to));
}

/** Of lanes, so many are drawn; in a wider graph the others are told of by a `~` behind them. */
const MOST_LANES = 24;

/**
 * The graph as lanes with a line per revision, newest first.
 * @param width of the terminal, in columns; a longer line is cut
 */
export function graphLines(
  nodes: readonly DrawnNode[],
  { width = 80, paint = PLAIN }: { width?: number; paint?: Paint } = {},
): string[] {
  const byId = new Map(nodes.map((node) => [node.revision, node]));
  const ordered = topOrder(nodes.map((node) => ({ id: node.revision, parents: parentsOf(node) })));
  return laneRows(ordered).flatMap(({ id, line, at, edges }) => {
    const node = byId.get(id) as DrawnNode;
    const drawn = withSign(line, at, node, paint);
    const room = Math.max(width - drawn.width - 1, 8);
    return [`${drawn.text} ${describedIn(node, room, paint)}`, ...edges.map((edge) => paint.dim(cut(edge)))];
  });
}

const cut = (lanes: string): string =>
  lanes.length > 2 * MOST_LANES ? `${lanes.slice(0, 2 * MOST_LANES)}~` : lanes;

function withSign(
  line: string,
  at: number,
  { state }: DrawnNode,
  paint: Paint,
): { text: string; width: number } {
  const sign = state === null ? '*' : (SIGNS[state] ?? '*');
  const place = Math.min(at, 2 * MOST_LANES);
  const lanes = cut(line).padEnd(place + 1);
  const painted =
    state === 'pending' ? paint.mark : state === null || state === 'applied' ? paint.good : paint.bad;
  const text = `${paint.dim(lanes.slice(0, place))}${painted(sign)}${paint.dim(lanes.slice(place + 1))}`;
  return { text: `${text} `, width: lanes.length + 1 };
}

/** The id whole, then as much of the marks and the message as there is room for. */
function describedIn(node: DrawnNode, room: number, paint: Paint): string {
  const marks = marksOf(node).join(' ');
  const rest = [marks, node.message].filter((part) => part !== '').join('  ');
  const left = Math.max(room - node.revision.length - 1, 0);
  const shown = rest.length <= left ? rest : `${rest.slice(0, Math.max(left - 1, 0)).trimEnd()}…`;
  if (shown === '' || left < 2) return paint.id(node.revision);
  const inMarks = shown.slice(0, marks.length);
  return `${paint.id(node.revision)} ${inMarks === '' ? '' : paint.mark(inMarks)}${shown.slice(marks.length)}`;
}

/** What the signs mean, of those that are there; empty without a database. */
export function legendOf(nodes: readonly DrawnNode[]): string {
  const states = new Set(nodes.flatMap(({ state }) => state ?? []));
  return Object.entries(SIGNS)
    .filter(([state]) => states.has(state))
    .map(([state, sign]) => `${sign} ${state}`)
    .join('  ');
}
