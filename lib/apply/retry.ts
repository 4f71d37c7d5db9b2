import { randomUUID } from 'node:crypto';
import { judge } from '../access/judgement.js';
import { assertMayWrite } from '../access/may-write.js';
import { type Locked, type Opened, whoAndWhere, withDatabase, withLock } from '../access/open.js';
import { byIdHere } from '../access/renamed.js';
import type { RunOptions } from '../config/options.js';
import { hasBegunBatches } from '../database/tables/backfill-orders.js';
import { type LastEntry, lastEntries } from '../database/tables/last-entries.js';
import { addEntry } from '../database/tables/ledger.js';
import { RevgraphError } from '../errors/error.js';
import { BASE, lookupOne } from '../graph/lookup.js';
import type { RETRY } from '../options/decisions.js';
import type { OptionsOf } from '../options/option.js';
import { namingOf } from '../project/targets.js';
import type { Revision } from '../revision/revision.js';
import { digestsOf, leavesDoubt, type ProgressMark } from '../run/resume.js';
import { splitStatements } from '../sql/statements.js';
import { LIBRARY_VERSION } from '../version.js';

export interface RetryOptions extends RunOptions, OptionsOf<typeof RETRY> {
  readonly revision: string;
}

/** That a revision which did not end well is to be tried again, as it was written into the ledger, or with `dryRun` would be. */
export interface Retried {
  readonly revision: string;
  readonly direction: 'upgrade' | 'downgrade';
  /** How its last attempt ended; `in doubt`: nobody knows whether its last statement was finished. */
  readonly was: 'in doubt' | 'failed';
  /** The statement at which it ended; null where that is not known. */
  readonly statement: string | null;
  /** Statements that count as finished; null of one that is in a transaction. */
  readonly finished: number | null;
  readonly why: string | null;
  /** The command that tries it again. */
  readonly next: string;
  readonly dryRun: boolean;
}

/** See `retry`. */
export async function retryRevision(options: RetryOptions): Promise<Retried> {
  if (options.dryRun === true)
    return withDatabase(options, async (opened) => (await decide(opened, options)).retried);
  return withLock(options, async (locked) => {
    const { retried, mark, last } = await decide(locked, options);
    await write(locked, options, last, retried, mark);
    return retried;
  });
}

async function decide(
  opened: Opened,
  options: RetryOptions,
): Promise<{ retried: Retried; mark: ProgressMark | null; last: Pick<LastEntry, 'checksum' | 'parents'> }> {
  const { session, table } = opened;
  const { graph, revisions } = opened.project;
  const number = lookupOne(graph, (await namingOf(options.releases)).one(graph, options.revision));
  const revision = number === BASE ? 'base' : graph.idOf(number);
  const entries = await lastEntries(session, table);
  const last = entries === null ? undefined : byIdHere(opened, entries).get(revision);
  const failed = last !== undefined && last.direction !== 'stamp' && last.outcome !== 'done';
  // Of one that was killed, or waits in the background, no entry tells.
  const batches = failed ? false : await hasBegunBatches(session, table, revision);
  if (!failed && !batches)
    throw new RevgraphError('nothing_to_retry', { revision, reason: 'its last attempt did not fail' });
  const before = last?.statistics as unknown as ProgressMark;
  const isOutside = typeof before?.finished === 'number';
  const inDoubt = failed && leavesDoubt(last);
  const { done = false, anew = false } = options;
  if (done && anew)
    throw new RevgraphError('usage', {
      message: 'Both done and anew were given.',
      hint: 'done goes on behind the statement in doubt, anew begins at the first statement. Pass one of the two.',
    });
  if (done && !inDoubt)
    throw new RevgraphError('nothing_to_retry', { revision, reason: 'no statement of it is in doubt' });
  if (anew && !isOutside)
    throw new RevgraphError('nothing_to_retry', {
      revision,
      reason: 'no statement of it stays where it fails',
    });
  const mark = isOutside
    ? await markOf(revisions.get(revision) as Revision, last as LastEntry, before, { done, anew })
    : null;
  const retried: Retried = {
    revision,
    direction: failed ? (last.direction as Retried['direction']) : 'upgrade',
    was: inDoubt ? 'in doubt' : 'failed',
    statement: last?.statement ?? null,
    finished: mark?.finished ?? null,
    why: options.reason ?? null,
    next: nextOf(opened, revision, failed ? last.direction : 'upgrade'),
    dryRun: options.dryRun === true,
  };
  await assertMayWrite(opened, options, false);
  return { retried, mark, last: last ?? { checksum: null, parents: graph.parentsOf(revision) } };
}

/** What never ran below applied revisions, no upgrade runs by itself. */
function nextOf(opened: Opened, revision: string, direction: string): string {
  if (direction === 'downgrade') return `revgraph undo ${revision}`;
  const { missed, applied } = judge(opened.project.graph, opened);
  if (applied.includes(revision)) return 'revgraph backfill work';
  const found = missed.find((one) => one.revision === revision);
  if (found === undefined) return `revgraph upgrade ${revision}`;
  return found.shaken === true ? `revgraph repair --revision ${revision}` : 'revgraph repair';
}

/**
 * Where it goes on: with `done`, behind the statement that is in doubt; with `anew`, at the first one.
 * @throws `nothing_to_retry` where it could not go on from there
 */
async function markOf(
  revision: Revision,
  { direction }: LastEntry,
  mark: ProgressMark,
  { done, anew }: { readonly done: boolean; readonly anew: boolean },
): Promise<ProgressMark> {
  const part = (await revision.body())[direction as Retried['direction']];
  const place = { file: revision.file ?? revision.revision, line: 1 };
  const statements =
    part === null || typeof part === 'function' ? [] : await splitStatements(part.sql, place);
  const digests = digestsOf(statements);
  const at = (finished: number): ProgressMark => ({
    finished,
    statements: statements.length,
    digest: digests[finished] as string,
    together: false,
  });
  if (anew) return at(0);
  if (digests[mark.finished] !== mark.digest)
    throw new RevgraphError('nothing_to_retry', {
      revision: revision.revision,
      reason: 'statements that it has finished were edited since',
    });
  return done ? at(mark.finished + 1) : mark;
}

async function write(
  { session, table, rows, project: { graph } }: Locked,
  { actor, application }: RetryOptions,
  { checksum, parents }: Pick<LastEntry, 'checksum' | 'parents'>,
  { revision, direction, why, statement }: Retried,
  mark: ProgressMark | null,
): Promise<void> {
  const now = new Date();
  const names = graph.namesOf([revision]);
  const statistics = { ...mark, ...(Object.keys(names).length === 0 ? {} : { names }) };
  await addEntry(session, table, {
    run: randomUUID(),
    revision,
    direction,
    parents: graph.has(revision) ? graph.parentsOf(revision) : parents,
    checksum,
    rowsFrom: rows,
    rowsTo: rows,
    startedAt: now,
    finishedAt: now,
    ms: 0,
    outcome: 'retry',
    message: why,
    statement,
    statistics: Object.keys(statistics).length === 0 ? null : statistics,
    ...whoAndWhere(),
    ...(actor === undefined ? {} : { actor }),
    application: application ?? null,
    libraryVersion: LIBRARY_VERSION,
  });
}
