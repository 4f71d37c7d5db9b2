import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRevgraphError } from '../../lib/errors/error.js';
import { buildGraph } from '../../lib/graph/build.js';
import type { GraphNode } from '../../lib/graph/graph.js';
import { historyRange } from '../../lib/graph/history.js';
import { planDowngrade, planUndo } from '../../lib/plan/downgrade.js';
import { planRevision } from '../../lib/plan/merge.js';
import { planStamp } from '../../lib/plan/stamp.js';
import { planUpgrade } from '../../lib/plan/upgrade.js';
import { played, stamped } from '../plan/played.js';
import { acyclic, someOf } from './arbitrary.js';
import { Model, sorted } from './model.js';

/*
 * Whatever is typed, at whatever place: a plan that holds, or a typed error whose message is a sentence. Never a crash.
 */

const RUNS = { numRuns: 1500 };

/** Something in front of the @, a name, and a number, each of them or not. */
const targetIn = (nodes: readonly GraphNode[]): fc.Arbitrary<string> => {
  const names = nodes.flatMap((node) => [node.id, node.id.slice(0, 3), ...(node.labels ?? [])]);
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...names) },
    { weight: 4, arbitrary: fc.constantFrom('head', 'heads', 'base', 'current') },
    { weight: 1, arbitrary: fc.constantFrom('', 'nosuch', '@', '+', '-', '?', ' ', 'a:b') },
  );
  const branch = fc.oneof(
    fc.constant(''),
    fc.constant(''),
    name.map((one) => `${one}@`),
  );
  const number = fc.oneof(
    fc.constant(''),
    fc.constant(''),
    fc.integer({ min: -4, max: 4 }).map((n) => (n < 0 ? `${n}` : `+${n}`)),
  );
  return fc.tuple(branch, fc.oneof(name, fc.constant('')), number).map((parts) => parts.join(''));
};

const place = acyclic.chain((nodes) =>
  fc.record({ nodes: fc.constant(nodes), some: someOf(nodes), one: targetIn(nodes), other: targetIn(nodes) }),
);

/** The value, or null where a typed error was thrown. */
function attempt<T>(action: () => T): T | null {
  try {
    return action();
  } catch (error) {
    if (!isRevgraphError(error)) throw error;
    expect(error.code).not.toBe('internal');
    expect(error.message).toMatch(/^\S.*[.?!]$/s);
    expect(error.message).not.toMatch(/undefined|\[object|NaN/);
    return null;
  }
}

function holds(
  check: (at: {
    graph: ReturnType<typeof buildGraph>;
    model: Model;
    rows: string[];
    one: string;
    other: string;
  }) => void,
): void {
  fc.assert(
    fc.property(place, ({ nodes, some, one, other }) => {
      const model = new Model(nodes);
      const rows = [...model.maximal(model.closure(some))];
      check({ graph: buildGraph(nodes), model, rows, one, other });
    }),
    RUNS,
  );
}

describe('any target', () => {
  test('of an upgrade', () => {
    holds(({ graph, rows, one, other }) => {
      for (const target of [one, [one], [one, other]]) {
        const plan = attempt(() => planUpgrade(graph, rows, target));
        if (plan !== null) played(graph, plan);
      }
    });
  });

  test('of a downgrade', () => {
    holds(({ graph, rows, one }) => {
      const plan = attempt(() => planDowngrade(graph, rows, one));
      if (plan !== null) played(graph, plan);
    });
  });

  test('of an undo: at least one revision goes', () => {
    holds(({ graph, rows, one }) => {
      const plan = attempt(() => planUndo(graph, rows, one));
      if (plan === null) return;
      expect(played(graph, plan).length).toBeGreaterThan(0);
    });
  });

  test('of a stamp: the rows stand for an applied set', () => {
    holds(({ graph, model, rows, one, other }) => {
      for (const targets of [[one], [one, other]]) {
        const plan = attempt(() => planStamp(graph, rows, targets));
        if (plan === null) continue;
        stamped(plan);
        expect(sorted(plan.to)).toEqual(sorted(model.maximal(model.closure(plan.to))));
      }
    });
  });

  test('of a history: newest first, and every revision once', () => {
    holds(({ graph, model, rows, one, other }) => {
      const found = attempt(() => historyRange(graph, `${one}:${other}`, rows)) ?? [];
      expect(new Set(found).size).toBe(found.length);
      found.forEach((id, i) => {
        const before = found.slice(0, i);
        for (const parent of model.parents(id)) expect(before).not.toContain(parent);
      });
    });
  });

  test('of a new revision: it can be built', () => {
    holds(({ graph, rows, one, other }) => {
      const made = attempt(() => planRevision(graph, [one], { splice: rows.length > 1, dependsOn: [other] }));
      if (made === null) return;
      const nodes = [...graph.revisions()].map(({ revision, revises, dependsOn }) => ({
        id: revision,
        revises,
        dependsOn,
      }));
      const labelled = made.dependsOn.filter((name) => graph.has(name));
      expect(
        buildGraph([...nodes, { id: 'new', revises: made.revises, dependsOn: labelled }]).has('new'),
      ).toBe(true);
    });
  });
});
