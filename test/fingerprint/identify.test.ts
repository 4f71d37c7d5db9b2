import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Catalogue, CatalogueEntry } from '../../lib/fingerprint/catalogue.js';
import { expectedFacts } from '../../lib/fingerprint/catalogue.js';
import { identify, type Nature } from '../../lib/fingerprint/identify.js';
import { buildGraph, type GraphNode } from '../../lib/graph/build.js';
import type { Graph } from '../../lib/graph/graph.js';
import { marked } from '../../lib/graph/walk.js';

const catalogueOf = (entries: Record<string, { adds?: string[]; removes?: string[] }>): Catalogue =>
  new Map(
    Object.entries(entries).map(([revision, { adds = [], removes = [] }]) => [
      revision,
      { revision, adds, removes },
    ]),
  );
const idempotent = { nature: (): Nature => 'idempotent' };
const matters = { nature: (): Nature => 'matters' };

describe('by shape', () => {
  /* a (table t) ── b (column t.n) ── c (rows only) ── d (drops t.old) */
  const graph = buildGraph([
    { id: 'a' },
    { id: 'b', revises: ['a'] },
    { id: 'c', revises: ['b'] },
    { id: 'd', revises: ['c'] },
  ]);
  const catalogue = catalogueOf({
    a: { adds: ['table t', 'column t.old: text'] },
    b: { adds: ['column t.n: integer'] },
    d: { removes: ['column t.old: text'] },
  });
  const find = (facts: string[], witnesses: Parameters<typeof identify>[3] = idempotent) =>
    identify(graph, catalogue, new Set(facts), witnesses);

  test('the evidence goes so far and no further', () => {
    expect(find(['table t', 'column t.old: text'])).toMatchObject({
      match: 'exact',
      stamp: ['a'],
      willRun: ['b', 'c', 'd'],
    });
  });

  test('a drop shows by absence, and what it stands on is settled with it', () => {
    expect(find(['table t', 'column t.n: integer'])).toMatchObject({
      match: 'exact',
      stamp: ['d'],
      undetermined: [],
    });
  });

  test('a revision that leaves no evidence is not claimed: it runs again if it may', () => {
    const facts = ['table t', 'column t.old: text', 'column t.n: integer'];
    expect(find(facts)).toMatchObject({
      match: 'exact',
      stamp: ['b'],
      undetermined: ['c'],
      willRun: ['c', 'd'],
    });
    expect(find(facts, matters)).toMatchObject({ match: 'ambiguous', unsettled: ['c'] });
  });

  test('a probe is a witness', () => {
    const facts = ['table t', 'column t.old: text', 'column t.n: integer'];
    expect(find(facts, { ...matters, probes: new Map([['c', true]]) })).toMatchObject({
      match: 'exact',
      stamp: ['c'],
    });
    expect(find(facts, { ...matters, probes: new Map([['c', false]]) })).toMatchObject({
      match: 'exact',
      stamp: ['b'],
    });
  });

  test('what no revision touches is foreign and decides nothing', () => {
    const found = find([
      'table t',
      'column t.old: text',
      'column t.extra: text',
      'table other',
      'index dba: CREATE INDEX …',
    ]);
    expect(found).toMatchObject({
      match: 'exact',
      stamp: ['a'],
      foreign: ['column t.extra: text', 'index dba: CREATE INDEX …', 'table other'],
    });
  });

  test('another shape of a known object is disagreement: nothing is certain, the nearest comes first', () => {
    const found = find(['table t', 'column t.old: integer', 'column t.n: integer']);
    expect(found.match).toBe('near');
    expect(found.candidates[0]).toMatchObject({ score: 1, unexpected: ['column t.old: integer'] });
  });

  test('nothing of the graph, and nothing at all', () => {
    expect(find(['table other']).match).toBe('none');
    expect(find([])).toMatchObject({ match: 'empty', stamp: [], willRun: ['a', 'b', 'c', 'd'] });
  });
});

/*
 * Random graphs with random effects on objects. An object is only touched by a revision if whoever touched it before is an
 * ancestor: else two valid orders would give different schemas, which building a catalogue refuses.
 */

interface World {
  readonly graph: Graph;
  readonly catalogue: Catalogue;
  readonly applied: Uint8Array;
}

type Action = 'create' | 'drop' | 'alter' | 'rename' | 'recreate' | 'rows';
const ACTIONS: Action[] = [
  'create',
  'create',
  'create',
  'alter',
  'alter',
  'drop',
  'rename',
  'recreate',
  'rows',
];

/** Replays random actions in the graph's order and records what each revision adds and removes. */
function replay(graph: Graph, choose: (below: number) => number): Catalogue {
  const state = new Map<string, { fact: string; by: number }>();
  const gone = new Map<string, { fact: string; by: number }>();
  let names = 0;
  const entries = new Map<string, CatalogueEntry>();
  for (let n = 0; n < graph.size; n++) {
    const below = graph.closure([n]);
    const before = new Set([...state.values()].map(({ fact }) => fact));
    for (let k = choose(3); k >= 0; k--) {
      const action = ACTIONS[choose(ACTIONS.length)] as Action;
      const mine = [...state].filter(([, { by }]) => below[by] === 1);
      const back = [...gone].filter(([name, { by }]) => below[by] === 1 && !state.has(name));
      const [name, old] = mine[choose(mine.length || 1)] ?? [];
      if (action === 'create') state.set(`o${names}`, { fact: `object o${names++}: 0`, by: n });
      else if (action === 'recreate' && back.length > 0) {
        const [again, { fact }] = back[choose(back.length)] as [string, { fact: string; by: number }];
        state.set(again, { fact, by: n });
      } else if (name !== undefined && old !== undefined && action !== 'rows') {
        if (action === 'alter') state.set(name, { fact: `object ${name}: ${choose(3)}`, by: n });
        else {
          state.delete(name);
          gone.set(name, { fact: old.fact, by: n });
          if (action === 'rename') state.set(`o${names}`, { fact: `object o${names++}: 0`, by: n });
        }
      }
    }
    const after = new Set([...state.values()].map(({ fact }) => fact));
    entries.set(graph.idOf(n), {
      revision: graph.idOf(n),
      adds: [...after].filter((fact) => !before.has(fact)),
      removes: [...before].filter((fact) => !after.has(fact)),
    });
  }
  return entries;
}

const worlds: fc.Arbitrary<World> = fc
  .record({
    parents: fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 25 }),
    choices: fc.infiniteStream(fc.nat()),
    rows: fc.array(fc.nat(), { maxLength: 4 }),
  })
  .map(({ parents, choices, rows }) => {
    const nodes: GraphNode[] = parents.map((above, i) => ({
      id: `r${i}`,
      revises: i === 0 ? [] : [...new Set(above.map((p) => `r${p % i}`))],
    }));
    const graph = buildGraph(nodes);
    const choose = (below: number): number => (choices.next().value as number) % below;
    const catalogue = replay(graph, choose);
    return { graph, catalogue, applied: graph.closure(rows.map((row) => row % graph.size)) };
  });

const FOREIGN = ['table foreign.a', 'index foreign.b: CREATE INDEX', 'function f(): integer'];

describe('by property', () => {
  test('without drift the answer is never above the truth, and wrong only by what leaves no evidence', () => {
    let exact = 0;
    let cases = 0;
    fc.assert(
      fc.property(worlds, fc.subarray(FOREIGN), ({ graph, catalogue, applied }, foreign) => {
        const observed = new Set([...expectedFacts(graph, catalogue, applied), ...foreign]);
        const found = identify(graph, catalogue, observed, idempotent);
        const claimed = new Set(found.applied);
        const truth = new Set(graph.idsOf(marked(applied)));
        const undetermined = new Set(found.undetermined);
        cases++;
        for (const id of claimed) expect(truth.has(id)).toBe(true);
        for (const id of truth) expect(claimed.has(id) || undetermined.has(id)).toBe(true);
        if (found.match === 'exact' || found.match === 'empty' || found.applied.length === 0) exact++;
        expect(found.foreign).toEqual([...foreign].sort());
      }),
      { numRuns: 2000 },
    );
    expect(exact / cases).toBeGreaterThanOrEqual(0.999);
  });

  test('with drift it is never wrong and certain', () => {
    fc.assert(
      fc.property(worlds, fc.nat(), fc.boolean(), ({ graph, catalogue, applied }, at, lose) => {
        const truth = expectedFacts(graph, catalogue, applied);
        const facts = [...truth];
        fc.pre(facts.length > 0);
        const fact = facts[at % facts.length] as string;
        const observed = new Set(
          lose
            ? facts.filter((f) => f !== fact)
            : [...facts.filter((f) => f !== fact), fact.replace(/: .*/, ': changed')],
        );
        const found = identify(graph, catalogue, observed, matters);
        // Certain means that the facts are those of the state that is named: then nobody could tell it from the truth.
        if (found.match !== 'exact') return;
        const claimed = new Uint8Array(graph.size);
        for (const id of found.applied) claimed[graph.numberOf(id) as number] = 1;
        expect([...expectedFacts(graph, catalogue, claimed)].sort()).toEqual([...observed].sort());
      }),
      { numRuns: 2000 },
    );
  });
});

test('5,000 revisions and 20,000 facts: the candidates and the cut are not quadratic', () => {
  const nodes = Array.from({ length: 5000 }, (_, i) => ({
    id: `r${i}`,
    revises: i === 0 ? [] : [`r${i - 1}`],
  }));
  const graph = buildGraph(nodes);
  const entries = nodes.map(({ id }, i): [string, CatalogueEntry] => [
    id,
    { revision: id, adds: [0, 1, 2, 3].map((k) => `column t${i}.c${k}: integer`), removes: [] },
  ]);
  const observed = new Set(entries.slice(0, 2500).flatMap(([, { adds }]) => adds));
  observed.delete('column t7.c1: integer');
  const found = identify(graph, new Map(entries), observed, idempotent);
  expect(found).toMatchObject({ match: 'near', stamp: ['r2499'] });
});
