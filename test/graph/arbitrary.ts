import fc from 'fast-check';
import type { GraphNode } from '../../lib/graph/graph.js';

/** Ids in no relation to the order of the graph, some of them such that a careless program trips over them. */
const IDS = [
  ...['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', '1', '10', '2', '0', '_', '.'],
  ...['a', 'b', 'c', 'd', 'aaaa', 'aaab', 'Zz', 'zz', 'head1', 'x'.repeat(64)],
];

/** Parents of one revision, by how many revisions earlier they stand. Small numbers make long lines, large ones braids. */
interface Drawn {
  readonly parents: readonly number[];
  readonly prerequisites: readonly number[];
  readonly optional: boolean;
  readonly isLabelled: boolean;
}

const drawn = fc.record<Drawn>({
  parents: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 4, arbitrary: fc.tuple(fc.nat(3)) },
    { weight: 4, arbitrary: fc.array(fc.nat(7), { minLength: 2, maxLength: 3 }) },
  ),
  prerequisites: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(9), { minLength: 1, maxLength: 2 }) },
  ),
  optional: fc.boolean(),
  isLabelled: fc.nat(3).map((n) => n === 0),
});

const before = (ids: readonly string[], at: number, back: readonly number[]): string[] => [
  ...new Set(back.flatMap((steps) => ids[at - 1 - steps] ?? [])),
];

function node(ids: readonly string[], at: number, drawing: Drawn): GraphNode {
  return {
    id: ids[at] as string,
    revises: before(ids, at, drawing.parents),
    dependsOn: before(ids, at, drawing.prerequisites).map((id) => (drawing.optional ? `?${id}` : id)),
    labels: drawing.isLabelled ? [`label-${at}`] : [],
    file: `${at}.sql`,
  };
}

/** A directed acyclic graph, parents first: redundant parents, prerequisites and labels included. */
export const acyclic: fc.Arbitrary<readonly GraphNode[]> = fc
  .tuple(
    fc.shuffledSubarray(IDS, { minLength: IDS.length }),
    fc.array(drawn, { minLength: 2, maxLength: 16, size: 'max' }),
  )
  .map(([ids, revisions]) => revisions.map((revision, at) => node(ids, at, revision)));

/** Edges anywhere but from a revision to itself: about half of these graphs have cycles. */
export const anyDirected: fc.Arbitrary<readonly GraphNode[]> = fc
  .tuple(
    fc.shuffledSubarray(IDS, { minLength: 3, maxLength: 10 }),
    fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { minLength: 2, maxLength: 14, size: 'max' }),
  )
  .map(([ids, edges]) =>
    ids.map((id, at) => ({
      id,
      revises: edges
        .filter(([from, to]) => from % ids.length === at && to % ids.length !== at)
        .map(([, to]) => ids[to % ids.length] as string),
    })),
  );

/** Some of the revisions of a graph, in their order. */
export const someOf = (nodes: readonly GraphNode[]): fc.Arbitrary<string[]> =>
  fc.subarray(nodes.map((one) => one.id));

export const oneOf = (nodes: readonly GraphNode[]): fc.Arbitrary<string> =>
  fc.constantFrom(...nodes.map((one) => one.id));

export const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length });
