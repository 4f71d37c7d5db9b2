import type { RecordedEvent } from '../../database/tables/record.js';
import type { Graph } from '../../graph/graph.js';

/** Names that newer code gave, which this graph may lack, as the ledger keeps them. */
export interface NamesElsewhere {
  /** id → what it was called before. */
  readonly before: ReadonlyMap<string, readonly string[]>;
  /** id → what it was called later. */
  readonly after: ReadonlyMap<string, readonly string[]>;
  /** Those that took the place of several others, whose names are theirs, and where in the record that is first said of each. */
  readonly squashed: ReadonlyMap<string, number>;
}

export function namesElsewhere(
  recorded: readonly Pick<RecordedEvent, 'names' | 'squashed'>[],
): NamesElsewhere {
  const before = new Map(recorded.flatMap(({ names }) => Object.entries(names ?? {})));
  const after = new Map<string, string[]>();
  for (const [id, names] of before)
    for (const name of names) if (name !== id) after.set(name, [...(after.get(name) ?? []), id]);
  const squashed = new Map<string, number>();
  for (const [at, { squashed: ids }] of recorded.entries())
    for (const id of ids ?? []) if (!squashed.has(id)) squashed.set(id, at);
  return { before, after, squashed };
}

const NONE: NamesElsewhere = { before: new Map(), after: new Map(), squashed: new Map() };

/** A squash that this graph lacks, with parts of it: it is those that are known, and more. */
export function isMore(graph: Graph, { before, squashed }: NamesElsewhere, id: string): boolean {
  if (!squashed.has(id) || graph.today(id) !== undefined) return false;
  // One that keeps the last id is a part of itself.
  const parts = before.get(id) ?? [];
  const known = parts.filter((part) => graph.today(part) !== undefined);
  return known.length > 0 && known.length < parts.length;
}

/** What such a squash stands on: the parts of it that are known; none of anything else. */
export function partsHere(graph: Graph, elsewhere: NamesElsewhere, id: string): string[] {
  return isMore(graph, elsewhere, id) ? namesHere(graph, elsewhere, id).slice(0, -1) : [];
}

/**
 * What an id means here, and of one that this graph lacks under all of its names every one of them: under which of these it ran is
 * another entry's to say. A squash is another revision than each of its parts.
 */
export function namesEverywhere(graph: Graph, elsewhere: NamesElsewhere, id: string): string[] {
  const here = namesHere(graph, elsewhere, id);
  if (elsewhere.squashed.has(id)) return graph.today(id) === undefined ? [id] : here;
  const isKnown = here.some((name) => graph.today(name) !== undefined);
  const after = (elsewhere.after.get(id) ?? []).filter((later) => !elsewhere.squashed.has(later));
  return isKnown ? here : [...(elsewhere.before.get(id) ?? []), ...after, ...here];
}

/** The ids that one in the ledger has here: of a squash that is not here, all of its parts; a part of one here has that of the squash. */
export const idsHere = (graph: Graph, elsewhere: NamesElsewhere, id: string): string[] =>
  namesHere(graph, elsewhere, id).map((name) => graph.today(name) ?? name);

/** What an id means here: the id of today of one that was renamed, or what newer code renamed or squashed; else itself. */
export function namesHere(graph: Graph, elsewhere: NamesElsewhere, id: string): string[] {
  if (graph.has(id)) return [id];
  const number = graph.former.get(id);
  if (number !== undefined) {
    const today = graph.idOf(number);
    // What a squash took the place of keeps its name.
    return [graph.squashes.get(today)?.includes(id) === true ? id : today];
  }
  const before = (elsewhere.before.get(id) ?? []).filter((name) => graph.has(name) || graph.former.has(name));
  if (before.length === 0) return [id];
  const here = before.flatMap((name) => namesHere(graph, NONE, name));
  // Its row stands on what is known of it.
  return isMore(graph, elsewhere, id) ? [...here, id] : here;
}
