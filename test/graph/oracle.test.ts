import { alg, Graph as Graphlib } from '@dagrejs/graphlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRevgraphError, type Problem } from '../../lib/errors/error.js';
import { buildGraph } from '../../lib/graph/build.js';
import type { Exchanged } from '../../lib/graph/exchange.js';
import type { GraphNode } from '../../lib/graph/graph.js';
import { acyclic, anyDirected } from './arbitrary.js';
import { Model, sorted } from './model.js';

/*
 * A second opinion: what @dagrejs/graphlib says of the same graphs. They are small, because its walks are recursive.
 */

const RUNS = { numRuns: 300 };

function problemsOf(nodes: readonly GraphNode[]): readonly Problem[] {
  try {
    buildGraph(nodes);
    return [];
  } catch (error) {
    if (isRevgraphError(error, 'graph_invalid')) return error.details.problems;
    throw error;
  }
}

/** Each revision of a ring has the next one as parent, the last one has the first, and none is there twice. */
function expectRealRing(nodes: readonly GraphNode[], ring: readonly string[]): void {
  const model = new Model(nodes);
  expect(new Set(ring).size).toBe(ring.length);
  ring.forEach((id, i) => {
    expect([...model.parents(id)]).toContain(ring[(i + 1) % ring.length]);
  });
}

const rings = (problems: readonly Problem[]): (readonly string[])[] =>
  problems.flatMap((problem) => ('ring' in problem ? [problem.ring] : []));

describe('toGraphlib', () => {
  const revisionOf = (exchanged: Exchanged, name: string): string => exchanged.node(name)?.revision as string;

  test('is acyclic for graphlib, too, and its order is a topological one', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const graph = buildGraph(nodes);
        const exchanged = graph.toGraphlib();
        const plain = exchanged as unknown as Graphlib;
        expect(alg.isAcyclic(plain)).toBe(true);
        expect(alg.findCycles(plain)).toEqual([]);
        expect(alg.tarjan(plain).every((component) => component.length === 1)).toBe(true);
        const theirs = alg.topsort(plain).map((name) => revisionOf(exchanged, name));
        expect(sorted(theirs)).toEqual(sorted(graph.ids));
        const model = new Model(nodes);
        graph.ids.forEach((id, at) => {
          expect([...model.parents(id)].every((parent) => graph.ids.indexOf(parent) < at)).toBe(true);
          expect([...model.parents(id)].every((p) => theirs.indexOf(p) < theirs.indexOf(id))).toBe(true);
        });
      }),
      RUNS,
    );
  });

  test('has the same neighbours', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const exchanged = buildGraph(nodes).toGraphlib();
        const model = new Model(nodes);
        const theirs = (names: readonly string[]): string[] =>
          sorted(names.map((name) => revisionOf(exchanged, name)));
        expect(theirs(exchanged.nodes())).toEqual(sorted(model.ids));
        for (const name of exchanged.nodes()) {
          const id = revisionOf(exchanged, name);
          expect(theirs(exchanged.predecessors(name) ?? [])).toEqual(sorted(model.parents(id)));
          expect(theirs(exchanged.successors(name) ?? [])).toEqual(sorted(model.children(id)));
        }
      }),
      RUNS,
    );
  });

  test('leaves Object.prototype as it was', () => {
    const before = Reflect.ownKeys(Object.prototype);
    fc.assert(
      fc.property(acyclic, (nodes) => {
        buildGraph(nodes).toGraphlib();
        expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
      }),
      RUNS,
    );
  });
});

describe('cycles', () => {
  /** The same for graphlib, with names that it can hold. */
  function exchanged(nodes: readonly GraphNode[]): Graphlib {
    const graph = new Graphlib({ directed: true });
    for (const { id, revises } of nodes) {
      graph.setNode(`id:${id}`);
      for (const parent of revises ?? []) graph.setEdge(`id:${parent}`, `id:${id}`);
    }
    return graph;
  }

  test('are found where graphlib finds them: one ring for each of its knots', () => {
    fc.assert(
      fc.property(anyDirected, (nodes) => {
        const problems = problemsOf(nodes);
        const knots = alg.findCycles(exchanged(nodes));
        expect(problems.length === 0).toBe(alg.isAcyclic(exchanged(nodes)));
        expect(problems.every((problem) => problem.code === 'cycle')).toBe(true);
        expect(problems).toHaveLength(knots.length);
        for (const ring of rings(problems)) {
          expectRealRing(nodes, ring);
          expect(knots.filter((knot) => ring.every((id) => knot.includes(`id:${id}`)))).toHaveLength(1);
        }
      }),
      RUNS,
    );
  });

  /** One more edge, from a revision to one of its descendants. */
  const closed = acyclic
    .chain((nodes) => fc.tuple(fc.constant(nodes), fc.nat(), fc.nat(), fc.boolean()))
    .map(([nodes, low, high, inHistory]) => {
      const bottom = nodes[low % nodes.length] as GraphNode;
      const above = [...new Model(nodes).above([bottom.id])].filter((id) => id !== bottom.id);
      const top = above[high % Math.max(above.length, 1)];
      const edge = top === undefined ? [] : [top];
      const changed: GraphNode = inHistory
        ? { ...bottom, revises: [...(bottom.revises ?? []), ...edge] }
        : { ...bottom, dependsOn: [...(bottom.dependsOn ?? []), ...edge] };
      return { bottom, top, nodes: nodes.map((node) => (node === bottom ? changed : node)) };
    });

  test('an edge that closes a ring is always refused, and the ring is real', () => {
    fc.assert(
      fc.property(closed, ({ nodes, bottom, top }) => {
        fc.pre(top !== undefined);
        const found = rings(problemsOf(nodes));
        expect(found.length).toBeGreaterThan(0);
        for (const ring of found) expectRealRing(nodes, ring);
        expect(found.some((ring) => ring.includes(bottom.id))).toBe(true);
      }),
      RUNS,
    );
  });

  test('the ring is in the message, from its first revision to its first', () => {
    fc.assert(
      fc.property(closed, ({ nodes, top }) => {
        fc.pre(top !== undefined);
        try {
          buildGraph(nodes);
        } catch (error) {
          if (!isRevgraphError(error, 'graph_invalid')) throw error;
          for (const ring of rings(error.details.problems))
            expect(error.message).toContain([...ring, ring[0]].join(' → '));
        }
      }),
      RUNS,
    );
  });
});
