import { layout } from '@dagrejs/dagre';
import { Graph } from '@dagrejs/graphlib';
import { laneRows } from './lanes.js';
import { topOrder } from './order.js';
import { type DrawnEdge, type DrawnNode, edgesAmong, parentsOf } from './text.js';

/** Where a revision is drawn, in pixels; `x` and `y` are its middle. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** In lanes: where the revision stands beside its box. */
  readonly dot?: { readonly x: number; readonly y: number } | undefined;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
  /** Edges with the points that they pass. */
  readonly edges: readonly (DrawnEdge & { readonly points: readonly { x: number; y: number }[] })[];
}

export const BOX = { width: 232, height: 46 } as const;
const MARGIN = 24;

/** A layout by crossings takes seconds from here on: 300 revisions take a third of a second, 2,000 take six. */
const MOST_FOR_LAYERS = 400;

/** Boxes in layers, parents above their children; from 400 revisions on in lanes, one below the other. */
export function layoutOf(nodes: readonly DrawnNode[], edges: readonly DrawnEdge[]): Layout {
  const drawn = edgesAmong(nodes, edges);
  return nodes.length > MOST_FOR_LAYERS ? inLanes(nodes, drawn) : inLayers(nodes, drawn);
}

/** By dagre: layers by network simplex, crossings by barycenters. */
function inLayers(nodes: readonly DrawnNode[], edges: readonly DrawnEdge[]): Layout {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 34, marginx: MARGIN, marginy: MARGIN });
  // Ids may be names of a prototype: numbers are none.
  const numbers = new Map(nodes.map(({ revision }, n) => [revision, String(n)]));
  for (const number of numbers.values()) graph.setNode(number, { ...BOX });
  const ends = edges.map(
    (edge) => [numbers.get(edge.from) as string, numbers.get(edge.to) as string] as const,
  );
  for (const [from, to] of ends) graph.setEdge(from, to, {});
  layout(graph);
  const boxes = new Map(
    nodes.map(({ revision }, n) => {
      const { x, y } = graph.node(String(n)) as { x: number; y: number };
      return [revision, { x, y, ...BOX }];
    }),
  );
  return {
    ...sizeOf(boxes),
    boxes,
    edges: edges.map((edge, n) => {
      const [from, to] = ends[n] as readonly [string, string];
      return { ...edge, points: (graph.edge(from, to) as { points: { x: number; y: number }[] }).points };
    }),
  };
}

const LANE = 18;
const ROW = BOX.height + 10;

/** A row per revision, the oldest on top, in the lanes of the text; its box is beside them. */
function inLanes(nodes: readonly DrawnNode[], edges: readonly DrawnEdge[]): Layout {
  const rows = laneRows(topOrder(nodes.map((node) => ({ id: node.revision, parents: parentsOf(node) }))));
  const boxes = new Map(
    rows.map(({ id, line, at }, n) => {
      const y = MARGIN + (rows.length - n - 0.5) * ROW;
      const lanes = Math.ceil(line.length / 2);
      const dot = { x: MARGIN + (at / 2) * LANE, y };
      return [id, { x: MARGIN + lanes * LANE + BOX.width / 2, y, ...BOX, dot }];
    }),
  );
  const first = new Map(nodes.map((node) => [node.revision, parentsOf(node)[0]]));
  const points = ({ from, to }: DrawnEdge) => {
    const [parent, child] = [boxes.get(from)?.dot, boxes.get(to)?.dot];
    if (parent === undefined || child === undefined) return [];
    // In the lane of the child as far as its first parent, in that of the parent as far as another child.
    const bend =
      first.get(to) === from ? { x: child.x, y: parent.y + ROW / 2 } : { x: parent.x, y: child.y - ROW / 2 };
    return parent.x === child.x ? [parent, child] : [parent, bend, child];
  };
  return { ...sizeOf(boxes), boxes, edges: edges.map((edge) => ({ ...edge, points: points(edge) })) };
}

function sizeOf(boxes: ReadonlyMap<string, Box>): { width: number; height: number } {
  let [width, height] = [0, 0];
  for (const box of boxes.values()) {
    width = Math.max(width, box.x + box.width / 2);
    height = Math.max(height, box.y + box.height / 2);
  }
  return { width: Math.ceil(width + MARGIN), height: Math.ceil(height + MARGIN) };
}
