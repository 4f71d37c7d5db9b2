import type { UnknownRow } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import { topsOf } from '../graph/tops.js';
import { judge } from './judgement.js';
import { withKept } from './kept.js';
import type { Opened } from './open.js';
import { breaksIn, standingOn } from './record/recorded.js';
import { runsIn } from './runs.js';

type Looked = Pick<Opened, 'project' | 'session' | 'rows' | 'table' | 'record' | 'begun' | 'unsquashed'>;

/**
 * What the ledger knows of rows that no file has. One query, and none where there is no such row or no ledger.
 *
 * `ahead`: it stands on these revisions, all of which ran here · `branch`: it stands on some of them, others never ran ·
 * `below`: a squash took its place, together with others that never ran · `other`: these revisions ran here, and it does not stand on them (a plugin that is gone, a retired line) · `foreign`:
 * nothing shows that these revisions ever ran here
 */
export async function unknownRowsOf(opened: Looked): Promise<UnknownRow[]> {
  const { project, rows, record } = opened;
  const { graph } = project;
  const unknown = rows.filter((row) => !graph.has(row));
  if (unknown.length === 0) return [];
  const runs = await runsIn(opened);
  const standing = standingOn(record);
  const parentsOf = (id: string): readonly string[] | null =>
    runs.get(id)?.parents ?? standing.get(id) ?? null;
  const { applied } = judge(graph, opened);
  const { kept } = await withKept(opened, runs);
  const breaks = breaksIn(graph, record);
  const newest = breaks.size === 0 ? null : (await import('../project/releases.js')).newestFirst;
  return unknown.map((revision) => {
    const squash = opened.unsquashed.find(({ ran }) => ran.includes(revision))?.squash;
    const on = knownBelow(graph, revision, parentsOf);
    const versions = goneBelow(graph, revision, parentsOf).flatMap((id) => breaks.get(id) ?? []);
    const run = runs.get(revision);
    return {
      revision,
      ...(squash === undefined
        ? {
            kind: kindOf(graph, on, record === null ? [] : applied),
            on: on === null ? [] : topsOf(graph, on),
          }
        : { kind: 'below' as const, on: [squash] }),
      ranAt: run === undefined ? null : new Date(run.at).toISOString(),
      actor: run?.actor ?? null,
      host: run?.host ?? null,
      application: run?.application ?? null,
      kept: kept.has(revision),
      breaksBefore: newest?.(Object.fromEntries(versions.map((version) => [version, revision])))[0] ?? null,
    };
  });
}

function kindOf(graph: Graph, on: readonly string[] | null, applied: readonly string[]): UnknownRow['kind'] {
  if (on !== null && on.length > 0) return applied.length === graph.size ? 'ahead' : 'branch';
  return applied.length > 0 ? 'other' : 'foreign';
}

/** The revisions of the graph that an unknown one stands on, by what the ledger recorded; null where it says nothing. */
export function knownBelow(
  graph: Graph,
  revision: string,
  parentsOf: (id: string) => readonly string[] | null,
): string[] | null {
  if (parentsOf(revision) === null) return null;
  return goneBelow(graph, revision, parentsOf).flatMap((id) =>
    (parentsOf(id) ?? []).flatMap((parent) => graph.today(parent) ?? []),
  );
}

/** A revision that no file has, and what it stands on that no file has either. */
export function goneBelow(
  graph: Graph,
  revision: string,
  parentsOf: (id: string) => readonly string[] | null,
): string[] {
  const gone = new Set([revision]);
  for (const id of gone)
    for (const parent of parentsOf(id) ?? []) if (graph.today(parent) === undefined) gone.add(parent);
  return [...gone];
}
