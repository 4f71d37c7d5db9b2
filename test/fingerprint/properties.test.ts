import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectedFacts } from '../../lib/fingerprint/catalogue.js';
import { type Identification, identify, type Nature } from '../../lib/fingerprint/identify.js';
import { marked } from '../../lib/graph/walk.js';
import { knowable } from './oracle.js';
import { worlds } from './worlds.js';

/* Against an oracle that tries every state of a small graph, and on larger ones against the truth. */

const SMALL = 10;
const CASES = { numRuns: 2000 };
const FOREIGN = ['table foreign.a', 'index foreign.b: CREATE INDEX', 'function f(): integer'];

const natureOf =
  (kinds: readonly Nature[]) =>
  (id: string): Nature =>
    kinds[Number(id.slice(1)) % kinds.length] as Nature;
const natures = fc.array(fc.constantFrom<Nature>('nothing', 'idempotent', 'matters'), {
  minLength: 1,
  maxLength: 4,
});
const sorted = (list: Iterable<string>): string[] => [...list].sort();

/** The answer that there should be, if the facts are those of a state. */
function rightAnswer(
  { surely, possibly }: ReturnType<typeof knowable>,
  nature: (id: string) => Nature,
  anything: boolean,
): Pick<Identification, 'match' | 'applied' | 'undetermined'> {
  const undetermined = possibly.filter((id) => !surely.includes(id));
  const settled = undetermined.every((id) => nature(id) !== 'matters') ? 'exact' : 'ambiguous';
  const match = surely.length > 0 ? settled : anything ? 'none' : 'empty';
  return { match, applied: sorted(surely), undetermined: sorted(undetermined) };
}

const answered = ({ match, applied, undetermined }: Identification) => ({
  match,
  applied: sorted(applied),
  undetermined: sorted(undetermined),
});

test('without drift the answer is all that can be known, in at least 99.9 % of the cases', () => {
  const seen = { cases: 0, right: 0, exact: 0, ambiguous: 0 };
  fc.assert(
    fc.property(worlds(SMALL), natures, fc.subarray(FOREIGN), (world, kinds, foreign) => {
      const { graph, catalogue, applied } = world;
      const observed = new Set([...expectedFacts(graph, catalogue, applied), ...foreign]);
      const found = identify(graph, catalogue, observed, { nature: natureOf(kinds) });
      const right = rightAnswer(knowable(graph, catalogue, observed), natureOf(kinds), observed.size > 0);
      seen.cases++;
      if (JSON.stringify(answered(found)) === JSON.stringify(right)) seen.right++;
      if (found.match === 'exact' || found.match === 'ambiguous') seen[found.match]++;
      const truth = graph.idsOf(marked(applied));
      for (const id of found.applied) expect(truth).toContain(id);
      expect(found.foreign).toEqual(sorted(foreign));
    }),
    CASES,
  );
  expect(seen.right / seen.cases).toBeGreaterThanOrEqual(0.999);
  // Most are databases of which something can be known, certain ones among them.
  expect((seen.exact + seen.ambiguous) / seen.cases).toBeGreaterThan(0.5);
  expect(seen.exact / seen.cases).toBeGreaterThan(0.15);
});

test('probes settle what facts leave open, and never what facts say; comments settle nothing', () => {
  fc.assert(
    fc.property(
      worlds(SMALL),
      fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      ({ graph, catalogue, applied }, said, written) => {
        const probes = new Map(said.map(([n, is]) => [graph.idOf(n % graph.size), is]));
        const comments = [...catalogue.values()].flatMap(({ adds }) =>
          adds.filter((f) => f.startsWith('comment on ')),
        );
        const firm = [...expectedFacts(graph, catalogue, applied)].filter(
          (f) => !f.startsWith('comment on '),
        );
        const observed = new Set([
          ...firm,
          ...written.flatMap((i) => comments[i % (comments.length || 1)] ?? []),
        ]);
        const nature = (): Nature => 'idempotent';
        const found = identify(graph, catalogue, observed, { nature, probes });
        const right = rightAnswer(knowable(graph, catalogue, observed, probes), nature, observed.size > 0);
        expect(answered(found)).toEqual(right);
      },
    ),
    CASES,
  );
});

test('with drift it is certain only where the facts are those of a state, and then of the lowest', () => {
  const drifts = fc.array(fc.tuple(fc.nat(), fc.constantFrom('lose', 'change', 'early')), {
    minLength: 1,
    maxLength: 4,
  });
  let near = 0;
  fc.assert(
    fc.property(worlds(SMALL), natures, drifts, ({ graph, catalogue, applied }, kinds, changes) => {
      const observed = new Set(expectedFacts(graph, catalogue, applied));
      const all = [...catalogue.values()].flatMap(({ adds }) => adds);
      fc.pre(all.length > 0);
      for (const [at, kind] of changes) {
        const fact = (kind === 'early' ? all : [...observed])[
          at % (kind === 'early' ? all.length : observed.size || 1)
        ];
        if (fact === undefined) continue;
        if (kind === 'early') observed.add(fact);
        else observed.delete(fact);
        if (kind === 'change') observed.add(fact.replace(/: .*/, ': changed'));
      }
      const found = identify(graph, catalogue, observed, { nature: natureOf(kinds) });
      const known = knowable(graph, catalogue, observed);
      if (known.isState)
        expect(answered(found)).toEqual(rightAnswer(known, natureOf(kinds), observed.size > 0));
      else expect(['near', 'none']).toContain(found.match);
      if (found.match === 'near') near++;
    }),
    CASES,
  );
  expect(near).toBeGreaterThan(CASES.numRuns / 10);
});

test('on larger graphs it is never above the truth, and below it only by what leaves no evidence', () => {
  fc.assert(
    fc.property(worlds(40), ({ graph, catalogue, applied }) => {
      const truth = new Set(graph.idsOf(marked(applied)));
      const observed = expectedFacts(graph, catalogue, applied);
      const found = identify(graph, catalogue, observed, { nature: () => 'idempotent' });
      for (const id of found.applied) expect(truth).toContain(id);
      for (const id of truth) expect([...found.applied, ...found.undetermined]).toContain(id);
      // What is left out leaves no evidence: with it or without, the facts are the same.
      const least = new Uint8Array(graph.size);
      for (const id of found.applied) least[graph.numberOf(id) as number] = 1;
      const firm = (marks: Uint8Array) =>
        sorted(expectedFacts(graph, catalogue, marks)).filter((fact) => !fact.startsWith('comment on '));
      expect(firm(least)).toEqual(firm(applied));
    }),
    CASES,
  );
});
