import type { LastEntry } from '../database/ledger.js';
import type { Graph } from '../graph/graph.js';
import { graphOf, type Project } from './project.js';

const isOptional = (name: string): boolean => name.startsWith('?');

/** True if any revision has an optional dependency (`?A`). */
export function hasOptional({ revisions }: Project): boolean {
  for (const revision of revisions.values()) if (revision.dependsOn.some(isOptional)) return true;
  return false;
}

/**
 * An optional dependency that was not there when its revision ran stays out of this database's graph: else the rows
 * would say that it is applied, and it would never run.
 *
 * @param last newest ledger entry per revision
 */
export function withoutLateArrivals(project: Project, last: ReadonlyMap<string, LastEntry>): Project {
  const { graph, revisions } = project;
  const late = new Map<string, readonly string[]>();
  for (const { revision, dependsOn } of revisions.values()) {
    const entry = last.get(revision);
    if (entry?.direction !== 'upgrade' || entry.outcome !== 'done') continue;
    const ranWith = new Set(entry.parents);
    const kept = dependsOn.filter((name) => !isOptional(name) || ranWith.has(idOf(graph, name.slice(1))));
    if (kept.length < dependsOn.length) late.set(revision, kept);
  }
  if (late.size === 0) return project;
  const adjusted = [...revisions.values()].map((revision) => {
    const dependsOn = late.get(revision.revision);
    return dependsOn === undefined ? revision : { ...revision, dependsOn };
  });
  return { revisions, graph: graphOf(adjusted) };
}

function idOf(graph: Graph, name: string): string {
  const bearer = graph.labels.get(name);
  return bearer === undefined ? name : graph.idOf(bearer);
}
