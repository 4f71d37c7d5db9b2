import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../lib/graph/build.js';
import type { Graph, GraphNode } from '../../lib/graph/graph.js';
import { historyRange } from '../../lib/graph/history.js';
import { planDowngrade, planUndo } from '../../lib/plan/downgrade.js';
import type { Plan } from '../../lib/plan/plan.js';
import { planStamp } from '../../lib/plan/stamp.js';
import { planUpgrade } from '../../lib/plan/upgrade.js';
import { played, stamped } from '../plan/played.js';
import { acyclic, oneOf, shuffled, someOf } from './arbitrary.js';
import { Model, sorted } from './model.js';
import { refused } from './refused.js';

const RUNS = { numRuns: 600 };

/** A graph, the same naively, and the rows of a database that is somewhere in it. */
interface Place {
  readonly nodes: readonly GraphNode[];
  readonly graph: Graph;
  readonly model: Model;
  readonly rows: readonly string[];
  readonly applied: ReadonlySet<string>;
}

const place: fc.Arbitrary<Place> = acyclic
  .chain((nodes) => fc.tuple(fc.constant(nodes), someOf(nodes)))
  .map(([nodes, some]) => {
    const model = new Model(nodes);
    const applied = model.closure(some);
    return { nodes, graph: buildGraph(nodes), model, rows: [...model.maximal(applied)], applied };
  });

const placeAndTarget = place.chain((at) => fc.tuple(fc.constant(at), oneOf(at.nodes)));

/** Plays the plan, which holds every step against the model, and answers with the revisions of its steps. */
function taken(graph: Graph, plan: Plan): string[] {
  played(graph, plan);
  return plan.steps.map((step) => step.revision);
}

const holds = <T>(arbitrary: fc.Arbitrary<T>, predicate: (value: T) => void): void => {
  fc.assert(fc.property(arbitrary, predicate), RUNS);
};

describe('order', () => {
  test('parents come first, and every revision is there once', () => {
    holds(acyclic, (nodes) => {
      const { ids } = buildGraph(nodes);
      const model = new Model(nodes);
      expect(sorted(ids)).toEqual(sorted(model.ids));
      for (const id of ids)
        for (const parent of model.parents(id)) expect(ids.indexOf(parent)).toBeLessThan(ids.indexOf(id));
    });
  });

  test('adding revisions never reorders the ones that are there', () => {
    holds(fc.tuple(acyclic, fc.nat(16)), ([nodes, cut]) => {
      const old = buildGraph(nodes.slice(0, cut)).ids;
      expect(buildGraph(nodes).ids.filter((id) => old.includes(id))).toEqual(old);
    });
  });

  test('the order of loading changes nothing', () => {
    const loaded = acyclic.chain((nodes) => fc.tuple(fc.constant(nodes), shuffled(nodes)));
    holds(loaded, ([nodes, others]) => {
      const [one, other] = [buildGraph(nodes), buildGraph(others)];
      expect([...other.revisions()]).toEqual([...one.revisions()]);
      expect(other.heads).toEqual(one.heads);
      expect(historyRange(other)).toEqual(historyRange(one));
    });
  });
});

describe('what stands out, as computed naively', () => {
  test('heads, bases, branch and merge points', () => {
    holds(place, ({ graph, model }) => {
      const where = (is: (id: string) => boolean): string[] => sorted(model.ids.filter(is));
      expect(sorted(graph.heads)).toEqual(where((id) => model.successors(id).size === 0));
      expect(sorted(graph.effectiveHeads)).toEqual(where((id) => model.children(id).size === 0));
      expect(sorted(graph.bases)).toEqual(where((id) => model.revises(id).size === 0));
      expect(sorted(graph.effectiveBases)).toEqual(where((id) => model.parents(id).size === 0));
      expect(sorted(graph.branchPoints)).toEqual(where((id) => model.successors(id).size > 1));
      expect(sorted(graph.mergePoints)).toEqual(where((id) => model.revises(id).size > 1));
    });
  });

  test('ancestors, descendants, history', () => {
    holds(placeAndTarget, ([{ graph, model }, id]) => {
      expect(sorted([...graph.ancestors(id), id])).toEqual(sorted(model.closure([id])));
      expect(sorted([...graph.descendants(id), id])).toEqual(sorted(model.above([id])));
      expect(sorted(historyRange(graph, `:${id}`))).toEqual(sorted(model.closure([id])));
    });
  });
});

/*
 * `played` holds every step against the model: what is applied stays down-closed, and the rows after each step are the
 * maximal elements of what is applied.
 */
describe('upgrade', () => {
  test('takes exactly what is missing below the target', () => {
    holds(placeAndTarget, ([{ graph, model, rows, applied }, id]) => {
      const missing = [...model.closure([id])].filter((other) => !applied.has(other));
      expect(sorted(taken(graph, planUpgrade(graph, rows, id)))).toEqual(sorted(missing));
    });
  });

  test('heads, from anywhere, ends in all heads', () => {
    holds(place, ({ graph, rows }) => {
      const plan = planUpgrade(graph, rows, 'heads');
      played(graph, plan);
      expect(plan.to).toEqual(graph.effectiveHeads);
    });
  });

  test('is undone step by step', () => {
    holds(placeAndTarget, ([{ graph, rows }, id]) => {
      const plan = planUpgrade(graph, rows, id);
      let now = plan.to;
      for (const { revision, remove, add } of plan.steps.toReversed()) {
        const back = planUndo(graph, now, revision);
        expect(taken(graph, back)).toEqual([revision]);
        expect(back.steps[0]).toMatchObject({ remove: add });
        expect(sorted(back.steps[0]?.add ?? [])).toEqual(sorted(remove));
        now = back.to;
      }
      expect(sorted(now)).toEqual(sorted(rows));
    });
  });

  test('and the way down again, where the place before was one revision', () => {
    holds(placeAndTarget, ([{ graph, model, rows }, id]) => {
      const [only, ...others] = rows;
      fc.pre(only !== undefined && others.length === 0);
      const plan = planUpgrade(graph, rows, id);
      const came = plan.steps.map((step) => step.revision);
      const above = model.above(model.successors(only));
      fc.pre(came.every((revision) => above.has(revision)));
      expect(planDowngrade(graph, plan.to, only).to).toEqual(rows);
    });
  });

  test('to the base again', () => {
    holds(placeAndTarget, ([{ graph }, id]) => {
      const { to } = planUpgrade(graph, [], id);
      const down = planDowngrade(graph, to, 'base');
      played(graph, down);
      expect(down.to).toEqual([]);
    });
  });
});

describe('downgrade', () => {
  test('leaves the target applied, and takes what follows it with all that stands on that', () => {
    holds(placeAndTarget, ([{ graph, model, rows, applied }, id]) => {
      fc.pre(applied.has(id));
      const gone = [...model.above(model.successors(id))].filter((other) => applied.has(other));
      if (gone.length === 0 && !rows.includes(id)) {
        refused('not_an_ancestor', () => planDowngrade(graph, rows, id));
        return;
      }
      const plan = planDowngrade(graph, rows, id);
      expect(sorted(taken(graph, plan))).toEqual(sorted(gone));
      expect(model.closure(plan.to).has(id)).toBe(true);
    });
  });

  test('of what is not applied is refused', () => {
    holds(placeAndTarget, ([{ graph, rows, applied }, id]) => {
      fc.pre(!applied.has(id));
      refused('not_an_ancestor', () => planDowngrade(graph, rows, id));
      refused('not_an_ancestor', () => planUndo(graph, rows, id));
    });
  });

  test('undo takes exactly the target and its descendants', () => {
    holds(placeAndTarget, ([{ graph, model, rows, applied }, id]) => {
      fc.pre(applied.has(id));
      const gone = [...model.above([id])].filter((other) => applied.has(other));
      const plan = planUndo(graph, rows, id);
      expect(sorted(taken(graph, plan))).toEqual(sorted(gone));
      expect(model.closure(plan.to).has(id)).toBe(false);
    });
  });

  test('and up to the rows before', () => {
    holds(placeAndTarget, ([{ graph, rows, applied }, id]) => {
      fc.pre(applied.has(id));
      const { to } = planUndo(graph, rows, id);
      const again = planUpgrade(graph, to, rows);
      played(graph, again);
      expect(sorted(again.to)).toEqual(sorted(rows));
    });
  });

  test('the fate of a side is whether it goes', () => {
    holds(placeAndTarget, ([{ graph, model, rows, applied }, id]) => {
      fc.pre(applied.has(id));
      const plan = planUndo(graph, rows, id);
      const gone = new Set(plan.steps.map((step) => step.revision));
      const merges = [...gone].filter((revision) => model.revises(revision).size > 1);
      expect(plan.merges.map((fate) => fate.merge)).toEqual(merges);
      for (const { merge, sides } of plan.merges) {
        expect(sides.map((side) => side.revision)).toEqual([...(graph.get(merge)?.revises ?? [])]);
        for (const { revision, fate } of sides) expect(fate === 'UNDO').toBe(gone.has(revision));
      }
    });
  });
});

describe('stamp', () => {
  const targets = place.chain((at) =>
    fc.tuple(fc.constant(at), fc.array(oneOf(at.nodes), { minLength: 1, maxLength: 3 })),
  );

  test('stores what is named, and keeps the rows that have nothing to do with it', () => {
    holds(targets, ([{ graph, model, rows }, names]) => {
      const plan = planStamp(graph, rows, names);
      stamped(plan);
      const apart = (row: string): boolean =>
        names.every((name) => !model.closure([name]).has(row) && !model.above([name]).has(row));
      const expected = model.maximal(model.closure([...names, ...rows.filter(apart)]));
      expect(sorted(plan.to)).toEqual(sorted(expected));
    });
  });

  test('to the rows of another place, one target after the other or all at once', () => {
    holds(place, ({ graph, rows }) => {
      fc.pre(rows.length > 0);
      expect(sorted(planStamp(graph, [], rows).to)).toEqual(sorted(rows));
      const one = rows.reduce<readonly string[]>((now, row) => planStamp(graph, now, [row]).to, []);
      expect(sorted(one)).toEqual(sorted(rows));
    });
  });
});
