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

test('a chain of 100,000 does not overflow the stack', () => {
  const n = 100_000;
  const parents = Array.from({ length: n }, (_, node) => (node === 0 ? [] : [node - 1]));
  const weights = parents.map((_, node) => (node < n / 2 ? 1 : -1));
  const [least] = sets(parents, weights);
  expect(least).toHaveLength(n / 2);
});
