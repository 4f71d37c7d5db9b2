import type { Opened } from '../access/open.js';
import { recordedIds } from '../database/tables/attempts.js';
import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import { lookupId } from '../graph/lookup.js';
import type { Releases } from '../project/releases.js';
import { namingOf } from '../project/targets.js';

/**
 * The id that somebody typed: of a file, of a row, or one that only the ledger still knows. A name of the past stays what was
 * typed. The ledger is only asked where the graph does not have the very name.
 *
 * @returns `base` for what names no revision
 * @throws `unknown_revision`, `ambiguous_prefix`, `multiple_heads`
 */
export async function recordedName(
  { project: { graph }, session, table, rows }: Opened,
  typed: string,
  releases: Releases | undefined,
): Promise<string> {
  if (graph.has(typed) || graph.former.has(typed)) return typed;
  if (typed === 'current') {
    if (rows.length > 1) throw new RevgraphError('multiple_heads', { target: typed, heads: rows });
    return rows[0] ?? 'base';
  }
  const target = (await namingOf(releases)).one(graph, typed);
  const isExact = graph.has(target) || graph.labels.has(target);
  const gone = isExact ? [] : [...rows, ...(await recordedIds(session, table, target))];
  return lookupId(graph, target, [...new Set(gone)]) ?? 'base';
}

/** Every name under which the ledger may have entries about a revision: those of the past, and what a squash took the place of. */
export function namesOf(graph: Graph, id: string): string[] {
  const today = graph.today(id);
  if (today === undefined) return [id];
  const replaces = graph.squashes.get(today) ?? [];
  // One of those whose place a squash took has a story of its own.
  if (id !== today && replaces.includes(id)) return [id];
  const number = graph.numberOf(today);
  const former = [...graph.former].flatMap(([name, n]) => (n === number ? [name] : []));
  return [...new Set([today, ...former, ...replaces])];
}
