import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../lib/graph/build.js';
import { findRings } from '../../lib/graph/cycle.js';
import { Graph, type GraphNode } from '../../lib/graph/graph.js';
import { historyRange } from '../../lib/graph/history.js';
import { topologicalOrder } from '../../lib/graph/order.js';
import { type Links, reach, reversed } from '../../lib/graph/walk.js';
import { planDowngrade } from '../../lib/plan/downgrade.js';
import type { Plan } from '../../lib/plan/plan.js';
import { planUpgrade } from '../../lib/plan/upgrade.js';
import { refusedGraph } from './refused.js';

const MANY = 100_000;

const idOf = (n: number): string => `r${String(n).padStart(6, '0')}`;

/** A graph of `size` revisions from what each one revises, by number. */
const nodesOf = (size: number, revises: (n: number) => number[]): GraphNode[] =>
  Array.from({ length: size }, (_, n) => ({ id: idOf(n), revises: revises(n).map(idOf) }));

/* 0 ─ 1 ─ 2 ─ … */
const chain = (n: number): number[] => (n === 0 ? [] : [n - 1]);

/*
 *               ┌ 8 ┐
 * 0 ─ 1 ─ … 7 ─ ┤   ├ 10 ─ …       a branch and a merge every ten revisions
 *               └ 9 ┘
 */
function braid(n: number): number[] {
  if (n === 0) return [];
  if (n % 10 === 9) return [n - 2];
  return n % 10 === 0 ? [n - 2, n - 1] : [n - 1];
}

/*
 *     ┌ 1
 * 0 ─ ┼ 2
 *     └ …
 */
const star = (n: number): number[] => (n === 0 ? [] : [0]);

const SHAPES = { chain, braid, star };
type Shape = keyof typeof SHAPES;
const shapes = Object.keys(SHAPES) as Shape[];

/** Compares without printing a hundred thousand lines. */
function expectSame(found: readonly string[], expected: readonly string[]): void {
  expect(found).toHaveLength(expected.length);
  expect(found.findIndex((id, i) => id !== expected[i])).toBe(-1);
}

/** Rows at the end, from what the steps say they do. */
function rowsAfter({ from, steps }: Plan): Set<string> {
  const rows = new Set(from);
  for (const { remove, add } of steps) {
    for (const row of remove) rows.delete(row);
    for (const row of add) rows.add(row);
  }
  return rows;
}

describe.each(shapes)('a %s of 100,000 revisions', (shape) => {
  const nodes = nodesOf(MANY, SHAPES[shape]);
  const graph = buildGraph(nodes);
  const heads: readonly string[] = {
    chain: [idOf(MANY - 1)],
    braid: [idOf(MANY - 2), idOf(MANY - 1)],
    star: nodes.slice(1).map((node) => node.id),
  }[shape];

  test('heads and order', () => {
    expect(graph.size).toBe(MANY);
    expectSame(graph.heads, heads);
    expect(graph.bases).toEqual([idOf(0)]);
    expect(graph.ids.at(0)).toBe(idOf(0));
  });

  test('upgrade from base to heads, and down to the base', () => {
    const up = planUpgrade(graph, [], 'heads');
    expect(up.steps).toHaveLength(MANY);
    expectSame([...rowsAfter(up)], heads);
    expectSame(up.to, heads);
    const down = planDowngrade(graph, up.to, 'base');
    expect(down.steps).toHaveLength(MANY);
    expect(down.to).toEqual([]);
    expect(rowsAfter(down).size).toBe(0);
  });

  test('the whole history', () => {
    const history = historyRange(graph);
    expect(history).toHaveLength(MANY);
    expect(history.at(-1)).toBe(idOf(0));
  });
});

describe('a ring of 100,000 revisions', () => {
  const ids = Array.from({ length: MANY }, (_, n) => idOf(n));
  const error = refusedGraph(nodesOf(MANY, (n) => [(n + 1) % MANY]));
  const [problem] = error.details.problems;

  test('is in the details, whole and in order, from its least revision on', () => {
    expect(error.details.problems).toHaveLength(1);
    expectSame(problem?.code === 'cycle' ? problem.ring : [], ids);
  });

  test('does not flood the message', () => {
    expect(error.message.length).toBeLessThan(10_000);
  });
});

/*
 * Growth is counted, not timed: how often links are looked at for 10 times as many revisions.
 */
describe('work grows with the graph, and no faster', () => {
  /** The same links, where every read of a neighbour adds to `count`. */
  function counted(links: Links): { links: Links; count(): number } {
    let reads = 0;
    const watch = (targets: readonly number[]): readonly number[] =>
      new Proxy(targets, {
        get(list, key, receiver) {
          if (typeof key === 'string' && key !== 'length') reads++;
          return Reflect.get(list, key, receiver);
        },
      });
    return { links: links.map(watch), count: () => reads };
  }

  const linksOf = (shape: Shape, size: number): Links =>
    Array.from({ length: size }, (_, n) => SHAPES[shape](n));

  const growth = (shape: Shape, work: (links: Links) => void): number => {
    const [few, many] = [1_000, 10_000].map((size) => {
      const { links, count } = counted(linksOf(shape, size));
      work(links);
      return count();
    }) as [number, number];
    expect(few).toBeGreaterThan(0);
    return many / few;
  };

  const graphOver = (parents: Links): Graph =>
    new Graph({
      nodes: parents.map((_, n) => ({ id: idOf(n) })),
      numberOf: (id) => Number(id.slice(1)),
      labels: new Map(),
      revises: parents,
      dependsOn: parents.map(() => []),
      parents,
    });

  const WORK: Record<string, (links: Links) => void> = {
    reach: (links) => reach(links, links.keys()),
    reversed: (links) => reversed(links),
    'looking for rings': (links) => findRings(links),
    order: (links) =>
      topologicalOrder(
        links,
        links.map((_, n) => idOf(n)),
      ),
    'an upgrade plan': (links) => planUpgrade(graphOver(links), [], 'heads'),
    'a downgrade plan': (links) => {
      const graph = graphOver(links);
      planDowngrade(graph, graph.effectiveHeads, 'base');
    },
    'the whole history': (links) => historyRange(graphOver(links)),
  };

  test.each(Object.keys(WORK))('%s', (name) => {
    for (const shape of shapes) {
      expect(growth(shape, WORK[name] as (links: Links) => void), shape).toBeLessThan(10.5);
    }
  });
});
