import type { LastEntry } from '../database/tables/last-entries.js';
import { RevgraphError } from '../errors/error.js';
import type { Project } from '../project/project.js';

/**
 * Compares the parents that applied revisions have now with those they had when they ran.
 *
 * An optional dependency (`?A`) and a label's head (`x@head`) change by themselves: of a revision that has such, only
 * what it revises is compared.
 *
 * @param rows the version table
 * @param last newest ledger entry per revision; revisions without one (stamped, or run by another tool) are passed over
 * @throws `reparented`
 */
export function assertSameParents(
  project: Project,
  rows: readonly string[],
  last: ReadonlyMap<string, LastEntry>,
): void {
  const { graph, revisions } = project;
  const applied = graph.closureOf(rows);
  const moved: { revision: string; applied: readonly string[]; now: readonly string[] }[] = [];
  for (const [revision, entry] of last) {
    const number = graph.numberOf(revision);
    if (number === undefined || applied[number] !== 1) continue;
    if (entry.direction !== 'upgrade' || entry.outcome !== 'done') continue;
    const now = graph.idsOf(graph.parents[number] ?? []);
    const before = new Set(entry.parents);
    const floats =
      revisions.get(revision)?.dependsOn.some((name) => name.startsWith('?') || name.includes('@')) ?? false;
    const revises = graph.idsOf(graph.revises[number] ?? []);
    const same = floats
      ? revises.every((parent) => before.has(parent))
      : now.length === before.size && now.every((parent) => before.has(parent));
    if (!same) moved.push({ revision, applied: [...before].sort(), now });
  }
  if (moved.length > 0) throw new RevgraphError('reparented', { revisions: moved });
}
