import { type RunOf, runsOf } from '../database/tables/runs-of.js';
import type { Opened } from './open.js';
import { allNames } from './record/names.js';

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
  const names = allNames(graph, [...record, ...runs.values()]);
  // Of the names of what is lacked, that under which it ran.
  const today = (id: string): string[] => {
    const ran = names(id).filter((name) => graph.has(name) || runs.has(name));
    return ran.length === 0 ? [id] : ran;
  };
  return new Map([...runs].map(([id, run]) => [id, { ...run, parents: run.parents.flatMap(today) }]));
}
