import type { Begun, LedgerRecord } from '../database/tables/record.js';
import type { VersionTable } from '../database/tables/version-table.js';
import { RevgraphError } from '../errors/error.js';
import { hasFile } from '../graph/former.js';
import type { Graph } from '../graph/graph.js';
import { topsOf } from '../graph/tops.js';
import { marked } from '../graph/walk.js';
import { goneIn, retiredIn } from './record/moved.js';
import { recordedIn } from './record/recorded.js';
import { shakenIn } from './record/shaken.js';

/** A revision below an applied one that never ran here. */
export interface MissedRevision {
  readonly revision: string;
  /** What is applied and stands on it, parents first. */
  readonly above: readonly string[];
  /** It ran, and what it stood on was taken back since by code that lacks it, and ran again. */
  readonly shaken?: true;
  /** What ran under its id has another text, and what stood on it then does not now: it may be another revision. */
  readonly reused?: true;
}

/** Where a database stands: what the rows claim, compared with what is recorded. */
export interface Judgement {
  /** What ran here, was stamped or was adopted: ids of the graph, parents first. */
  readonly applied: readonly string[];
  /** Claimed by the rows, and never ran: inserted below, re-parented, or made a dependency after the fact. */
  readonly missed: readonly MissedRevision[];
  /** Recorded as applied, and claimed by no row: the rows were changed by something else. */
  readonly lost: readonly string[];
  /** What ran and stood on something that was taken back since by code that lacks it: of these, also those that no row claims. */
  readonly shaken: readonly string[];
  /** Applied, and a downgrade of them outside a transaction stopped halfway: the schema is neither. */
  readonly halfDown: readonly string[];
}

/** Of so many missed revisions it is told what stands on them: a walk for each. */
const EXPLAINED = 20;

/** What a judgement is made of. */
export interface Judged {
  readonly rows: readonly string[];
  readonly record: LedgerRecord | null;
  readonly begun?: readonly Begun[];
  readonly table: Pick<VersionTable, 'name'>;
  /** Ids under which something else ran. */
  readonly reused?: readonly string[];
}

/**
 * Judges where a database stands. Pure.
 *
 * What ran is recorded, not inferred: a revision is applied if the last word of the ledger on it is *done*, if a stamp covered
 * it, or if it was there when the ledger began. Rows alone would say that everything below them ran, also what was put there
 * afterwards. Where nothing is recorded the rows are believed.
 */
export function judge(graph: Graph, { rows, record, begun = [], reused = [] }: Judged): Judgement {
  const claimed = graph.closureOf(rows);
  if (record === null || record.length === 0)
    return { applied: graph.idsOf(marked(claimed)), missed: [], lost: [], shaken: [], halfDown: [] };
  const recorded = recordedIn(graph, record);
  const isUnknown = rows.some((row) => !graph.has(row));
  // What an unknown row includes is nowhere to be seen; what ran is, and what stands below that now.
  const below = isUnknown ? graph.closureOf([...rows, ...recorded]) : claimed;
  const all = shakenIn(graph, record, recorded);
  const shaken = new Set([...all].filter((id) => below[graph.numberOf(id) as number] === 1));
  const other = reused.filter((id) => below[graph.numberOf(id) as number] === 1);
  const ran = graph.marksOf([...recorded].filter((id) => !shaken.has(id) && !other.includes(id)));
  const missed = graph.idsOf(marked(below).filter((n) => ran[n] !== 1));
  return {
    applied: graph.idsOf(marked(ran)),
    missed: missed.map((revision, i) => ({
      revision,
      above: i < EXPLAINED ? aboveOf(graph, revision, below, ran) : [],
      ...(shaken.has(revision) ? { shaken: true as const } : {}),
      ...(reused.includes(revision) ? { reused: true as const } : {}),
    })),
    // What an unknown row includes is nowhere to be seen.
    lost: isUnknown ? [] : graph.idsOf(marked(ran).filter((n) => claimed[n] !== 1)),
    shaken: [...all],
    halfDown: begun.flatMap(({ revision, direction }) => {
      // Also where this code lacks its file: the schema is neither of the two.
      const id = graph.today(revision) ?? revision;
      return direction === 'downgrade' && (recorded.has(id) || rows.includes(id)) ? [id] : [];
    }),
  };
}

function aboveOf(graph: Graph, revision: string, claimed: Uint8Array, ran: Uint8Array): string[] {
  return graph.descendants(revision).filter((id) => {
    const n = graph.numberOf(id) as number;
    return claimed[n] === 1 && ran[n] === 1;
  });
}

/**
 * Refuses to plan on rows that say something else than what ran.
 * @param missed `run`: what is missed will be run, unless it may have taken the place of what is gone
 * @param direction of what is planned: a downgrade that stopped halfway may go on
 * @returns the judgement; something is missed only under `run`
 * @throws `rows_lost`, `half_downgraded`, `missed_revisions`
 */
export function assertRecorded(
  graph: Graph,
  judged: Judged,
  {
    missed: policy = 'refuse',
    direction = 'upgrade',
  }: { readonly missed?: 'refuse' | 'run' | undefined; readonly direction?: 'upgrade' | 'downgrade' } = {},
): Judgement {
  const judgement = judge(graph, judged);
  const { missed, lost } = judgement;
  if (lost.length > 0) throw rowsLost(graph, judged, judgement);
  // What stopped halfway on its way down goes on first, whatever is missed.
  if (direction === 'downgrade' && judgement.halfDown.length > 0) return judgement;
  assertNotHalfDown(graph, judged, judgement);
  const isSafe = policy === 'run' && unrecordedRows(graph, judged.rows, missed).length === 0;
  if (missed.length > 0 && (!isSafe || mayReplace(graph, judged.record ?? [], missed)))
    throw missedRevisions(graph, judged, missed);
  return judgement;
}

/**
 * Rows of which the ledger knows nothing, and what is below them: no step leaves a row without an entry. Either the ledger lost
 * something, and they ran, or somebody wrote the rows. Nothing of both is to be guessed. Nor is what became of that whose ground was
 * taken away for a while, or whose id something else had.
 */
export function unrecordedRows(
  graph: Graph,
  rows: readonly string[],
  missed: readonly Pick<MissedRevision, 'revision' | 'shaken' | 'reused'>[],
): string[] {
  const ids = missed.map(({ revision }) => revision);
  const reused = missed.flatMap((one) => (one.reused === true ? [one.revision] : []));
  const shaken = missed.flatMap((one) => (one.shaken === true ? [one.revision] : []));
  // Of what is below an id that something else had, the ledger says all that there is to say.
  const isRow = (id: string): boolean => rows.includes(id) && !reused.includes(id);
  const below = graph.closureOf([...ids.filter(isRow), ...shaken]);
  return ids.filter((id) => below[graph.numberOf(id) as number] === 1 || reused.includes(id));
}

/** Whether what is applied above one that never ran has run on something that is gone: a squash, maybe, which is not to be run. */
function mayReplace(graph: Graph, record: LedgerRecord, missed: readonly MissedRevision[]): boolean {
  const gone = new Set(goneIn(graph, record));
  if (gone.size === 0) return false;
  const onGone = new Set(
    record.flatMap(({ revision, direction, parents = [] }) =>
      direction === 'upgrade' && parents.some((parent) => gone.has(parent)) ? [revision] : [],
    ),
  );
  return missed.some(({ revision, above }) =>
    above.some((id) => onGone.has(id) && graph.parentsOf(id).includes(revision)),
  );
}

/** What was taken back, and has not run since. */
function takenBack(record: LedgerRecord): Set<string> {
  const back = new Set<string>();
  for (const { revision, direction } of record)
    if (direction === 'downgrade') back.add(revision);
    else if (direction === 'upgrade') back.delete(revision);
  return back;
}

/** Names the stamp that restores the rows, and what only other code can restore. */
export function rowsLost(
  graph: Graph,
  judged: Pick<Judged, 'rows' | 'record' | 'table' | 'begun'>,
  { lost, applied, shaken }: Pick<Judgement, 'lost' | 'applied' | 'shaken'>,
): RevgraphError<'rows_lost'> {
  const { rows, table, begun = [] } = judged;
  const ran = graph.marksOf(applied);
  const restore = topsOf(graph, applied);
  const unrun = graph.idsOf(marked(graph.closureOf(restore)).filter((n) => ran[n] !== 1));
  const back = takenBack(judged.record ?? []);
  const below = graph.closureOf(lost);
  // Also where it ran again: what stood on it may have gone with it.
  const ground = shaken.filter((id) => lost.includes(id)).flatMap((id) => graph.parentsOf(id));
  const away = unrun.filter((id) => back.has(id) && below[graph.numberOf(id) as number] === 1);
  const under = [...new Set([...away, ...ground])];
  return new RevgraphError('rows_lost', {
    table: table.name,
    rows,
    lost,
    restore,
    // A stamp of what stands on them would count them too.
    ...(under.length > 0 ? { under } : unrun.length + begun.length > 0 ? { unrun } : {}),
    gone: goneIn(graph, judged.record),
  });
}

/** @throws `half_downgraded` */
export function assertNotHalfDown(
  graph: Graph,
  judged: Judged,
  { halfDown: [half] }: Judgement = judge(graph, judged),
): void {
  if (half !== undefined) throw halfDowngraded(graph, judged, half);
}

/** Names how to end it, either way. */
export function halfDowngraded(
  graph: Graph,
  { rows, begun = [] }: Pick<Judged, 'rows' | 'begun'>,
  revision: string,
): RevgraphError<'half_downgraded'> {
  const found = begun.find((one) => (graph.today(one.revision) ?? one.revision) === revision);
  const stored = found?.revision ?? revision;
  const isKnown = hasFile(graph, stored);
  return new RevgraphError('half_downgraded', {
    revision: isKnown ? revision : stored,
    rows,
    finished: found?.finished ?? 0,
    hasFile: isKnown,
  });
}

/** Also names what ran here and has no file any more. */
export function missedRevisions(
  graph: Graph,
  judged: Pick<Judged, 'rows' | 'record'>,
  missed: readonly MissedRevision[],
): RevgraphError<'missed_revisions'> {
  return new RevgraphError('missed_revisions', {
    rows: judged.rows,
    missed,
    gone: retiredIn(graph, judged.record, judged.rows),
    ...(judged.rows.some((row) => !graph.has(row)) ? { beside: true } : {}),
    unrecorded: unrecordedRows(graph, judged.rows, missed),
  });
}
