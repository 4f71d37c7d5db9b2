import fc from 'fast-check';
import { expect, test } from 'vitest';
import { heaviestClosure } from '../../lib/fingerprint/closure.js';

const sets = (parents: number[][], weights: number[]) => {
  const { least, greatest } = heaviestClosure(parents, weights);
  return [least, greatest].map((marks) => [...marks].flatMap((mark, node) => (mark === 1 ? [node] : [])));
};

/* a ← b ← c */
const chain = [[], [0], [1]];

test.each([
  [
    [2, -1, 3],
    [0, 1, 2],
    [0, 1, 2],
  ],
  [[2, -1, 0], [0], [0]],
  [[2, 0, 0], [0], [0, 1, 2]],
  [[-5, 1, 1], [], []],
  [[0, 0, 0], [], [0, 1, 2]],
  [[2, -1, 1], [0], [0, 1, 2]],
])('a chain with weights %j', (weights, least, greatest) => {
  expect(sets(chain, weights)).toEqual([least, greatest]);
});

test('every set of a small graph, tried out, says the same', () => {
  const graphs = fc
    .integer({ min: 1, max: 9 })
    .chain((n) =>
      fc.tuple(
        fc.tuple(
          ...Array.from({ length: n }, (_, node) => fc.subarray(Array.from({ length: node }, (__, i) => i))),
        ),
        fc.array(fc.integer({ min: -4, max: 4 }), { minLength: n, maxLength: n }),
      ),
    );
  fc.assert(
    fc.property(graphs, ([parents, weights]) => {
      let best = Number.NEGATIVE_INFINITY;
      let solutions: number[] = [];
      for (let set = 0; set < 2 ** parents.length; set++) {
        const inside = (node: number) => ((set >> node) & 1) === 1;
        if (parents.some((above, node) => inside(node) && !above.every(inside))) continue;
        const weight = weights.reduce((sum, w, node) => sum + (inside(node) ? w : 0), 0);
        if (weight > best) [best, solutions] = [weight, []];
        if (weight === best) solutions.push(set);
      }
      const toSet = (nodes: number[] | undefined) =>
        (nodes ?? []).reduce((set, node) => set | (1 << node), 0);
      const [least, greatest] = sets(
        parents.map((above) => [...above]),
        weights,
      );
      expect(toSet(least)).toBe(solutions.reduce((a, b) => a & b));
      expect(toSet(greatest)).toBe(solutions.reduce((a, b) => a | b));
    }),
    { numRuns: 1000 },
  );
});

/** The same by augmenting paths, one at a time: slow and short. */
function byPaths(parents: readonly (readonly number[])[], weights: readonly number[]): [number[], number[]] {
  const n = parents.length;
  const [source, sink] = [n, n + 1];
  const left = Array.from({ length: n + 2 }, () => new Map<number, number>());
  const add = (a: number, b: number, room: number): void => {
    left[a]?.set(b, (left[a]?.get(b) ?? 0) + room);
    left[b]?.set(a, left[b]?.get(a) ?? 0);
  };
  weights.forEach((w, node) => {
    if (w > 0) add(source, node, w);
    if (w < 0) add(node, sink, -w);
  });
  parents.forEach((above, node) => {
    for (const parent of above) add(node, parent, 1e9);
  });
  const reached = (start: number, open: (a: number, b: number) => boolean): Map<number, number> => {
    const from = new Map([[start, start]]);
    for (const [node] of from)
      for (const next of left[node]?.keys() ?? [])
        if (!from.has(next) && open(node, next)) from.set(next, node);
    return from;
  };
  const forwards = (a: number, b: number): boolean => (left[a]?.get(b) ?? 0) > 0;
  for (let from = reached(source, forwards); from.has(sink); from = reached(source, forwards)) {
    const steps: [number, number][] = [];
    for (let node = sink; node !== source; node = from.get(node) as number)
      steps.push([from.get(node) as number, node]);
    const room = Math.min(...steps.map(([a, b]) => left[a]?.get(b) as number));
    for (const [a, b] of steps) {
      add(a, b, -room);
      add(b, a, room);
    }
  }
  const kept = reached(source, forwards);
  const doomed = reached(sink, (a, b) => forwards(b, a));
  const nodes = Array.from({ length: n }, (_, node) => node);
  return [nodes.filter((node) => kept.has(node)), nodes.filter((node) => !doomed.has(node))];
}

test('larger graphs: the same as by augmenting paths', () => {
  const graphs = fc.array(
    fc.tuple(fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }), fc.integer({ min: -9, max: 9 })),
    { minLength: 10, maxLength: 80, size: 'max' },
  );
  fc.assert(
    fc.property(graphs, (nodes) => {
      const parents = nodes.map(([back], node) =>
        [...new Set(back.map((b) => node - b))].filter((p) => p >= 0),
      );
      const weights = nodes.map(([, weight]) => weight);
      expect(sets(parents, weights)).toEqual(byPaths(parents, weights));
    }),
    { numRuns: 500 },
  );
});

test('a chain of 100,000 does not overflow the stack', () => {
  const n = 100_000;
  const parents = Array.from({ length: n }, (_, node) => (node === 0 ? [] : [node - 1]));
  const weights = parents.map((_, node) => (node < n / 2 ? 1 : -1));
  const [least] = sets(parents, weights);
  expect(least).toHaveLength(n / 2);
});
