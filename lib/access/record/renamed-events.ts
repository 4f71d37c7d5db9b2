import type { RecordedEvent } from '../../database/tables/record.js';
import type { Graph } from '../../graph/graph.js';

/**
 * A squash runs, and goes, with those whose place it took at that time, as its event names them: an event without names is of a
 * revision that had its id before. Who takes one of those back takes the squash back.
 */
export function renamedEvents(
  graph: Graph,
  meaning: (id: string) => string[],
  everywhere: (id: string) => string[],
  partsOf: (id: string) => string[],
  event: RecordedEvent,
): RecordedEvent[] {
  const known = (id: string): string[] => {
    const less = partsKnown(graph, meaning, event, id);
    return less.length > 0 ? [...less, id] : meaning(id);
  };
  const withParts = (id: string): string[] => {
    const then = event.names?.[id] ?? [];
    const parts = known(id).flatMap((today) => graph.squashes.get(today) ?? []);
    return [...known(id), ...parts.filter((part) => then.includes(part))];
  };
  const rows = (ids: readonly string[]): string[] => [
    ...new Set(ids.map((id) => known(id).at(-1) as string)),
  ];
  const own = known(event.revision);
  const whole = [...graph.squashes].flatMap(([squash, replaces]) =>
    event.direction === 'downgrade' && replaces.some((id) => own.includes(id)) ? [squash] : [],
  );
  const isLacked = own.every((id) => graph.today(id) === undefined);
  const back = event.direction === 'downgrade' && isLacked ? everywhere(event.revision) : [];
  const revisions = event.direction === 'stamp' ? own : [...withParts(event.revision), ...whole, ...back];
  const isOwn = (revision: string): boolean => own.length === 1 && own.includes(revision);
  return [...new Set(revisions)].map((revision) => ({
    ...event,
    revision,
    ...(isOwn(revision) ? {} : { joined: true }),
    // What ran with others had no text of its own.
    checksum: isOwn(revision) ? event.checksum : null,
    parents: [
      ...new Set([...partsOf(revision), ...(event.parents ?? []).flatMap(isLacked ? everywhere : known)]),
    ],
    rowsFrom: rows(event.rowsFrom),
    rowsTo: rows(event.rowsTo),
    covers: event.covers === null ? null : [...new Set(event.covers.flatMap(withParts))],
    standing: inNames(event.standing, known, (on, id) => [
      ...new Set([...partsOf(id), ...on.flatMap(known)]),
    ]),
    breaks: inNames(event.breaks, known, (version) => version),
  }));
}

/** A squash under the id of one of its parts: older code knows that id, and meant less by it. Its other parts. */
export function partsKnown(
  graph: Graph,
  meaning: (id: string) => string[],
  { names }: Pick<RecordedEvent, 'names'>,
  id: string,
): string[] {
  const isOther = (part: string): boolean =>
    part !== id && graph.today(part) !== undefined && graph.today(part) !== id;
  return graph.has(id) ? (names?.[id] ?? []).filter(isOther).flatMap(meaning) : [];
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
