import { type RunOf, runsOf } from '../database/tables/runs-of.js';
import type { Opened } from './open.js';
import { namesElsewhere, namesEverywhere, partsHere } from './record/elsewhere.js';

/** The newest upgrade of each revision, by the id under which it ran; its parents in the names that the graph has today. */
export type Runs = ReadonlyMap<string, RunOf>;

/** One query, and none where nothing is recorded. */
export async function runsIn({
  project: { graph },
  session,
  table,
  record,
}: Pick<Opened, 'project' | 'session' | 'table' | 'record'>): Promise<Runs> {
  if (record === null || record.length === 0) return new Map();
  const runs = await runsOf(session, table);
  const elsewhere = namesElsewhere([...record, ...runs.values()]);
  // Of a renamed one that is lacked, the name under which it last ran; of a squash, all of its parts.
  const today = (id: string): string[] => {
    // It stands on what is known of it, and its way back would take that along.
    if (partsHere(graph, elsewhere, id).length > 0) return [id];
    const parts = elsewhere.squashed.has(id) ? (elsewhere.before.get(id) ?? []) : [];
    const all = [...parts, ...namesEverywhere(graph, elsewhere, id)];
    const known = all.filter((name) => graph.has(name));
    if (known.length > 0) return known;
    const ran = all.filter((name) => runs.has(name));
    const at = (name: string): number => new Date(runs.get(name)?.at ?? 0).getTime();
    const own = runs.has(id) && ran.every((name) => at(name) <= at(id));
    return ran.length === 0 || own ? [id] : ran.filter((name) => name !== id);
  };
  return new Map(
    [...runs].map(([id, run]) => {
      const parents = run.parents.flatMap(today);
      const parts = partsHere(graph, elsewhere, id);
      if (parts.length === 0) return [id, { ...run, parents }];
      return [id, { ...run, parents: [...new Set([...parts, ...parents])], kept: false }];
    }),
  );
}
