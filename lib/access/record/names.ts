import type { VersionRows } from '../../database/tables/read-rows.js';
import type { LedgerRecord } from '../../database/tables/record.js';
import type { Graph } from '../../graph/graph.js';
import { namesElsewhere, namesHere } from './elsewhere.js';
import { withOtherTool } from './other-tool.js';
import { recordedIn } from './recorded.js';
import { meantBy, renamedEvents } from './renamed-events.js';

/** A squash of which a database has only a part: the older revisions are needed to go on. */
export interface Unsquashed {
  readonly squash: string;
  /** Revisions whose place it took, and that ran here. */
  readonly ran: readonly string[];
  /** Those that never did. */
  readonly missing: readonly string[];
}

/** Rows and record in the names that the graph has today. */
export interface NamedRows extends VersionRows {
  readonly unsquashed: readonly Unsquashed[];
}

/**
 * Rows and record of a database in the names of this graph, with what another tool did to the rows. A renamed revision (`@formerly`)
 * counts under its new id; a squash (`@replaces`) counts as applied where all ran whose place it took. Where nothing is recorded, a
 * row of the last of them says that all did. Older code, which lacks the new names, finds in the ledger what they meant before. Pure.
 */
export function inNamesOf(graph: Graph, found: VersionRows): NamedRows {
  const elsewhere = namesElsewhere([...(found.record ?? []), ...found.begun]);
  if (graph.former.size === 0 && elsewhere.before.size === 0)
    return { ...withOtherTool(graph, found), unsquashed: [] };
  const known = (id: string): string[] => namesHere(graph, elsewhere, id);
  const rows = found.rows.map((row) => known(row).at(-1) as string);
  const named = found.record?.flatMap((event, at) => renamedEvents(graph, elsewhere, event, at)) ?? null;
  // Before it is judged which squashes count: what another tool moved over are their parts as well.
  const { record: events } = withOtherTool(graph, { rows, record: named, table: found.table });
  const recorded = events === null || events.length === 0 ? null : recordedIn(graph, events);
  const ranAll = [...graph.squashes].filter(([squash, replaces]) =>
    recorded === null
      ? rows.includes(replaces.at(-1) as string)
      : replaces.every((id) => recorded.has(id)) ||
        // It ran by code that did not say any more what it took the place of.
        (recorded.has(squash) && !replaces.includes(squash) && !elsewhere.squashed.has(squash)),
  );
  const place = new Map(ranAll.flatMap(([squash, replaces]) => replaces.map((id) => [id, squash] as const)));
  const today = (id: string): string => place.get(id) ?? id;
  return {
    ...found,
    rows: [...new Set(rows.map(today))],
    record: events === null ? null : withSquashes(events, ranAll, recorded, today),
    begun: found.begun.flatMap((one) => {
      const began = meantBy(graph, elsewhere, one, one.revision);
      // It came to its end under another id; a squash is the end of its parts.
      const ended = one.since.flatMap((id) =>
        known(id).flatMap((now) => [now, ...(graph.squashes.get(now) ?? [])]),
      );
      const now = graph.today(one.revision) ?? one.revision;
      // A squash counts where all of its parts do.
      const counts = recorded?.has(now) === true || recorded?.has(one.revision) === true;
      const isOver = now !== one.revision && (one.direction === 'upgrade') === counts;
      if (isOver || began.some((id) => ended.includes(id))) return [];
      return began.map((revision) => ({ ...one, revision, since: [...new Set(ended)] }));
    }),
    table: { ...found.table, stored: storedNames(found.rows, (row) => today(known(row).at(-1) as string)) },
    unsquashed: [...graph.squashes].flatMap(([squash, replaces]) => {
      if (ranAll.some(([done]) => done === squash)) return [];
      const has = (id: string): boolean => rows.includes(id) || recorded?.has(id) === true;
      const ran = [...new Set([...replaces, squash])].filter(has);
      const missing = replaces.filter((id) => !has(id));
      // One that keeps an id and does not name it among its parts.
      return ran.length === 0 ? [] : [{ squash, ran, missing: missing.length === 0 ? [squash] : missing }];
    }),
  };
}

function withSquashes(
  events: LedgerRecord,
  ranAll: readonly (readonly [string, readonly string[]])[],
  recorded: ReadonlySet<string> | null,
  today: (id: string) => string,
): LedgerRecord {
  const inPlace = events.map((event) => ({
    ...event,
    rowsFrom: [...new Set(event.rowsFrom.map(today))],
    rowsTo: [...new Set(event.rowsTo.map(today))],
  }));
  const last = inPlace.at(-1);
  if (last === undefined) return inPlace;
  const added = ranAll.flatMap(([squash]) =>
    recorded?.has(squash) === true
      ? []
      : [
          {
            ...last,
            revision: squash,
            direction: 'upgrade' as const,
            checksum: null,
            rowsFrom: last.rowsTo,
            covers: null,
            inferred: true,
          },
        ],
  );
  return [...inPlace, ...added];
}

/** Which rows stand in the table under another name than that of today. */
function storedNames(
  rows: readonly string[],
  today: (row: string) => string,
): ReadonlyMap<string, readonly string[]> {
  const stored = new Map<string, string[]>();
  for (const row of rows) stored.set(today(row), [...(stored.get(today(row)) ?? []), row]);
  return stored;
}
