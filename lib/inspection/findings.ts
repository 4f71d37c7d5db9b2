import { editedIn } from '../access/edited.js';
import { heldWith, stoppedIn, unfinishedIn } from '../access/held.js';
import { type Judgement, judge } from '../access/judgement.js';
import type { Opened } from '../access/open.js';
import { type State, stateOf } from '../access/state.js';
import { readChunks } from '../database/tables/backfill-state.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { topsOf } from '../graph/tops.js';
import { planUpgrade } from '../plan/upgrade.js';
import type { Project } from '../project/project.js';
import type { RevisionBody } from '../revision/revision.js';
import type { ExplainOptions, Explanation } from './explanation.js';
import type { LogEntry } from './log-entry.js';

/** What is known of a revision of the graph on a database. */
export interface RevisionFindings {
  readonly id: string;
  readonly project: Project;
  readonly opened: Pick<Opened, 'rows' | 'table' | 'record' | 'begun' | 'unsquashed'>;
  readonly judged: Judgement;
  /** Of the database. */
  readonly databaseState: State;
  /** Rows that no file has. */
  readonly unknownRows: readonly string[];
  /** Whether an upgrade goes on beside rows that no file has. */
  readonly besideUnknown: boolean;
  /** About it, newest first. */
  readonly entries: readonly LogEntry[];
  /** Other revisions that have to run before it. */
  readonly needs: readonly string[];
  readonly heldBy: NonNullable<Explanation['heldBy']>;
  readonly above: readonly string[];
  /** Whether its backfill in the background is still to be finished. */
  readonly backfillOpen: boolean;
  /** Somebody ordered its backfill to stop. */
  readonly stopped: 'paused' | 'cancelled' | null;
  readonly isEdited: boolean;
  /** Of one that did not come to an end: what there is to try again. */
  readonly body: RevisionBody | null;
  /** Why its file could not be read. */
  readonly unreadable: string | null;
  /** Why the database is too old for this code. */
  readonly belowMinimum: string | null;
}

/** Asks what an explanation needs, and judges as `status` does. */
export async function findingsOn(
  opened: Opened,
  id: string,
  entries: readonly LogEntry[],
  options: Pick<ExplainOptions, 'unknownRows' | 'minimum' | 'releases'>,
): Promise<RevisionFindings> {
  const { project, session, rows, table, record } = opened;
  const { graph } = project;
  const judged = judge(graph, opened);
  const applied = new Set(judged.applied);
  const unknownRows = rows.filter((row) => !graph.has(row));
  // Beside rows that no file has, the ledger tells what they include.
  const from = unknownRows.length === 0 ? rows : topsOf(graph, applied);
  const databaseState = await stateOf(opened, judged);
  const plan = applied.has(id) ? null : planUpgrade(graph, from, [id]);
  const holding = { project, session, table, queues: rows.length > 0 };
  const held = plan === null ? [] : await heldWith(plan, holding);
  const isHeld = held.some(({ revision }) => revision === id);
  const isBackground = project.revisions.get(id)?.header.background === true;
  return {
    id,
    project,
    opened,
    judged,
    databaseState,
    unknownRows,
    besideUnknown: record !== null && (options.unknownRows ?? 'refuse') !== 'refuse',
    entries,
    needs: plan?.steps.flatMap(({ revision }) => (revision === id ? [] : [revision])) ?? [],
    heldBy: isHeld
      ? held.flatMap(({ revision, waitsFor }) => waitsFor.map((wait) => ({ revision, ...wait })))
      : [],
    above: graph.descendants(id).filter((other) => applied.has(other)),
    backfillOpen: isBackground && (await unfinishedIn(holding)).includes(id),
    stopped: databaseState === 'current' ? null : stoppedIn(await readChunks(session, table), id),
    belowMinimum: await minimumAgainst(opened, options),
    ...(await fileOf(opened, id, entries)),
  };
}

/** A file that can't be read is told of, and is no reason to be silent about the rest. */
async function fileOf(
  opened: Opened,
  id: string,
  [last]: readonly LogEntry[],
): Promise<Pick<RevisionFindings, 'isEdited' | 'body' | 'unreadable'>> {
  const isOpen = last !== undefined && last.outcome !== 'done';
  try {
    const isEdited = (await editedIn(opened, [id])).includes(id);
    const body = isOpen ? await opened.project.revisions.get(id)?.body() : undefined;
    return { isEdited, body: body ?? null, unreadable: null };
  } catch (error) {
    if (!(error instanceof RevgraphError)) throw error;
    return { isEdited: false, body: null, unreadable: error.message };
  }
}

async function minimumAgainst(
  { project: { graph }, rows }: Opened,
  options: Pick<ExplainOptions, 'minimum' | 'releases'>,
): Promise<string | null> {
  if (options.minimum === undefined || rows.some((row) => !graph.has(row))) return null;
  try {
    (await import('../project/releases.js')).assertMinimum(graph, options, rows);
    return null;
  } catch (error) {
    if (!isRevgraphError(error, 'below_minimum')) throw error;
    return `${error.message} ${error.hint ?? ''}`.trim();
  }
}
