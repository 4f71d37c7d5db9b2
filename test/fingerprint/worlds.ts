import fc from 'fast-check';
import type { Catalogue, CatalogueEntry } from '../../lib/fingerprint/catalogue.js';
import { buildGraph } from '../../lib/graph/build.js';
import type { Graph, GraphNode } from '../../lib/graph/graph.js';

/*
 * Random graphs with random effects on objects. An object is only touched by a revision if whoever touched it before is an
 * ancestor: else two valid orders would give different schemas, which building a catalogue refuses.
 */

export interface World {
  readonly graph: Graph;
  readonly catalogue: Catalogue;
  readonly applied: Uint8Array;
}

/** A whole number below. */
export type Choose = (below: number) => number;

const ACTIONS = [
  'create',
  'create',
  'create',
  'alter',
  'alter',
  'drop',
  'rename',
  'recreate',
  'rows',
  'comment',
] as const;

interface Object {
  readonly fact: string;
  readonly by: number;
}

/** Replays random actions in the graph's order and records what each revision adds and removes. */
function replay(graph: Graph, choose: Choose): Catalogue {
  const state = new Map<string, Object>();
  const gone = new Map<string, Object>();
  let names = 0;
  const entries = new Map<string, CatalogueEntry>();
  for (let n = 0; n < graph.size; n++) {
    const below = graph.closure([n]);
    const before = new Set([...state.values()].map(({ fact }) => fact));
    const create = (): void => {
      state.set(`o${names}`, { fact: `object o${names++}: 0`, by: n });
    };
    for (let k = choose(3) + (n === 0 ? 2 : 0); k > 0; k--) {
      const action = ACTIONS[choose(ACTIONS.length)] as (typeof ACTIONS)[number];
      const mine = [...state].filter(([, { by }]) => below[by] === 1);
      const back = [...gone].filter(([name, { by }]) => below[by] === 1 && !state.has(name));
      const [name, old] = mine[choose(mine.length || 1)] ?? [];
      if (action === 'create') create();
      else if (action === 'comment') {
        const on = `comment on o${choose(3)}`;
        const by = state.get(on)?.by;
        if (by === undefined ? n === 0 : below[by] === 1)
          state.set(on, { fact: `${on}: ${choose(3)}`, by: n });
      } else if (action === 'recreate' && back.length > 0) {
        const [again, { fact }] = back[choose(back.length)] as [string, Object];
        state.set(again, { fact, by: n });
      } else if (name !== undefined && old !== undefined && action !== 'rows') {
        if (action === 'alter') {
          const fact = `${old.fact.slice(0, old.fact.indexOf(':'))}: ${choose(3)}`;
          state.set(name, { fact, by: n });
        } else {
          state.delete(name);
          gone.set(name, { fact: old.fact, by: n });
          if (action === 'rename') create();
        }
      }
    }
    const after = new Set([...state.values()].map(({ fact }) => fact));
    entries.set(graph.idOf(n), {
      revision: graph.idOf(n),
      adds: [...after].filter((fact) => !before.has(fact)),
      removes: [...before].filter((fact) => !after.has(fact)),
    });
  }
  return entries;
}

/** Numbers that look random, from a seed. */
export function chooser(seed: number): Choose {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Random shapes of a graph of at most `most` revisions, a seed of choices, and an applied set. */
export const shapes = (most: number): fc.Arbitrary<{ graph: Graph; seed: number; applied: Uint8Array }> =>
  fc
    .record({
      parents: fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: most, size: 'max' }),
      seed: fc.nat(),
      rows: fc.array(fc.nat(), { minLength: 1, maxLength: 4, size: 'max' }),
    })
    .map(({ parents, seed, rows }) => {
      const nodes: GraphNode[] = parents.map((above, i) => ({
        id: `r${i}`,
        revises: i === 0 ? [] : [...new Set(above.map((p) => `r${p % i}`))],
      }));
      const graph = buildGraph(nodes);
      return { graph, seed, applied: graph.closure(rows.map((row) => row % graph.size)) };
    });

export const worlds = (most: number): fc.Arbitrary<World> =>
  shapes(most).map(({ graph, seed, applied }) => ({
    graph,
    catalogue: replay(graph, chooser(seed)),
    applied,
  }));
