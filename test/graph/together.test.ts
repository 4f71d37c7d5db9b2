import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { besidesOf, lineagesOf, notTogether, parentsFirst } from '../../lib/graph/together.js';

/* What says that revisions were replayed together, and what is found where they were not. */

/** `c: a b` → c stands on a and b. */
const entriesOf = (text: string) =>
  text.split(', ').map((one) => {
    const [revision = '', parents = ''] = one.split(':');
    return { revision, parents: parents.split(' ').filter((id) => id !== ''), checksum: `of ${revision}` };
  });
type Told = ReturnType<typeof entriesOf>[number] & { beside?: readonly string[] | undefined };

/** As a build writes them. */
const built = (entries: readonly Told[], before: readonly Told[] = []) => {
  const order = parentsFirst(entries);
  const lineages = lineagesOf(order);
  const old = lineagesOf(parentsFirst(before));
  const kept = before.filter(({ revision: id }) => old.get(id)?.own === lineages.get(id)?.own);
  const besides = besidesOf(order, new Map(kept.map(({ revision, beside }) => [revision, beside ?? []])));
  return order.map((entry) => ({
    ...entry,
    below: lineages.get(entry.revision)?.below as string,
    beside: besides.get(entry.revision),
  }));
};
const apart = (entries: Parameters<typeof notTogether>[0]) =>
  notTogether(entries).map(({ revision }) => revision);
/** What git makes of two files. */
const merged = <E extends Told>(ours: readonly E[], theirs: readonly E[]): E[] => [
  ...new Map([...ours, ...theirs].map((entry) => [entry.revision, entry])).values(),
];

test('a chain says nothing, and is together', () => {
  const chain = built(entriesOf('a, b:a, c:b'));
  expect(chain.map(({ beside }) => beside)).toEqual([undefined, undefined, undefined]);
  expect(notTogether(chain)).toEqual([]);
});

/*
 *      ┌─ b
 *   a ─┤
 *      └─ c
 */
describe('two branches that are merged', () => {
  const base = built(entriesOf('a'));
  const left = built(entriesOf('a, b:a'), base);
  const right = built(entriesOf('a, c:a'), base);

  test('were not replayed together', () => {
    expect(notTogether(merged(left, right))).toEqual([
      { revision: 'c', why: expect.stringContaining('together with b') },
    ]);
  });

  test('are, after a build, and what was there before is as it was', () => {
    const both = merged(left, right);
    const anew = built(entriesOf('a, b:a, c:a, m:b c'), both);
    expect(apart(anew)).toEqual([]);
    expect(anew.filter(({ beside }) => beside !== undefined).map(({ revision }) => revision)).toEqual(['c']);
    expect(anew.slice(0, 2)).toEqual(built(entriesOf('a, b:a'), base));
  });
});

test('what is edited below makes what stands on it old, and what was beside it', () => {
  const edited = (entries: readonly Told[]) =>
    entries.map((entry) => (entry.revision === 'a' ? { ...entry, checksum: 'another' } : entry));
  const old = built(entriesOf('a, b:a, x'));
  const now = built(edited(entriesOf('a, x')), old);
  const b = old.find(({ revision }) => revision === 'b') as (typeof old)[number];
  expect(notTogether([...now, b])).toEqual([
    { revision: 'b', why: expect.stringMatching(/stands on has changed/) },
  ]);
  expect(apart(built(edited(entriesOf('a, b:a, x')), old))).toEqual([]);
});

/** Random graphs: revision n stands on some of those before it. */
const graphs = fc.array(fc.array(fc.nat(20), { maxLength: 2 }), { minLength: 2, maxLength: 14 }).map((all) =>
  all.map((parents, n) => ({
    revision: `r${n}`,
    parents: n === 0 ? [] : [...new Set(parents.map((parent) => `r${parent % n}`))],
    checksum: `${n}`,
  })),
);

test('whatever grows step by step is together, and adding changes no entry but its own', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      let entries: ReturnType<typeof built> = [];
      for (let n = 1; n <= graph.length; n++) {
        const grown = built(graph.slice(0, n), entries);
        for (const entry of entries) expect(grown).toContainEqual(entry);
        entries = grown;
        expect(apart(entries)).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});

test('no merge of two branches passes for one that was replayed', () => {
  fc.assert(
    fc.property(graphs, graphs, fc.nat(), (left, right, cut) => {
      const size = 1 + (cut % left.length);
      const shared = built(left.slice(0, size));
      const named = (letter: string, graph: typeof left) =>
        graph.map(({ revision, parents, checksum }, n) => ({
          revision: `${letter}${revision}`,
          parents: n === 0 ? [left[size - 1]?.revision as string] : parents.map((id) => `${letter}${id}`),
          checksum,
        }));
      const ours = built([...left.slice(0, size), ...named('o', right)], shared);
      const theirs = built([...left.slice(0, size), ...named('t', right)], shared);
      expect(apart(merged(ours, theirs)).length).toBeGreaterThan(0);
      const anew = built(merged(ours, theirs), merged(ours, theirs));
      expect(apart(anew)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
