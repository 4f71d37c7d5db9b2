import { describe, expect, test } from 'vitest';
import type { Problem } from '../../lib/errors/error.js';
import { problemsOf, refusedGraph } from './refused.js';
import { graphOf, nodeOf } from './shapes.js';

/** One problem, and the message names all of `names`. */
function expectProblem(texts: readonly string[], problem: Problem, ...names: string[]): void {
  const { problems, message } = problemsOf(...texts);
  expect(problems).toEqual([problem]);
  for (const name of names) expect(message).toContain(name);
}

describe('a cycle is shown as a ring: each revises the next, the last one the first', () => {
  /* a ⇄ b */
  test('of two', () => {
    expectProblem(['a: b', 'b: a'], { code: 'cycle', ring: ['a', 'b'] }, 'a → b → a');
  });

  /* a → c → b → a */
  test('of three, in the order of the ring and not of the ids', () => {
    expectProblem(['a: c', 'b: a', 'c: b'], { code: 'cycle', ring: ['a', 'c', 'b'] }, 'a → c → b → a');
  });

  /*
   * base ─ x ─ y ─ z ─ out
   *        └───────┘            x revises base and z
   */
  test('with a way in and a way out', () => {
    const ring = ['x', 'z', 'y'];
    expectProblem(['in', 'x: in z', 'y: x', 'z: y', 'out: z'], { code: 'cycle', ring }, 'x → z → y → x');
  });

  /* b ⇄ a, d ⇄ c, and e between them */
  test('every knot has its own', () => {
    const { problems, message } = problemsOf('a: b', 'b: a', 'e: b', 'c: d e', 'd: c');
    expect(problems).toEqual([
      { code: 'cycle', ring: ['a', 'b'] },
      { code: 'cycle', ring: ['c', 'd'] },
    ]);
    expect(message).toContain('2 problems');
  });

  /* the long way round a-b-c-d-a has a short cut: d revises a, a revises b and c */
  test('the shortest one of a knot', () => {
    expectProblem(['a: b', 'b: c', 'c: d a', 'd: a'], { code: 'cycle', ring: ['a', 'b', 'c'] });
  });

  /* shop1 ─ shop2 (needs blog1), blog1 needs shop2 */
  test('that only closes through a prerequisite', () => {
    const ring = ['shop2', 'blog1'];
    expectProblem(
      ['shop1', 'shop2: shop1 | blog1', 'blog1: | shop2'],
      { code: 'dependency_cycle', ring },
      'shop2 → blog1 → shop2',
    );
  });

  /* a ─ b ─ c, where a depends on c */
  test('of history and a prerequisite together', () => {
    expectProblem(['a: | c', 'b: a', 'c: b'], { code: 'dependency_cycle', ring: ['a', 'c', 'b'] });
  });

  test('through label@head', () => {
    expectProblem(['a #x: | x@head', 'b: a'], { code: 'dependency_cycle', ring: ['a', 'b'] });
  });
});

describe('a revision that names itself', () => {
  test('as parent', () => {
    expectProblem(['a: a'], { code: 'self_loop', revision: 'a', file: 'a.sql' }, 'a revises itself', 'a.sql');
  });

  test('as prerequisite', () => {
    const problem: Problem = { code: 'dependency_self_loop', revision: 'a', file: 'a.sql' };
    expectProblem(['a: | a'], problem, 'a depends on itself', 'a.sql');
    expectProblem(['a #x: | x'], problem);
    expectProblem(['a #x: | x@head'], problem);
    expectProblem(['a: | ?a'], problem);
  });

  test('beside a ring: both are told', () => {
    const { problems } = problemsOf('a: a b', 'b: a');
    expect(problems.map((p) => p.code)).toEqual(['self_loop', 'cycle']);
  });
});

describe('a reference that leads nowhere names both ends', () => {
  test('a parent, with the nearest id', () => {
    const problem: Problem = {
      code: 'missing_revision',
      revision: 'b',
      missing: 'abc124',
      suggestions: ['abc123'],
      file: 'b.sql',
    };
    expectProblem(['abc123', 'b: abc124'], problem, 'b revises abc124', 'b.sql', 'did you mean abc123?');
  });

  test('an id with words around it, as people paste it', () => {
    const { problems } = problemsOf('20251017_104918', 'b: 0251017');
    expect(problems).toMatchObject([{ missing: '0251017', suggestions: ['20251017_104918'] }]);
  });

  test('nothing near: nothing suggested', () => {
    const { problems, message } = problemsOf('abc123', 'b: zzzzzz');
    expect(problems).toMatchObject([{ missing: 'zzzzzz', suggestions: [] }]);
    expect(message).not.toContain('did you mean');
  });

  test('a prerequisite; labels are near, too', () => {
    const problem: Problem = {
      code: 'missing_dependency',
      revision: 'b',
      missing: 'shopp',
      suggestions: ['shop'],
      file: 'b.sql',
    };
    expectProblem(['a #shop', 'b: | shopp'], problem, 'b depends on shopp', 'b.sql', 'did you mean shop?');
  });

  test('an abbreviated parent is no parent', () => {
    expect(problemsOf('abcdef123456', 'b: abcdef').problems).toMatchObject([{ code: 'missing_revision' }]);
  });

  test('label@base and label@label@head are no prerequisites', () => {
    expect(problemsOf('a #x', 'b: | x@base').problems).toMatchObject([{ missing: 'x@base' }]);
    expect(problemsOf('a #x', 'b: | x@x@head').problems).toMatchObject([{ missing: 'x@x@head' }]);
  });

  test('label@head of a line with two heads', () => {
    const problem: Problem = {
      code: 'ambiguous_dependency',
      revision: 'z',
      name: 'x@head',
      matches: ['b', 'c'],
      file: 'z.sql',
    };
    expectProblem(['a #x', 'b: a', 'c: a', 'z: | x@head'], problem, 'z depends on x@head', 'b, c', 'z.sql');
  });
});

describe('ids and labels', () => {
  const twice = [
    { id: 'a', file: 'one.sql' },
    { id: 'b', file: 'b.sql' },
    { id: 'a', file: 'two.sql' },
  ];

  test('a duplicate names both files', () => {
    const { details, message } = refusedGraph(twice);
    expect(details.problems).toEqual([
      { code: 'duplicate_revision', revision: 'a', files: ['one.sql', 'two.sql'] },
    ]);
    expect(message).toContain('one.sql, two.sql');
  });

  test('a third one is in the same problem', () => {
    const { details } = refusedGraph([...twice, { id: 'a', file: 'three.sql' }]);
    expect(details.problems).toMatchObject([{ files: ['one.sql', 'two.sql', 'three.sql'] }]);
  });

  test('a duplicate of definitions without files is counted', () => {
    const { details } = refusedGraph([{ id: 'a' }, { id: 'a' }]);
    expect(details.problems).toMatchObject([{ files: ['definition 1', 'definition 2'] }]);
  });

  test.each(['head', 'heads', 'base', 'current'])('%s is a word that targets use', (id) => {
    expectProblem([id], { code: 'reserved_id', revision: id, file: `${id}.sql` }, id);
  });

  test.each(['Head', 'HEADS', 'bases', 'currently', 'head1', '.head'])('%s is an ordinary id', (id) => {
    expect(graphOf(id).heads).toEqual([id]);
  });

  test.each(['', 'a b', 'a-b', 'ä', 'a@b', 'a+1', 'a:b', 'x'.repeat(65), 'a\n', '../a'])(
    '%j is no id',
    (id) => {
      const { details, message } = refusedGraph([{ id, file: 'it.sql' }]);
      expect(details.problems).toEqual([{ code: 'illegal_revision_id', revision: id, file: 'it.sql' }]);
      expect(message).toContain(JSON.stringify(id));
    },
  );

  test('one label for two revisions', () => {
    const problem: Problem = {
      code: 'label_conflict',
      label: 'shop',
      revisions: ['a', 'b'],
      files: ['a.sql', 'b.sql'],
    };
    expectProblem(['a #shop', 'b #shop'], problem, 'shop', 'a, b', 'a.sql, b.sql');
  });

  test('a label that is an id', () => {
    const problem: Problem = {
      code: 'label_conflict',
      label: 'a',
      revisions: ['a', 'b'],
      files: ['a.sql', 'b.sql'],
    };
    expectProblem(['a', 'b #a'], problem, 'a, b');
  });

  test.each(['shop@eu', 'a+1', 'a:b', 'a,b', '?a', 'a b', "a'b", 'x'.repeat(65), ''])(
    '%j is no label',
    (label) => {
      const { details } = refusedGraph([{ id: 'a', labels: [label], file: 'a.sql' }]);
      expect(details.problems).toEqual([{ code: 'illegal_label', label, revision: 'a', file: 'a.sql' }]);
    },
  );
});

test('all problems come in one error', () => {
  const { details, message, exitValue } = refusedGraph([
    ...['head', 'a: gone', 'b: c | lost', 'c: b', 'd: d', 'e #l', 'f #l', 'g: | g'].map(nodeOf),
    { id: 'x y', file: 'x y.sql' },
    { id: 'a', file: 'again.sql' },
  ]);
  expect(details.problems.map((p) => p.code).sort()).toEqual([
    'cycle',
    'dependency_self_loop',
    'duplicate_revision',
    'illegal_revision_id',
    'label_conflict',
    'missing_dependency',
    'missing_revision',
    'reserved_id',
    'self_loop',
  ]);
  for (const name of ['head', 'gone', 'lost', 'b → c → b', 'd revises itself', '"x y"', 'again.sql'])
    expect(message).toContain(name);
  expect(message.split('\n')).toHaveLength(1 + details.problems.length);
  expect(exitValue).toBe(3);
});
