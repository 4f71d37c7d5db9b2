import { describe, expect, test } from 'vitest';
import { squashRange } from '../../lib/squash/range.js';
import { refused } from '../graph/refused.js';
import { BRAID, CHAIN, DIAMOND, graphOf } from '../graph/shapes.js';

describe('what a squash takes the place of', () => {
  test('everything up to a revision, or from one to another, with what it stands on', () => {
    expect(squashRange(CHAIN, 'c')).toEqual({
      replaces: ['a', 'b', 'c'],
      revises: [],
      dependsOn: [],
      standOnPart: [],
    });
    expect(squashRange(CHAIN, 'base:c').replaces).toEqual(['a', 'b', 'c']);
    expect(squashRange(CHAIN, 'b:d')).toMatchObject({ replaces: ['b', 'c', 'd'], revises: ['a'] });
    expect(squashRange(CHAIN, 'd:').replaces).toEqual(['d', 'e']);
  });

  test('both sides of a merge; what stands on a part of it is told', () => {
    expect(squashRange(DIAMOND, 'd').replaces).toEqual(['a', 'b', 'c', 'd']);
    expect(squashRange(BRAID, 'm1:m2')).toMatchObject({
      replaces: ['m1', 'c1', 'c2', 'm2'],
      revises: ['b1', 'b2'],
    });
    const forked = graphOf('a', 'b: a', 'c: b', 'side: a', 'wants: c | b');
    expect(squashRange(forked, 'c').standOnPart).toEqual(['side', 'wants']);
    expect(squashRange(graphOf('z', 'a', 'b: a | z'), 'a:b')).toMatchObject({
      revises: [],
      dependsOn: ['z'],
    });
  });

  test.each([
    ['one revision', CHAIN, 'a:a', 'one revision'],
    ['several ends', DIAMOND, 'a:heads', null],
    [
      'several ends, named as one',
      graphOf('a', 'b: a', 'c: a'),
      'base:heads',
      'ends in several revisions (b, c)',
    ],
    [
      'one between, by a dependency',
      graphOf('a', 'b: a', 'x | a', 'c: b | x'),
      'a:c',
      'x stands on one of them and below another',
    ],
  ])('is refused: %s', (_, graph, range, reason) => {
    if (reason === null) expect(squashRange(graph, range).replaces).toHaveLength(4);
    else expect(refused('squash_refused', () => squashRange(graph, range)).details.reason).toContain(reason);
  });

  test('a range that is none is told as that', () => {
    refused('not_an_ancestor', () => squashRange(CHAIN, 'c:a'));
    refused('unknown_revision', () => squashRange(CHAIN, 'a:nope'));
    refused('bad_range', () => squashRange(CHAIN, 'a:b:c'));
  });
});
