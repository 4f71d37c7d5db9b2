import { describe, expect, test } from 'vitest';
import { type Catalogue, knownBy } from '../../lib/fingerprint/catalogue.js';
import { type ClaimWitnesses, diagnose } from '../../lib/fingerprint/diagnose.js';
import { otherShapes } from '../../lib/fingerprint/shapes.js';
import { buildGraph } from '../../lib/graph/build.js';

/* What somebody gave another shape or name speaks neither for nor against a revision. */

const graph = buildGraph([
  { id: 'a', revises: [] },
  { id: 'b', revises: ['a'] },
  { id: 'c', revises: ['b'] },
]);
const catalogueOf = (entries: Record<string, { adds?: string[]; removes?: string[] }>): Catalogue =>
  new Map(graph.ids.map((revision) => [revision, { revision, adds: [], removes: [], ...entries[revision] }]));
const matters: ClaimWitnesses = { nature: () => 'matters' };
const judge = (catalogue: Catalogue, facts: string[], witnesses = matters) => {
  const found = diagnose(graph, catalogue, new Set(facts), graph.closure([2]), witnesses);
  const ids = (list: readonly { revision: string }[]) => list.map(({ revision }) => revision).join();
  const { missing, drift, changed, undone } = found;
  return {
    missing: ids(missing),
    drift: ids(drift),
    changed: ids(changed),
    undone: ids(undone),
    unsettled: found.unsettled.join(),
  };
};
const none = { missing: '', drift: '', changed: '', undone: '', unsettled: '' };

describe('what is paired', () => {
  const shapes = (known: string[], observed: string[]) =>
    [...otherShapes(knownBy(catalogueOf({ a: { adds: known } })), new Set(observed))].map(([, fact]) => fact);

  test.each([
    ['another definition', 'column public.t.n: integer', 'column public.t.n: bigint'],
    [
      'a constraint by table and definition',
      'constraint public.t.k: UNIQUE (a)',
      'constraint public.t.mine: UNIQUE (a)',
    ],
    [
      'one with odd names',
      'constraint public."T.x"."k.1": UNIQUE (a)',
      'constraint public."T.x"."k: 2": UNIQUE (a)',
    ],
    [
      'an index',
      'index public.i: CREATE UNIQUE INDEX i ON public.t USING btree (a)',
      'index public."I 2": CREATE UNIQUE INDEX "I 2" ON public.t USING btree (a)',
    ],
  ])('%s', (_, known, observed) => {
    expect(shapes([known], [observed])).toEqual([observed]);
  });

  test.each([
    ['another table', 'constraint public.t.k: UNIQUE (a)', 'constraint public.u.k: UNIQUE (a)'],
    [
      'another definition under another name',
      'constraint public.t.k: UNIQUE (a)',
      'constraint public.t.m: UNIQUE (b)',
    ],
    ['another column', 'column public.t.n: integer', 'column public.t.m: integer'],
  ])('not %s', (_, known, observed) => {
    expect(shapes([known], [observed])).toEqual([]);
  });

  test('not one that is there under both names', () => {
    const both = ['constraint public.t.k: UNIQUE (a)', 'constraint public.t.mine: UNIQUE (a)'];
    expect(shapes(both.slice(0, 1), both)).toEqual([]);
  });
});

describe('a claim', () => {
  const COLUMN = 'column t.s: text';
  const catalogue = catalogueOf({
    a: { adds: ['table t'] },
    b: { adds: [COLUMN] },
    c: { adds: ['table u'] },
  });

  test('of a revision whose only object has another shape: not missing, and said', () => {
    expect(judge(catalogue, ['table t', "column t.s: text default 'x'", 'table u'])).toEqual({
      ...none,
      changed: 'b',
    });
    expect(judge(catalogue, ['table t', 'table u'])).toEqual({ ...none, missing: 'b' });
  });

  test('of one that took the shape away which another one has replaced', () => {
    const alters = catalogueOf({
      a: { adds: ['table t', 'column t.s: text'] },
      b: { removes: ['column t.s: text'], adds: ['column t.s: integer'] },
      c: { adds: ['table u'] },
    });
    expect(judge(alters, ['table t', 'column t.s: bigint', 'table u'])).toEqual({ ...none, changed: 'b' });
    expect(judge(alters, ['table t', 'column t.s: text', 'table u'])).toEqual({ ...none, missing: 'b' });
  });

  test('whose work is partly gone and partly of another shape is not guessed', () => {
    const two = catalogueOf({
      a: { adds: ['table t'] },
      b: { adds: [COLUMN, 'index i: x'] },
      c: { adds: ['table u'] },
    });
    const facts = ['table t', 'column t.s: char', 'table u'];
    expect(judge(two, facts)).toEqual({ ...none, changed: 'b', unsettled: 'b' });
    expect(judge(two, [...facts, 'index i: x'])).toEqual({ ...none, drift: 'b' });
    expect(judge(two, facts, { ...matters, recorded: new Set(['b']) })).toEqual({ ...none, drift: 'b' });
  });

  test('that follows a missing one does not count as missing for it', () => {
    const above = catalogueOf({ a: { adds: ['table t'] }, b: { adds: ['table w'] }, c: { adds: [COLUMN] } });
    const nature = { nature: () => 'idempotent' as const };
    expect(judge(above, ['table t', 'column t.s: char'], nature)).toEqual({
      ...none,
      missing: 'b',
      changed: 'c',
      unsettled: 'c',
    });
  });
});
