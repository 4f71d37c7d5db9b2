import { describe, expect, test } from 'vitest';
import { planRevision } from '../../lib/plan/merge.js';
import { refused } from '../graph/refused.js';
import { CHAIN, CROSS_DEPENDENCY, DIAMOND, FOREST, graphOf, THREE_WAY_MERGE } from '../graph/shapes.js';

describe('where a new revision goes', () => {
  test('on the one head', () => {
    expect(planRevision(CHAIN)).toEqual({ revises: ['e'], dependsOn: [] });
    expect(planRevision(DIAMOND)).toEqual({ revises: ['d'], dependsOn: [] });
  });

  test('the first one of all is a base', () => {
    expect(planRevision(graphOf())).toEqual({ revises: [], dependsOn: [] });
  });

  test('on base: a line of its own', () => {
    expect(planRevision(CHAIN, ['base'])).toEqual({ revises: [], dependsOn: [] });
  });

  /*
   * a1 ─ b1 ┐     ┌ c1
   * a2 ─ b2 ┼ m ─ ┼ c2
   * a3 ─ b3 ┘     └ c3
   */
  test('on several heads: a merge point', () => {
    expect(planRevision(THREE_WAY_MERGE, ['heads']).revises).toEqual(['c1', 'c2', 'c3']);
    expect(planRevision(THREE_WAY_MERGE, ['c3', 'c1']).revises).toEqual(['c3', 'c1']);
    expect(planRevision(FOREST, ['shop@head', 'mail1']).revises).toEqual(['shop3', 'mail1']);
  });

  test('a head that something depends on is still a head', () => {
    const graph = graphOf('a', 'b: | a');
    expect(planRevision(graph, ['a']).revises).toEqual(['a']);
  });

  test('inside the graph only with splice', () => {
    const { details, message, exitValue } = refused('not_a_head', () => planRevision(CHAIN, ['c']));
    expect(details).toEqual({ revision: 'c', heads: ['e'] });
    expect(message).toContain('The heads are e');
    expect(exitValue).toBe(4);
    expect(planRevision(CHAIN, ['c'], { splice: true }).revises).toEqual(['c']);
  });

  test('several heads and none named', () => {
    expect(refused('multiple_heads', () => planRevision(FOREST)).details.heads).toEqual([
      'blog2',
      'mail1',
      'shop3',
    ]);
  });

  test('one head twice', () => {
    const twice = refused('duplicate_heads', () => planRevision(FOREST, ['shop3', 'shop@head']));
    expect(twice.details).toEqual({ revision: 'shop3' });
  });

  test('an unknown one', () => {
    expect(refused('unknown_revision', () => planRevision(CHAIN, ['zzz'])).details.name).toBe('zzz');
  });
});

describe('prerequisites of a new revision', () => {
  test('prefixes become ids, labels stay labels', () => {
    const graph = graphOf('abcd1234 #core', 'shop1', 'shop2: shop1');
    expect(planRevision(graph, ['shop2'], { dependsOn: ['abcd'] }).dependsOn).toEqual(['abcd1234']);
    expect(planRevision(graph, ['shop2'], { dependsOn: ['core'] }).dependsOn).toEqual(['core']);
  });

  test('label@head becomes the head of today', () => {
    const { dependsOn } = planRevision(CROSS_DEPENDENCY, ['shop3'], { dependsOn: ['core@head'] });
    expect(dependsOn).toEqual(['core3']);
  });

  test('base is none', () => {
    refused('bad_target', () => planRevision(CHAIN, ['head'], { dependsOn: ['base'] }));
  });
});
