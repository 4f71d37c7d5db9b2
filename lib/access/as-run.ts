import type { Queryable } from '../database/connection/session.js';
import { type LastEntry, lastEntries } from '../database/tables/last-entries.js';
import type { VersionRows } from '../database/tables/read-rows.js';
import type { Graph } from '../graph/graph.js';
import { graphOf, type Project } from '../project/project.js';
import { parentsWhenRun, recordedIn } from './record/recorded.js';

/** `?A` depends on what else is installed, `x@head` on what else was written: both may change after the revision ran. */
const isVolatile = (name: string): boolean => name.startsWith('?') || name.includes('@');

/** True if any revision has a dependency that may change by itself. */
export function hasVolatile({ revisions }: Project): boolean {
  for (const revision of revisions.values()) if (revision.dependsOn.some(isVolatile)) return true;
  return false;
}

/**
 * A dependency that changed by itself after its revision ran stays as it was in this database's graph: else the rows would
 * say that what it is now is applied, and it would never run.
 *
 * @param ranOn the parents with which each applied revision ran, in the names of today
 */
export function asRun(project: Project, ranOn: ReadonlyMap<string, readonly string[]>): Project {
  const { graph, revisions } = project;
  let changed = false;
  const frozen = [...revisions.values()].map((revision) => {
    const parents = ranOn.get(revision.revision);
    if (parents === undefined || !revision.dependsOn.some(isVolatile)) return revision;
    changed = true;
    const firm = revision.dependsOn.filter((name) => !isVolatile(name));
    const kept = parents.filter((parent) => graph.has(parent) && !revision.revises.includes(parent));
    return { ...revision, dependsOn: [...new Set([...firm, ...kept])] };
  });
  return changed ? { ...project, graph: graphOf(frozen) } : project;
}

/** What applied revisions ran on, from the record; where that can't be read (pg-mem), from the newest entry of each. */
export async function parentsOfApplied(
  client: Queryable,
  graph: Graph,
  { record, table }: Pick<VersionRows, 'record' | 'table'>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (record !== null) {
    const recorded = recordedIn(graph, record);
    return new Map([...parentsWhenRun(record)].filter(([id]) => recorded.has(id)));
  }
  const last = (await lastEntries(client, table)) ?? new Map<string, LastEntry>();
  const done = [...last.values()].filter(
    ({ direction, outcome }) => direction === 'upgrade' && outcome === 'done',
  );
  return new Map(done.map(({ revision, parents }) => [revision, parents]));
}
