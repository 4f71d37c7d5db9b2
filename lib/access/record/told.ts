import type { LedgerRecord } from '../../database/tables/record.js';
import type { Project } from '../../project/project.js';
import { recordedIn, standingOn } from './recorded.js';

/**
 * What an entry tells of the revisions that it counts as applied, for code that lacks their files: what they were called before, what
 * they stand on, and with which version of the product older code breaks.
 * @param compatible the same version for what counts from now on, where its file names none
 */
export function toldOf(
  { graph, revisions }: Pick<Project, 'graph' | 'revisions'>,
  covers: readonly string[],
  record: LedgerRecord | null,
  compatible?: string | undefined,
): Record<string, unknown> {
  const names = graph.namesOf(covers);
  const squashed = covers.filter((id) => graph.squashes.has(id));
  const known = standingOn(record);
  const covered = new Set(covers);
  // What no file has any more stays below what stood on it.
  const isGone = (id: string): boolean => graph.today(id) === undefined && covered.has(id);
  const standing = standingText(covers, (id) => {
    const before = known.get(id);
    return graph.has(id) ? [...graph.parentsOf(id), ...(before ?? []).filter(isGone)] : (before ?? null);
  });
  const counted = compatible === undefined ? null : recordedIn(graph, record ?? []);
  const breaks = Object.fromEntries(
    covers.flatMap((id) => {
      const file = revisions.get(id);
      const general = file === undefined || counted?.has(id) !== false ? undefined : compatible;
      const version = file?.header.breaksBefore ?? general;
      return version === undefined ? [] : [[id, version] as const];
    }),
  );
  return {
    ...(Object.keys(names).length === 0 ? {} : { names }),
    ...(squashed.length === 0 ? {} : { squashed }),
    standing,
    ...(Object.keys(breaks).length === 0 ? {} : { breaks }),
  };
}

/** Only of what does not stand on the one before it in the list: in a chain that is nothing. Null: it is not known. */
function standingText(
  covers: readonly string[],
  parentsOf: (id: string) => readonly string[] | null,
): Record<string, readonly string[] | null> {
  return Object.fromEntries(
    covers.flatMap((id, i) => {
      const parents = parentsOf(id);
      return parents?.length === 1 && parents[0] === covers[i - 1] ? [] : [[id, parents] as const];
    }),
  );
}
