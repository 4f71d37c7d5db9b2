import { describe, expect, test } from 'vitest';
import type { Catalogue, CatalogueEntry } from '../../lib/fingerprint/catalogue.js';
import { identify, type Nature } from '../../lib/fingerprint/identify.js';
import { buildGraph } from '../../lib/graph/build.js';

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
