import type { RecordedEvent } from '../../database/tables/record.js';
import type { Graph } from '../../graph/graph.js';
import { isMore, type NamesElsewhere, namesEverywhere, namesHere, partsHere } from './elsewhere.js';

/**
 * An event in the names of this graph, of which there may be several: a squash runs, and goes, with those whose place it took at that
 * time. Who takes one of those back takes the squash back.
 */
export function renamedEvents(
  graph: Graph,
  elsewhere: NamesElsewhere,
  event: RecordedEvent,
  at: number,
): RecordedEvent[] {
  const meaning = (id: string): string[] => namesHere(graph, elsewhere, id);
  const parts = (id: string): string[] => partsHere(graph, elsewhere, id);
  const known = (id: string): string[] => meantBy(graph, elsewhere, event, id, at);
  const row = (id: string): string => meaning(id).at(-1) as string;
  const withParts = (id: string): string[] => {
    const then = squashIn(elsewhere, event, id, at) ?? [];
    const names = known(id);
    return [...names, ...names.flatMap((name) => partsIn(graph, name, then))];
  };
  const own = known(event.revision);
  const whole = [...graph.squashes].flatMap(([squash, replaces]) =>
    event.direction === 'downgrade' && !replaces.includes(squash) && replaces.some((id) => own.includes(id))
      ? [squash]
      : [],
  );
  const isLacked = own.every((id) => graph.today(id) === undefined);
  const back =
    event.direction === 'downgrade' && isLacked ? namesEverywhere(graph, elsewhere, event.revision) : [];
  const revisions = event.direction === 'stamp' ? own : [...withParts(event.revision), ...whole, ...back];
  const isOwn = (revision: string): boolean => own.length === 1 && own.includes(revision);
  // Under which of its names it ran is another entry's to say.
  const stoodOn = (event.parents ?? []).flatMap((id) =>
    isLacked ? [...known(id), ...namesEverywhere(graph, elsewhere, id)] : meaning(id),
  );
  /** What was a part, and no file has, stood on the part before it. */
  const before = (revision: string): string[] =>
    graph.today(revision) === undefined ? own.slice(0, own.indexOf(revision)).slice(-1) : [];
  return [...new Set(revisions)].map((revision) => ({
    ...event,
    revision,
    ...(isOwn(revision) ? {} : { joined: true }),
    // What ran with others had no text of its own.
    checksum: isOwn(revision) ? event.checksum : null,
    parents: [...new Set([...parts(revision), ...before(revision), ...stoodOn])].filter(
      (id) => id !== revision,
    ),
    rowsFrom: [...new Set(event.rowsFrom.map(row))],
    rowsTo: [...new Set(event.rowsTo.map(row))],
    covers: event.covers === null ? null : [...new Set(event.covers.flatMap(withParts))],
    standing: inNames(event.standing, known, (on, id) => [...new Set([...parts(id), ...on.flatMap(known)])]),
    breaks: inNames(event.breaks, known, (version) => version),
  }));
}

/** What the same squash, in this graph, took the place of then as well. */
const partsIn = (graph: Graph, squash: string, then: readonly string[]): string[] =>
  (graph.squashes.get(squash) ?? []).filter((part) => then.includes(part));

type Named = Pick<RecordedEvent, 'names' | 'squashed'> & Partial<RecordedEvent>;

/**
 * Those whose place an id took, where it is a squash in this event; null where it is none. A squash whose file no longer names them is
 * still one. Under the id of one of its parts it is the part, where the event does not say otherwise: code that has the parts may have
 * run that alone.
 * @param at its place in the record
 */
function squashIn(elsewhere: NamesElsewhere, event: Named, id: string, at: number): readonly string[] | null {
  const named = event.names?.[id];
  if (named !== undefined)
    return (event.squashed?.includes(id) ?? named.length > 1) ? allOf(elsewhere, named) : null;
  if (at <= (elsewhere.squashed.get(id) ?? Number.POSITIVE_INFINITY)) return null;
  const parts = elsewhere.before.get(id) ?? [];
  return parts.includes(id) ? null : allOf(elsewhere, parts);
}

/** Parts, and those of the squashes among them. */
function allOf({ before, squashed }: NamesElsewhere, parts: readonly string[]): readonly string[] {
  const all = new Set(parts);
  for (const part of all) if (squashed.has(part)) for (const one of before.get(part) ?? []) all.add(one);
  return [...all];
}

/**
 * The ids that one in an event has here. Of a squash that is not here they are its parts, known or not, and itself where it is more
 * than those that are known. Under the id of one of its parts, which older code has, it is all of them.
 */
export function meantBy(
  graph: Graph,
  elsewhere: NamesElsewhere,
  event: Named,
  id: string,
  at = Number.POSITIVE_INFINITY,
): string[] {
  const parts = squashIn(elsewhere, event, id, at);
  const own = namesHere(graph, elsewhere, id);
  // The part that had its id before.
  if (parts === null) return graph.today(id) === undefined && elsewhere.squashed.has(id) ? [id] : own;
  const today = own.at(-1) as string;
  const others = parts.filter((part) => part !== id && !own.includes(part));
  const each = (some: readonly string[]): string[] =>
    some.flatMap((part) => namesHere(graph, elsewhere, part));
  // One that took the place of more then than it does here: the others have files of their own.
  const less = graph.squashes.get(today);
  if (less !== undefined)
    return [
      ...new Set([
        ...each(
          others.filter((part) => ![undefined, today].includes(graph.today(part)) && !less.includes(part)),
        ),
        ...own,
      ]),
    ];
  if (graph.has(today)) {
    const below = new Set(graph.ancestors(today));
    const above = new Set(graph.descendants(today));
    const isPart = (part: string): boolean => {
      const now = graph.today(part);
      if (now === undefined || now === today) return false;
      if (!parts.includes(id)) return below.has(now);
      // What stands on it by now is another revision that has taken the id of one that is gone.
      return !above.has(now) || parts.indexOf(part) > parts.indexOf(id);
    };
    return [...new Set([...each(others.filter(isPart)), ...own])];
  }
  if (graph.today(id) !== undefined)
    return [...new Set([...each(others.filter((part) => graph.today(part) !== undefined)), ...own])];
  const isWhole = !isMore(graph, elsewhere, id) && own.some((name) => name !== id);
  return isWhole ? own : [...new Set([...each(parts.filter((part) => part !== id)), id])];
}

/** A list by ids in the names of today. */
function inNames<T>(
  list: Readonly<Record<string, T>> | undefined,
  known: (id: string) => string[],
  value: (one: T, id: string) => T,
): Readonly<Record<string, T>> | undefined {
  if (list === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(list).flatMap(([id, one]) => known(id).map((now) => [now, value(one, now)])),
  );
}
