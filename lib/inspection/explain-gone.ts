import type { Opened } from '../access/open.js';
import { recordedIn, standingOn } from '../access/record/recorded.js';
import { knownBelow, unknownRowsOf } from '../access/unknown-kinds.js';
import { RevgraphError } from '../errors/error.js';
import { unknownText } from '../errors/unknown-row.js';
import { topsOf } from '../graph/tops.js';
import type { Explanation } from './explanation.js';
import type { LogEntry } from './log-entry.js';
import { ranText } from './why.js';

/** A revision that no file has: a row of the version table, or one that only the ledger knows. */
export async function explainGone(
  opened: Opened,
  revision: string,
  lastEntry: LogEntry | null,
): Promise<Explanation> {
  const { project, rows, table, record, session } = opened;
  const { graph } = project;
  const rest = { revision, today: null, next: null, lastEntry, heldBy: null, database: session.label };
  if (rows.includes(revision)) {
    const unknown = (await unknownRowsOf(opened)).filter((row) => row.revision === revision);
    const details = { rows: [revision], table: table.name, heads: graph.heads, unknown };
    const { hint } = new RevgraphError('unknown_row', details);
    return {
      ...rest,
      state: 'unknown',
      why: [
        `${revision} is a row of ${table.name}, and no file has it.`,
        ...unknown.map((row) => `It ${unknownText(row)}.`),
        ...(hint === null ? [] : [hint]),
      ],
      on: unknown.flatMap(({ on }) => on),
      above: [],
    };
  }
  const counts = record !== null && recordedIn(graph, record).has(revision);
  const parents = standingOn(record);
  const below = knownBelow(graph, revision, (id) => parents.get(id) ?? null) ?? [];
  return {
    ...rest,
    state: 'deleted',
    why: [
      `No file has ${revision}, and it is no row of ${table.name}: only the ledger knows it.`,
      ...ranText(lastEntry),
      counts
        ? 'The ledger counts it as applied. An ancestor whose file is gone hides nothing, and nothing has to be done.'
        : 'It is not applied, and nothing has to be done.',
    ],
    on: topsOf(graph, below),
    above: [],
  };
}
