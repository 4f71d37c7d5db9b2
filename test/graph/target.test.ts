import { describe, expect, test } from 'vitest';
import type { Graph } from '../../lib/graph/graph.js';
import { BASE, lookup, lookupId, lookupOne, type Position } from '../../lib/graph/lookup.js';
import { downgradeTargets, upgradeTargets } from '../../lib/graph/target.js';
import { refused } from './refused.js';
import { BRAID, CHAIN, CROSS_DEPENDENCY, DIAMOND, FOREST, graphOf, THREE_WAY_MERGE } from './shapes.js';

const shown = (graph: Graph, found: readonly Position[]): string =>
  found.map((n) => (n === BASE ? 'base' : graph.idOf(n))).join(' ');

const named = (graph: Graph, symbol: string): string => shown(graph, lookup(graph, symbol));

/** Where `upgrade TARGET` goes from `rows`. */
const up = (graph: Graph, target: string, rows: readonly string[] = []): string =>
  shown(graph, upgradeTargets(graph, rows, target));

/** What `downgrade TARGET` leaves, from `rows`; one answer per row that `-N` could start at. */
const down = (graph: Graph, target: string, rows: readonly string[] = []): string =>
  shown(
    graph,
    downgradeTargets(graph, rows, target).map((aim) => aim.to),
  );

const IDS = graphOf('aaaa1111', 'aaaa2222: aaaa1111', 'bbbb3333 #shop: aaaa2222', 'aa: bbbb3333');

describe('id and prefix', () => {
  test('an id, to the letter', () => {
    expect(named(IDS, 'aaaa1111')).toBe('aaaa1111');
    expect(named(IDS, 'aa')).toBe('aa');
  });

  test('the start of one id', () => {
    expect(named(IDS, 'bbbb')).toBe('bbbb3333');
    expect(named(IDS, 'aaaa1')).toBe('aaaa1111');
  });

  test('the start of several: the choices are listed', () => {
    const { details, message } = refused('ambiguous_prefix', () => lookup(IDS, 'aaaa'));
    expect(details).toEqual({ prefix: 'aaaa', matches: ['aaaa1111', 'aaaa2222'] });
    expect(message).toContain('aaaa1111, aaaa2222');
  });

  test('a branch narrows what a prefix may mean', () => {
    const graph = graphOf('root', 'aaaa1 #x: root', 'aaaa2 #y: root');
    refused('ambiguous_prefix', () => lookup(graph, 'aaaa'));
    expect(named(graph, 'x@aaaa')).toBe('aaaa1');
    expect(named(graph, 'y@aaaa')).toBe('aaaa2');
  });

  test('nothing: the nearest are suggested', () => {
    const { details, hint } = refused('unknown_revision', () => lookup(IDS, 'bbbb3334'));
    expect(details).toEqual({ name: 'bbbb3334', suggestions: ['bbbb3333'] });
    expect(hint).toBe('Did you mean bbbb3333?');
    expect(refused('unknown_revision', () => lookup(IDS, 'hed')).details.suggestions).toContain('head');
    refused('unknown_revision', () => lookup(IDS, ''));
  });

  test('ids of fewer than four characters are typed whole', () => {
    refused('unknown_revision', () => lookup(graphOf('abc'), 'ab'));
  });

  test('fewer than four characters are no prefix: what they would have meant is said', () => {
    const one = refused('prefix_too_short', () => lookup(IDS, 'bb'));
    expect(one.details).toEqual({ prefix: 'bb', matches: ['bbbb3333'] });
    expect(one.hint).toBe('Type bbbb3333.');
    expect(refused('prefix_too_short', () => lookup(IDS, 'aaa')).details.matches).toEqual([
      'aaaa1111',
      'aaaa2222',
    ]);
    refused('prefix_too_short', () => lookup(IDS, 'bb@head'));
    refused('prefix_too_short', () => lookupId(IDS, 'cc', ['cccc4444']));
  });

  test('case counts', () => {
    refused('unknown_revision', () => lookup(IDS, 'AAAA1111'));
  });
});

describe('head, heads, base', () => {
  test('of one line', () => {
    expect(named(CHAIN, 'head')).toBe('e');
    expect(named(CHAIN, 'heads')).toBe('e');
    expect(named(CHAIN, 'base')).toBe('');
    expect(lookupOne(CHAIN, 'base')).toBe(BASE);
  });

  test('of an empty graph', () => {
    const nothing = graphOf();
    expect(named(nothing, 'head')).toBe('');
    expect(named(nothing, 'heads')).toBe('');
    expect(named(nothing, 'base')).toBe('');
  });

  test('head is ambiguous where there are several: they are listed', () => {
    const { details, message, exitValue } = refused('multiple_heads', () => lookup(THREE_WAY_MERGE, 'head'));
    expect(details).toEqual({ target: 'head', heads: ['c1', 'c2', 'c3'] });
    expect(message).toContain('c1, c2, c3');
    expect(exitValue).toBe(4);
    expect(named(THREE_WAY_MERGE, 'heads')).toBe('c1 c2 c3');
    refused('multiple_heads', () => lookupOne(THREE_WAY_MERGE, 'heads'));
  });

  test('heads and head leave out what another head depends on', () => {
    const graph = graphOf('a', 'b: | a');
    expect(named(graph, 'heads')).toBe('b');
    expect(named(graph, 'head')).toBe('b');
  });
});

describe('label@…', () => {
  test('head and base of a line', () => {
    expect(named(FOREST, 'shop@head')).toBe('shop3');
    expect(named(FOREST, 'blog@head')).toBe('blog2');
    expect(named(FOREST, 'shop@base')).toBe('');
    expect(named(FOREST, 'shop@heads')).toBe('shop3');
  });

  test('a label alone is the revision that bears it', () => {
    expect(named(FOREST, 'shop')).toBe('shop1');
  });

  test('a revision in front of the @ names its line', () => {
    expect(named(FOREST, 'blog1@head')).toBe('blog2');
    expect(named(THREE_WAY_MERGE, 'c2@head')).toBe('c2');
    refused('multiple_heads', () => lookup(THREE_WAY_MERGE, 'b1@head'));
  });

  test('a revision of another line is refused', () => {
    const { details, message } = refused('not_in_branch', () => lookup(FOREST, 'shop@blog1'));
    expect(details).toEqual({ branch: 'shop', revision: 'blog1' });
    expect(message).toContain('blog1');
    expect(message).toContain('shop');
  });

  test('the start of several names in front of the @: the choices are listed', () => {
    const { details } = refused('ambiguous_prefix', () => lookup(IDS, 'aaaa@head'));
    expect(details.matches).toEqual(['aaaa1111', 'aaaa2222']);
  });

  test('nothing in front of the @ is no line to count on', () => {
    refused('unknown_branch', () => lookup(FOREST, '@-1'));
  });

  test('an unknown label suggests the nearest', () => {
    const { details, hint } = refused('unknown_branch', () => lookup(FOREST, 'shopp@head'));
    expect(details.name).toBe('shopp');
    expect(details.suggestions[0]).toBe('shop');
    expect(hint).toContain('shop');
    refused('unknown_branch', () => lookup(FOREST, 'shopp@base'));
  });
});

describe('relative targets', () => {
  test('id+N and id-N', () => {
    expect(up(CHAIN, 'b+2')).toBe('d');
    expect(up(CHAIN, 'd-2')).toBe('b');
    expect(up(CHAIN, 'a-1')).toBe('base');
    expect(down(CHAIN, 'b+2')).toBe('d');
    expect(down(CHAIN, 'head-1')).toBe('d');
    expect(up(CHAIN, 'base+2')).toBe('b');
  });

  test('+N counts from where the database is', () => {
    expect(up(CHAIN, '+2')).toBe('b');
    expect(up(CHAIN, '+2', ['b'])).toBe('d');
  });

  test('-N counts down from every row', () => {
    expect(down(CHAIN, '-1', ['c'])).toBe('b');
    expect(down(CHAIN, '-3', ['c'])).toBe('base');
    expect(down(BRAID, '-1', ['c1', 'c2'])).toBe('m1 m1');
  });

  test('label@+N and label@-N stay on the line', () => {
    const rows = ['blog1', 'shop1'];
    expect(up(FOREST, 'shop@+1', rows)).toBe('shop2');
    expect(up(FOREST, 'shop@+1')).toBe('shop1');
    expect(down(FOREST, 'shop@-1', ['shop3', 'blog2'])).toBe('shop2');
    expect(up(THREE_WAY_MERGE, 'c2@m+1')).toBe('c2');
  });

  test('label@+N where no row is on the line starts at the tip of what is applied of it', () => {
    expect(up(CROSS_DEPENDENCY, 'core@+1', ['shop2'])).toBe('core3');
    expect(down(CROSS_DEPENDENCY, 'core@-1', ['shop2'])).toBe('core1');
  });

  /*
   *     ┌ b
   * a ─ ┤
   *     └ c
   */
  test('more than one way: the choices are listed', () => {
    const { details, message } = refused('ambiguous_walk', () => up(DIAMOND, 'a+1'));
    expect(details).toEqual({ target: 'a+1', from: 'a', choices: ['b', 'c'] });
    expect(message).toContain('b, c');
    refused('ambiguous_walk', () => up(DIAMOND, 'd-1'));
    expect(down(DIAMOND, '-1', ['d'])).toBe('b c');
    refused('ambiguous_walk', () => down(DIAMOND, '-2', ['d']));
    expect(refused('ambiguous_walk', () => up(FOREST, '+1')).details.from).toBe('base');
  });

  test('+N from several rows', () => {
    const { details, message } = refused('ambiguous_upgrade', () => up(DIAMOND, '+1', ['b', 'c']));
    expect(details).toEqual({ target: '+1', current: ['b', 'c'] });
    expect(message).toContain('b, c');
  });

  test('past the end', () => {
    const beyond = (action: () => unknown): string => refused('relative_out_of_range', action).details.target;
    expect(beyond(() => up(CHAIN, '+6'))).toBe('+6');
    expect(beyond(() => up(CHAIN, '+1', ['e']))).toBe('+1');
    expect(beyond(() => up(CHAIN, 'e+1'))).toBe('e+1');
    expect(beyond(() => up(CHAIN, 'a-2'))).toBe('a-2');
    expect(beyond(() => down(CHAIN, '-4', ['c']))).toBe('-4');
    expect(beyond(() => down(CHAIN, '-1'))).toBe('-1');
    expect(beyond(() => down(FOREST, 'shop@-1', ['blog1']))).toBe('shop@-1');
  });

  test('the wrong way', () => {
    refused('relative_out_of_range', () => up(CHAIN, '-1', ['c']));
    refused('relative_out_of_range', () => up(CHAIN, '+0', ['c']));
    refused('relative_out_of_range', () => down(CHAIN, '+1', ['c']));
  });

  test('what is named to the letter is not relative', () => {
    const graph = graphOf('a #shop-2', 'b: a', 'c: b');
    expect(up(graph, 'shop-2')).toBe('a');
    expect(up(graph, 'shop-2@+1')).toBe('a');
    expect(up(graph, 'shop-2@head')).toBe('c');
    refused('unknown_revision', () => up(graph, 'b+1x'));
  });

  test('a row that the graph does not have is told', () => {
    const { details, message } = refused('unknown_row', () => up(CHAIN, '+1', ['ghost']));
    expect(details).toEqual({ rows: ['ghost'], table: 'revgraph_version' });
    expect(message).toContain('ghost');
  });
});

describe('several targets', () => {
  test('are the union of each', () => {
    expect(shown(FOREST, upgradeTargets(FOREST, [], ['shop2', 'blog@head']))).toBe('shop2 blog2');
    expect(shown(CHAIN, upgradeTargets(CHAIN, ['b'], ['+1']))).toBe('c');
  });

  test('relative ones are refused among several', () => {
    refused('unknown_revision', () => upgradeTargets(CHAIN, ['b'], ['+1', 'e']));
  });
});

test('a target that is no string is refused as such', () => {
  refused('bad_target', () => upgradeTargets(CHAIN, [], 7 as unknown as string));
});
