import type { LedgerRecord } from '../../database/tables/record.js';
import type { Graph } from '../../graph/graph.js';
import { parentsWhenRun, recordedIn, standingOn } from './recorded.js';

/** An applied revision that stands on other parents than those with which it ran, and nothing is hidden by that. */
export interface Reparented {
  readonly revision: string;
  /** With which it ran here. */
  readonly from: readonly string[];
  /** Those of its file. */
  readonly to: readonly string[];
}

/** Applied revisions whose parents are others than when they ran, without those below which something never ran. Pure. */
export function reparentedIn(
  graph: Graph,
  record: LedgerRecord | null,
  judged: { readonly applied: readonly string[]; readonly missed: readonly { readonly revision: string }[] },
): Reparented[] {
  const ranOn = parentsWhenRun(record);
  const missed = new Set(judged.missed.map(({ revision }) => revision));
  return judged.applied.flatMap((revision) => {
    const from = ranOn.get(revision);
    // A squash runs with those whose place it took, and stands on what they stood on.
    if (from === undefined || graph.squashes.has(revision)) return [];
    const to = graph.parentsOf(revision);
    const same = from.length === to.length && from.every((parent) => to.includes(parent));
    return same || to.some((parent) => missed.has(parent)) ? [] : [{ revision, from: [...from].sort(), to }];
  });
}

/** The same without rows, and what they stand on: that is somebody's who has their files, and nothing took its place. */
export function retiredIn(graph: Graph, record: LedgerRecord | null, rows: readonly string[]): string[] {
  const standing = standingOn(record);
  const kept = new Set(rows.filter((row) => graph.today(row) === undefined));
  for (const id of kept)
    for (const parent of standing.get(id) ?? []) if (graph.today(parent) === undefined) kept.add(parent);
  return goneIn(graph, record).filter((id) => !kept.has(id));
}

/** What ran here and no file has any more, in the order in which it ran. */
export function goneIn(graph: Graph, record: LedgerRecord | null): string[] {
  return [...recordedIn(graph, record ?? [])].filter((id) => graph.today(id) === undefined);
}

/**
 * What others stood on when they ran, and do not stand on now: it was moved away, or its file is gone and another revision has its id.
 * Pure; a walk for each that stands on something else by now.
 */
export function movedAway(graph: Graph, record: LedgerRecord | null): string[] {
  const standing = standingOn(record);
  const recorded = recordedIn(graph, record ?? []);
  const away = new Set<string>();
  for (const [id, then] of standing) {
    const number = graph.numberOf(id);
    if (number === undefined || !recorded.has(id)) continue;
    const now = new Set(graph.parentsOf(id));
    if (then.every((parent) => now.has(parent))) continue;
    const below = graph.closure([number]);
    const stood = new Set(then);
    for (const one of stood) {
      const at = graph.numberOf(one);
      // Through what no file has, it stood on what that stood on.
      if (at === undefined) for (const parent of standing.get(one) ?? []) stood.add(parent);
      else if (below[at] !== 1 && recorded.has(one)) away.add(one);
    }
  }
  return [...away];
}
