import type { LastEntry } from '../database/tables/last-entries.js';
import { graphOf, type Project } from '../project/project.js';

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
 * @param last newest ledger entry per revision, with the parents with which it ran
 */
export function asRun(project: Project, last: ReadonlyMap<string, LastEntry>): Project {
  const { graph, revisions } = project;
  let changed = false;
  const frozen = [...revisions.values()].map((revision) => {
    const entry = last.get(revision.revision);
    const ran = entry?.direction === 'upgrade' && entry.outcome === 'done';
    if (!ran || !revision.dependsOn.some(isVolatile)) return revision;
    changed = true;
    const firm = revision.dependsOn.filter((name) => !isVolatile(name));
    const kept = entry.parents.filter((parent) => graph.has(parent) && !revision.revises.includes(parent));
    return { ...revision, dependsOn: [...new Set([...firm, ...kept])] };
  });
  return changed ? { ...project, graph: graphOf(frozen) } : project;
}
