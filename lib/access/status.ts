import type { DatabaseOptions } from '../config/options.js';
import { readChunks } from '../database/tables/backfill-state.js';
import type { Begun } from '../database/tables/record.js';
import type { UnknownRow } from '../errors/error.js';
import { hasFile } from '../graph/former.js';
import type { Graph } from '../graph/graph.js';
import { releaseOfRows } from '../project/targets.js';
import { editedIn } from './edited.js';
import { type FailedRevision, failedIn } from './failed.js';
import { hasBackground, waitingOf } from './held.js';
import type { MissedRevision } from './judgement.js';
import { judge, unrecordedRows } from './judgement.js';
import type { Opened } from './open.js';
import { goneIn, type Reparented, reparentedIn } from './record/moved.js';
import type { Unsquashed } from './record/names.js';
import { type StandingBackfill, standingBackfills } from './standing-backfills.js';
import { pendingBeside, type State, stateOf } from './state.js';
import { unknownRowsOf } from './unknown-kinds.js';

export interface Status {
  readonly state: State;
  /** Rows of the version table. */
  readonly current: readonly string[];
  /** Labels of each row, where it has any: the lines that the database is on. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Heads of the graph. */
  readonly heads: readonly string[];
  /** Revisions of the graph that ran here, were stamped or were adopted, parents first. */
  readonly applied: readonly string[];
  /** Revisions that `upgrade heads` would run, in order. */
  readonly pending: readonly string[];
  /** Revisions below applied ones that never ran here, with what stands on each. */
  readonly missed: readonly MissedRevision[];
  /** Of those, rows of which the ledger knows nothing, and what is below them: no repair runs before somebody says whether they ran. */
  readonly unrecorded: readonly string[];
  /** Revisions that the ledger records, and no row claims. */
  readonly lost: readonly string[];
  /** Applied revisions that stand on other parents than those with which they ran, which hides nothing. */
  readonly reparented: readonly Reparented[];
  /** Revisions that ran here, that no row needs, and that no file has any more. */
  readonly removed: readonly string[];
  /** Steps outside a transaction that began and did not come to an end. */
  readonly halfDone: readonly (Omit<Begun, 'since' | 'names' | 'squashed'> & { readonly hasFile: boolean })[];
  /** Pending revisions whose last attempts failed. */
  readonly failed: readonly FailedRevision[];
  /** Applied revisions whose upgrade part is not what ran here. */
  readonly edited: readonly string[];
  /** Rows that no file has, and what the ledger knows of them. */
  readonly unknown: readonly UnknownRow[];
  /** Squashes of which only a part ran. */
  readonly unsquashed: readonly Unsquashed[];
  /** The release that the rows stand for; null between releases, and where none are configured. */
  readonly release: string | null;
  /** Revisions whose backfill in the background is not finished. */
  readonly backfills: readonly string[];
  /** Backfills that have begun, or wait, and are not finished: in the background and in place. */
  readonly unfinished: readonly StandingBackfill[];
  /** The version table, and where it is. */
  readonly versionTable: string;
  readonly database: string;
}

/** The status of a database that is open. */
export async function statusIn(
  opened: Opened,
  { releases }: Pick<DatabaseOptions, 'releases'>,
): Promise<Status> {
  const { project, session, rows, table } = opened;
  const { graph } = project;
  const judged = judge(graph, opened);
  const { missed, lost } = judged;
  const state = await stateOf(opened, judged);
  // Where nothing is pending, only the background can have something left, or what a squash took the place of.
  const asked = state !== 'current' || hasBackground(project) || graph.squashes.size > 0;
  // What a row that no file has includes, the rows do not say.
  const isBeside = rows.some((row) => !graph.has(row));
  const pending = isBeside ? pendingBeside(graph, opened, judged) : pendingOf(graph, rows);
  const chunks = asked ? await readChunks(session, table) : [];
  return {
    state,
    current: [...rows].sort(),
    labels: labelsOf(graph, rows),
    heads: graph.effectiveHeads,
    applied: judged.applied.filter((id) => opened.unsquashed.every(({ squash }) => squash !== id)),
    pending,
    missed,
    unrecorded: unrecordedRows(graph, rows, missed),
    lost,
    reparented: reparentedIn(graph, opened.record, judged),
    // Of rows that no file has, `unknown` tells.
    removed: rows.every((row) => graph.has(row)) ? goneIn(graph, opened.record) : [],
    halfDone: opened.begun.map(({ since: _, names: __, squashed: ___, ...one }) => ({
      ...one,
      hasFile: hasFile(graph, one.revision),
    })),
    failed: await failedIn(opened, pending),
    edited: await editedIn(opened),
    unknown: await unknownRowsOf(opened),
    unsquashed: opened.unsquashed,
    release: await releaseOfRows(graph, releases, rows),
    backfills: waitingOf(graph, chunks),
    unfinished: await standingBackfills(session, table, chunks),
    versionTable: table.name,
    database: session.label,
  };
}

function labelsOf(graph: Graph, rows: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(
    rows.flatMap((row) => {
      const number = graph.numberOf(row);
      const labels = number === undefined ? [] : graph.labelsOf(number);
      return labels.length === 0 ? [] : [[row, labels]];
    }),
  );
}

function pendingOf(graph: Graph, rows: readonly string[]): string[] {
  const applied = graph.closureOf(rows);
  return graph.ids.filter((_, n) => applied[n] !== 1);
}
