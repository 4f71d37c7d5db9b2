import { describe, expect, test } from 'vitest';
import { type LaneRow, laneRows } from '../../lib/render/graph/lanes.js';
import { topOrder } from '../../lib/render/graph/order.js';

interface Node {
  readonly id: string;
  readonly parents: readonly string[];
}

const drawing = (nodes: readonly Node[]): string =>
  laneRows(topOrder(nodes))
    .flatMap(({ id, line, at, edges }) => [`${line.slice(0, at)}*${line.slice(at + 1)}  ${id}`, ...edges])
    .join('\n');

const node = (id: string, ...parents: string[]): Node => ({ id, parents });

describe('lanes', () => {
  test('of a diamond', () => {
    expect(drawing([node('a'), node('b', 'a'), node('c', 'a'), node('d', 'b', 'c')])).toBe(
      ['*  d', '|\\', '* |  b', '| *  c', '|/', '*  a'].join('\n'),
    );
  });

  test('of a merge of three, and of lines that end', () => {
    const nodes = [
      node('x'),
      node('a'),
      node('b', 'a'),
      node('c', 'a'),
      node('d', 'a'),
      node('m', 'b', 'c', 'd'),
    ];
    expect(drawing(nodes)).toBe(
      ['*  m', '|\\-\\', '* | |  b', '| * |  c', '|/ /', '| *  d', '|/', '*  a', '', '*  x'].join('\n'),
    );
  });

  test('an edge passes behind lanes that are not its own', () => {
    const nodes = [
      node('r'),
      node('a', 'r'),
      node('b', 'r'),
      node('c', 'a'),
      node('d', 'b'),
      node('e', 'd', 'a'),
      node('f', 'b', 'c'),
    ];
    expect(decoded(laneRows(topOrder(nodes)))).toEqual(edgesOf(nodes));
  });
});

const edgesOf = (nodes: readonly Node[]): string[] =>
  nodes.flatMap(({ id, parents }) => parents.map((parent) => `${parent} > ${id}`)).sort();

/** Reads a drawing as eyes do: what hangs on a lane when it comes to a revision is what stands on that revision. */
function decoded(rows: readonly LaneRow[]): string[] {
  const found: string[] = [];
  let lanes: string[][] = [];
  for (const { id, line, at, edges } of rows) {
    const column = at / 2;
    lanes = lanes.map((strand, n) => (line[2 * n] === '|' ? strand : []));
    found.push(...(lanes[column] ?? []).map((child) => `${id} > ${child}`));
    lanes[column] = [id];
    for (const edge of edges) lanes = followed(edge, lanes, id);
  }
  return found.sort();
}

function followed(edge: string, lanes: string[][], id: string): string[][] {
  const next: string[][] = [];
  const add = (lane: number, strand: readonly string[]): void => {
    next[lane] = [...new Set([...(next[lane] ?? []), ...strand])];
  };
  for (let n = 0; 2 * n < edge.length; n++) if (/[|+]/.test(edge[2 * n] ?? ' ')) add(n, lanes[n] ?? []);
  for (let n = 1; n < edge.length; n += 2) {
    const lane = (n + 1) / 2;
    if (edge[n] === '\\') add(lane, [id]);
    if (edge[n] !== '/') continue;
    const moving = lanes[lane] ?? [];
    const far = /[-|+]*$/.exec(edge.slice(0, n))?.[0] ?? '';
    const isFar = far.includes('+');
    if (!isFar) add(lane - 1, moving);
    else for (let back = n - far.length; back < n; back++) if (edge[back] === '+') add(back / 2, moving);
  }
  return next;
}

test('2,000 random graphs can be read back from their drawings', () => {
  let seed = 7;
  const dice = (limit: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * limit);
  };
  for (let round = 0; round < 2_000; round++) {
    const nodes: Node[] = Array.from({ length: 2 + dice(14) }, (_, n) => ({
      id: `r${n}`,
      parents: [...new Set(Array.from({ length: n === 0 ? 0 : dice(4) }, () => `r${dice(n)}`))],
    }));
    const rows = laneRows(topOrder(nodes));
    expect(rows.map(({ id }) => id).sort()).toEqual(nodes.map(({ id }) => id).sort());
    expect(decoded(rows), `${drawing(nodes)}\n${JSON.stringify(nodes)}`).toEqual(edgesOf(nodes));
  }
});
