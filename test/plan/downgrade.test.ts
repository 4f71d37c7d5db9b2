import { describe, expect, test } from 'vitest';
import type { Graph } from '../../lib/graph/graph.js';
import { planDowngrade } from '../../lib/plan/downgrade.js';
import type { Plan } from '../../lib/plan/plan.js';
import { refused } from '../graph/refused.js';
import {
  BRAID,
  CHAIN,
  CROSS_DEPENDENCY,
  DEPENDS_ON_OWN_ANCESTOR,
  DIAMOND,
  FOREST,
  graphOf,
  NOT_QUITE_TWIN_MERGE,
  REDUNDANT_PARENT,
  THREE_WAY_MERGE,
  TWIN_MERGE,
} from '../graph/shapes.js';
import { played, short } from './played.js';

const downgrade = (graph: Graph, target: string, ...rows: string[]): string[] =>
  played(graph, planDowngrade(graph, rows, target));

const downgraded = (graph: Graph, target: string, ...rows: string[]): string =>
  short(graph, planDowngrade(graph, rows, target));

/** What becomes of the sides of every merge point that goes: `MERGE: SIDE FATE, SIDE FATE`. */
const fates = (plan: Plan): string[] =>
  plan.merges.map(
    ({ merge, sides }) => `${merge}: ${sides.map(({ revision, fate }) => `${revision} ${fate}`).join(', ')}`,
  );

describe('chain', () => {
  /* a ─ b ─ c ─ d ─ e */
  test('down to a revision, which stays', () => {
    expect(downgrade(CHAIN, 'b', 'e')).toEqual(['-e → d', '-d → c', '-c → b']);
  });

  test.each([
    ['base', 'c', '-c -b -a → base'],
    ['-1', 'c', '-c → b'],
    ['-3', 'c', '-c -b -a → base'],
    ['d-2', 'd', '-d -c → b'],
    ['b+1', 'd', '-d → c'],
    ['head-1', 'e', '-e → d'],
    ['c', 'c', '→ c'],
  ])('to %s from %s', (target, row, expected) => {
    expect(downgraded(CHAIN, target, row)).toBe(expected);
  });

  test('counting up never means base', () => {
    refused('relative_out_of_range', () => downgrade(CHAIN, 'base+0', 'c'));
    expect(downgraded(CHAIN, 'base+1', 'c')).toBe('-c -b → a');
  });

  test('an empty database is at the base', () => {
    expect(downgraded(CHAIN, 'base')).toBe('→ base');
  });
});

describe('merge points: what becomes of each side', () => {
  /*
   *     ┌ b ┐
   * a ─ ┤   ├ d
   *     └ c ┘
   */
  test('diamond, down to one side: the other one is kept, too', () => {
    const plan = planDowngrade(DIAMOND, ['d'], 'b');
    expect(played(DIAMOND, plan)).toEqual(['-d → b c']);
    expect(fates(plan)).toEqual(['d: b KEEP, c KEEP']);
    expect(plan).toEqual({
      direction: 'downgrade',
      target: 'b',
      from: ['d'],
      to: ['b', 'c'],
      steps: [{ revision: 'd', direction: 'downgrade', remove: ['d'], add: ['b', 'c'] }],
      merges: [
        {
          merge: 'd',
          sides: [
            { revision: 'b', fate: 'KEEP' },
            { revision: 'c', fate: 'KEEP' },
          ],
        },
      ],
    });
  });

  test('diamond, below both sides', () => {
    const plan = planDowngrade(DIAMOND, ['d'], 'a');
    expect(played(DIAMOND, plan)).toEqual(['-d → b c', '-c → b', '-b → a']);
    expect(fates(plan)).toEqual(['d: b UNDO, c UNDO']);
  });

  test('diamond, one branch only', () => {
    const plan = planDowngrade(DIAMOND, ['d'], 'b@a');
    expect(played(DIAMOND, plan)).toEqual(['-d → b c', '-b → c']);
    expect(fates(plan)).toEqual(['d: b UNDO, c KEEP']);
  });

  test('one side alone: its parent stays below the other side', () => {
    expect(downgrade(DIAMOND, 'b@a', 'b', 'c')).toEqual(['-b → c']);
    expect(downgrade(DIAMOND, 'a', 'b', 'c')).toEqual(['-c → b', '-b → a']);
  });

  /*
   *     ┌ b1 ┐       ┌ c1 ┐
   * a ─ ┤    ├ m1 ─ ┤    ├ m2
   *     └ b2 ┘       └ c2 ┘
   */
  test('braid: the merge points among the steps, later ones first', () => {
    const plan = planDowngrade(BRAID, ['m2'], 'b1');
    expect(played(BRAID, plan)).toEqual(['-m2 → c1 c2', '-c2 → c1', '-c1 → m1', '-m1 → b1 b2']);
    expect(fates(plan)).toEqual(['m2: c1 UNDO, c2 UNDO', 'm1: b1 KEEP, b2 KEEP']);
    expect(fates(planDowngrade(BRAID, ['m2'], 'm1'))).toEqual(['m2: c1 UNDO, c2 UNDO']);
    expect(fates(planDowngrade(BRAID, ['c1'], 'm1'))).toEqual([]);
  });

  /*
   *     ┌ b1 ┬──── c1 ┐
   * a ─ ┼ b2 ┤        ├ d
   *     └ b3 ┴──── c2 ┘
   */
  test('twin merge: the first merge point that goes bares no branch', () => {
    const plan = planDowngrade(TWIN_MERGE, ['d'], 'b2');
    expect(played(TWIN_MERGE, plan)).toEqual(['-d → c1 c2', '-c2 → c1', '-c1 → b1 b2 b3']);
    expect(fates(plan)).toEqual([
      'd: c1 UNDO, c2 UNDO',
      'c2: b1 KEEP, b2 KEEP, b3 KEEP',
      'c1: b1 KEEP, b2 KEEP, b3 KEEP',
    ]);
    expect(downgrade(TWIN_MERGE, 'c1@b1', 'c1', 'c2')).toEqual(['-c1 → c2']);
  });

  test('not quite a twin merge: only what no other one holds comes out', () => {
    expect(downgrade(NOT_QUITE_TWIN_MERGE, 'b1', 'd')).toEqual(['-d → c1 c2', '-c1 → b1 c2']);
    expect(downgrade(NOT_QUITE_TWIN_MERGE, 'b2', 'd')).toEqual([
      '-d → c1 c2',
      '-c2 → b3 c1',
      '-c1 → b1 b2 b3',
    ]);
  });

  /*
   * a1 ─ b1 ┐     ┌ c1
   * a2 ─ b2 ┼ m ─ ┼ c2
   * a3 ─ b3 ┘     └ c3
   */
  test('three-way merge', () => {
    const plan = planDowngrade(THREE_WAY_MERGE, ['c1', 'c2', 'c3'], 'a2');
    expect(played(THREE_WAY_MERGE, plan)).toEqual([
      '-c3 → c1 c2',
      '-c2 → c1',
      '-c1 → m',
      '-m → b1 b2 b3',
      '-b2 → a2 b1 b3',
    ]);
    expect(fates(plan)).toEqual(['m: b1 KEEP, b2 UNDO, b3 KEEP']);
    expect(downgrade(THREE_WAY_MERGE, 'c2@m', 'c1', 'c2')).toEqual(['-c2 → c1']);
  });

  /*
   *        ┌ learning  ┬───────────────────┐
   * root ─ ┤           ├ merge ─ facts ─ again ─ last
   *        └ summaries ┘
   */
  test('redundant parent: leaves one row, not two', () => {
    const plan = planDowngrade(REDUNDANT_PARENT, ['last'], 'facts');
    expect(played(REDUNDANT_PARENT, plan)).toEqual(['-last → again', '-again → facts']);
    expect(fates(plan)).toEqual(['again: learning KEEP, facts KEEP']);
    expect(downgraded(REDUNDANT_PARENT, 'base', 'last')).toBe(
      '-last -again -facts -merge -summaries -learning -root → base',
    );
  });
});

describe('prerequisites', () => {
  /*
   * core1 ─ core2 ─ core3
   *            ╎
   * shop1 ─ shop2 ─ shop3
   */
  test('what depends on a revision goes with it', () => {
    expect(downgrade(CROSS_DEPENDENCY, 'core1', 'core3', 'shop3')).toEqual([
      '-shop3 → core3 shop2',
      '-shop2 → core3 shop1',
      '-core3 → core2 shop1',
      '-core2 → core1 shop1',
    ]);
  });

  test('what a revision depends on stays, and comes back as row', () => {
    expect(downgrade(CROSS_DEPENDENCY, 'shop1', 'shop3')).toEqual(['-shop3 → shop2', '-shop2 → core2 shop1']);
    expect(downgraded(CROSS_DEPENDENCY, 'shop@base', 'core3', 'shop3')).toBe('-shop3 -shop2 -shop1 → core3');
  });

  /* a ─ b ─ c, where b and c depend on a */
  test('depends on own ancestor: as if it did not', () => {
    expect(downgrade(DEPENDS_ON_OWN_ANCESTOR, 'base', 'c')).toEqual(['-c → b', '-b → a', '-a → base']);
  });
});

describe('forest', () => {
  test('label@base takes one line away', () => {
    expect(downgrade(FOREST, 'blog@base', 'blog2', 'mail1', 'shop1')).toEqual([
      '-blog2 → blog1 mail1 shop1',
      '-blog1 → mail1 shop1',
    ]);
  });

  test('base takes all', () => {
    expect(downgraded(FOREST, 'base', 'blog1', 'mail1', 'shop2')).toBe('-shop2 -shop1 -mail1 -blog1 → base');
  });

  test('label@-N', () => {
    expect(downgraded(FOREST, 'shop@-2', 'blog1', 'shop3')).toBe('-shop3 -shop2 → blog1 shop1');
  });
});

describe('rows that another row implies, as another tool may leave them', () => {
  test('go with the first step', () => {
    const plan = planDowngrade(CHAIN, ['d', 'b'], 'c');
    expect(played(CHAIN, plan)).toEqual(['-d → c']);
    expect(plan.steps[0]?.remove).toEqual(['d', 'b']);
  });

  test('stay where there is nothing to do', () => {
    expect(planDowngrade(CHAIN, ['d', 'b'], 'd')).toMatchObject({ steps: [], to: ['d', 'b'] });
  });
});

describe('what is refused', () => {
  test('a target that is not applied', () => {
    const { details, message } = refused('not_an_ancestor', () => downgrade(CHAIN, 'd', 'b'));
    expect(details).toEqual({ target: 'd', of: ['b'] });
    expect(message).toContain('"d" is not an ancestor of b');
    refused('not_an_ancestor', () => downgrade(DIAMOND, 'c', 'b'));
    expect(refused('not_an_ancestor', () => downgrade(CHAIN, 'a')).message).toContain('an empty database');
  });

  /*
   * a
   * ╎    b depends on a: nothing revises a, so there is nothing to take away above it
   * b
   */
  test('a target that is only a prerequisite of what is applied, as Alembic does', () => {
    const graph = graphOf('a', 'b: | a');
    expect(refused('not_an_ancestor', () => downgrade(graph, 'a', 'b')).details).toEqual({
      target: 'a',
      of: ['b'],
    });
  });

  test('a target on another line, and a line on which nothing follows it', () => {
    expect(refused('not_in_branch', () => downgrade(FOREST, 'blog@shop1', 'shop3')).details).toEqual({
      branch: 'blog',
      revision: 'shop1',
    });
    expect(refused('not_a_downgrade_target', () => downgrade(DIAMOND, 'a@a', 'd')).details).toEqual({
      target: 'a@a',
      branch: 'a',
    });
  });

  test('a misspelt label takes nothing away', () => {
    const { details } = refused('unknown_branch', () => downgrade(FOREST, 'shopp@base', 'shop3'));
    expect(details).toEqual({ name: 'shopp', suggestions: ['shop', 'shop1', 'shop2'] });
    refused('unknown_branch', () => downgrade(CHAIN, 'shopp@base', 'c'));
  });

  test('-N from rows that lead to different places', () => {
    const { details, message } = refused('ambiguous_walk', () => downgrade(DIAMOND, '-1', 'b', 'c'));
    expect(details).toEqual({ target: '-1', from: 'current', choices: ['b', 'c'] });
    expect(message).toContain('b, c');
    refused('ambiguous_walk', () => downgrade(FOREST, '-1', 'blog2', 'shop1'));
  });

  test('-N from several rows is clear where they all come to the same', () => {
    const graph = graphOf('a', 'b: a', 'c: b', 'd: b');
    expect(downgrade(graph, '-2', 'c', 'd')).toEqual(['-d → c', '-c → b', '-b → a']);
  });

  test('rows that the graph does not have, or twice', () => {
    expect(refused('unknown_row', () => downgrade(CHAIN, 'a', 'ghost')).details.rows).toEqual(['ghost']);
    expect(refused('unknown_row', () => downgrade(CHAIN, '-1', 'ghost')).details.rows).toEqual(['ghost']);
    refused('row_count_mismatch', () => downgrade(CHAIN, 'a', 'c', 'c'));
    refused('row_count_mismatch', () => downgrade(CHAIN, '-1', 'c', 'c'));
  });
});
