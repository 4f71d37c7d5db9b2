import { describe, expect, test } from 'vitest';
import type { Graph } from '../../lib/graph/graph.js';
import { planDowngrade, planUndo } from '../../lib/plan/downgrade.js';
import { refused } from '../graph/refused.js';
import {
  BRAID,
  CHAIN,
  CROSS_DEPENDENCY,
  DIAMOND,
  FOREST,
  graphOf,
  REDUNDANT_PARENT,
} from '../graph/shapes.js';
import { played, short } from './played.js';

const undo = (graph: Graph, target: string, ...rows: string[]): string[] =>
  played(graph, planUndo(graph, rows, target));

describe('undo takes the revision itself, with all that stands on it', () => {
  /* a ─ b ─ c ─ d ─ e */
  test('chain: one more than downgrade', () => {
    expect(undo(CHAIN, 'c', 'd')).toEqual(['-d → c', '-c → b']);
    expect(short(CHAIN, planDowngrade(CHAIN, ['d'], 'c'))).toBe('-d → c');
    expect(undo(CHAIN, 'd', 'd')).toEqual(['-d → c']);
    expect(undo(CHAIN, 'a', 'b')).toEqual(['-b → a', '-a → base']);
  });

  /*
   *     ┌ b ┐
   * a ─ ┤   ├ d
   *     └ c ┘
   */
  test('one side of a diamond: the other one stays', () => {
    const plan = planUndo(DIAMOND, ['d'], 'b');
    expect(played(DIAMOND, plan)).toEqual(['-d → b c', '-b → c']);
    expect(plan.merges).toEqual([
      {
        merge: 'd',
        sides: [
          { revision: 'b', fate: 'UNDO' },
          { revision: 'c', fate: 'KEEP' },
        ],
      },
    ]);
    expect(plan).toMatchObject({ direction: 'downgrade', target: 'b', from: ['d'], to: ['c'] });
  });

  test('a merge point', () => {
    expect(undo(DIAMOND, 'd', 'd')).toEqual(['-d → b c']);
    expect(undo(BRAID, 'm1', 'c1')).toEqual(['-c1 → m1', '-m1 → b1 b2']);
    expect(undo(REDUNDANT_PARENT, 'again', 'last')).toEqual(['-last → again', '-again → facts']);
  });

  test('under a redundant parent', () => {
    const plan = planUndo(REDUNDANT_PARENT, ['again'], 'facts');
    expect(played(REDUNDANT_PARENT, plan)).toEqual(['-again → facts', '-facts → merge']);
    expect(plan.merges.map(({ sides }) => sides.map((side) => side.fate))).toEqual([['KEEP', 'UNDO']]);
  });

  /*
   * core1 ─ core2 ─ core3
   *            ╎
   * shop1 ─ shop2 ─ shop3
   */
  test('a prerequisite takes what depends on it', () => {
    expect(undo(CROSS_DEPENDENCY, 'core2', 'shop3')).toEqual([
      '-shop3 → shop2',
      '-shop2 → core2 shop1',
      '-core2 → core1 shop1',
    ]);
  });

  test('other lines are left alone', () => {
    expect(undo(FOREST, 'shop2', 'blog1', 'shop3')).toEqual(['-shop3 → blog1 shop2', '-shop2 → blog1 shop1']);
  });
});

describe('targets', () => {
  test('current is the one row', () => {
    expect(undo(CHAIN, 'current', 'd')).toEqual(['-d → c']);
  });

  test('prefix, head, label', () => {
    expect(undo(CHAIN, 'head', 'e')).toEqual(['-e → d']);
    expect(undo(FOREST, 'shop', 'shop2')).toEqual(['-shop2 → shop1', '-shop1 → base']);
    expect(undo(FOREST, 'shop@head', 'shop3')).toEqual(['-shop3 → shop2']);
  });

  test('what is not applied is refused', () => {
    expect(refused('not_an_ancestor', () => undo(CHAIN, 'd', 'b')).details).toEqual({
      target: 'd',
      of: ['b'],
    });
    refused('not_an_ancestor', () => undo(DIAMOND, 'c', 'b'));
    refused('not_an_ancestor', () => undo(CHAIN, 'a'));
  });

  test('base is no revision, and current of an empty database is none', () => {
    expect(refused('bad_target', () => undo(CHAIN, 'current')).details.target).toBe('current');
    expect(refused('bad_target', () => undo(CHAIN, 'base', 'b')).details.target).toBe('base');
  });

  test('a relative target is one of downgrade: what to type is said', () => {
    const graph = graphOf('a #shop', 'b: a', 'c: b');
    for (const target of ['-1', 'shop@-1', 'c-1', 'base', 'shop@base'])
      expect(refused('bad_target', () => undo(graph, target, 'c')).hint).toBe(
        `To go down to it, run \`revgraph downgrade ${target}\`.`,
      );
    for (const target of ['+1', 'shop@+1', 'a+1'])
      expect(refused('bad_target', () => undo(graph, target, 'c')).hint).toContain('Use an id');
  });

  test('an unknown row is told as such', () => {
    expect(refused('unknown_row', () => undo(CHAIN, 'a', 'ghost')).details.rows).toEqual(['ghost']);
    expect(refused('unknown_row', () => undo(CHAIN, 'current', 'ghost')).details.rows).toEqual(['ghost']);
  });

  test('current is ambiguous where there are several rows: they are listed', () => {
    const { message } = refused('ambiguous_walk', () => undo(DIAMOND, 'current', 'b', 'c'));
    expect(message).toContain('b, c');
  });
});
