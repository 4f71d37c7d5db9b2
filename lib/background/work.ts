import { judge } from '../access/judgement.js';
import { type Opened, withDatabase } from '../access/open.js';
import { assertNoneRenamed } from '../access/renamed.js';
import { newRun } from '../apply/new-run.js';
import type { Share } from '../backfill/batch/context.js';
import { batchingOn } from '../backfill/batching.js';
import { Leaderless } from '../backfill/share.js';
import { assertClaimed, assertNotStale } from '../backfill/stale.js';
import type { RunOptions } from '../config/options.js';
import type { JobQueue } from '../database/batches/job-queue.js';
import { withSessions } from '../database/connection/connect.js';
import { lockKey, withAdvisoryLock } from '../database/connection/lock.js';
import { describeServer, type Server } from '../database/connection/server.js';
import type { Session } from '../database/connection/session.js';
import { withRollback } from '../database/connection/transaction.js';
import { setState } from '../database/tables/backfill-orders.js';
import { type Chunk, readChunks } from '../database/tables/backfill-state.js';
import { lockPlaceOf } from '../database/tables/backfill-tables.js';
import { lastEntries } from '../database/tables/last-entries.js';
import { pinSchema } from '../database/tables/version-table.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import type { OptionsOf } from '../options/option.js';
import type { BACKFILL } from '../options/verbs.js';
import { planOfOne } from '../plan/plan.js';
import type { BatchResult } from '../revision/batches.js';
import { execute } from '../run/execute.js';
import { Tracker } from '../run/place.js';
import { type PreparedStep, prepare } from '../run/prepare.js';
import { recordDone } from '../run/record.js';
import type { Run } from '../run/run.js';
import { perform } from '../run/work.js';
import { lostText, missedText, named } from './named.js';

/** What all work of one call shares. */
interface WorkContext extends Opened {
  readonly server: Server;
  readonly options: WorkOptions;
  readonly more: readonly Session[];
  /** Opens a queue; null where this process works alone. */
  readonly open: ((name: string) => Promise<JobQueue>) | null;
}

/** See `workBackfills`. */
export async function work(options: WorkOptions): Promise<WorkResult> {
  return withDatabase(options, async (opened) => {
    const server = await describeServer(opened.session, options.schema);
    const table = await pinSchema(opened.session, opened.table, server);
    const here = { ...opened, table, server, options };
    const waiting = await waitingIn(here, options.revision);
    if (waiting.length === 0) return { worked: [], left: [] };
    const connections = opened.session.kind === 'embedded' ? 1 : (options.connections ?? 1);
    const application = { applicationName: options.application ?? 'revgraph' };
    if (options.queue !== true)
      return withSessions(options.database, application, connections - 1, (more) =>
        workThrough({ ...here, more, open: null }, waiting),
      );
    if (opened.session.kind === 'embedded') throw notShared();
    const { withJobQueues } = await import('../database/batches/job-queue.js');
    return withSessions(options.database, application, connections, ([queue, ...more]) =>
      withJobQueues(queue as Session, (open) => workThrough({ ...here, more, open }, waiting)),
    );
  });
}

function notShared(): RevgraphError {
  return new RevgraphError('usage', {
    message: 'Only one process can use the embedded database, so it can’t share a queue.',
    hint: 'Omit --queue.',
  });
}

async function workThrough(context: WorkContext, waiting: readonly Chunk[]): Promise<WorkResult> {
  const worked: WorkedRevision[] = [];
  const left: UnfinishedWork[] = [];
  const applied = context.project.graph.closureOf(context.rows);
  const missed = new Set(judge(context.project.graph, context).missed.map(({ revision }) => revision));
  for (const { revision, control, lost } of waiting) {
    const isApplied = applied[context.project.graph.numberOf(revision) ?? -1] === 1;
    const why =
      reasonToLeave(context, { revision, control, lost }) ??
      (missed.has(revision) ? missedText(revision) : isApplied ? null : 'it is no longer applied');
    const done = why === null ? await workOn(context, revision) : null;
    if (done !== null) worked.push(done);
    else left.push({ revision, why: why ?? 'another process is running it' });
  }
  return { worked, left };
}

/** Queued revisions that are not finished, in the order of the graph. @throws `backfill_unknown` */
async function waitingIn(opened: Opened, wanted: string | undefined): Promise<Chunk[]> {
  const { project, session, table } = opened;
  await assertNoneRenamed(session, table, opened);
  const all = await readChunks(session, table);
  const open = all.filter(({ name, state }) => name === '' && state !== 'finished');
  const order = new Map(project.graph.ids.map((id, n) => [id, n]));
  open.sort((a, b) => (order.get(a.revision) ?? 0) - (order.get(b.revision) ?? 0));
  if (wanted === undefined) return open;
  const revision = named(
    project.graph,
    wanted,
    all.map((chunk) => chunk.revision),
  );
  const meant = open.filter((chunk) => chunk.revision === revision);
  if (meant.length > 0) return meant;
  throw new RevgraphError('backfill_unknown', { revision, known: open.map((chunk) => chunk.revision) });
}

function reasonToLeave(
  { project, rows }: Opened,
  { revision, control, lost = false }: Pick<Chunk, 'revision' | 'control' | 'lost'>,
): string | null {
  if (lost) return lostText({ project, rows }, revision);
  if (!project.revisions.has(revision)) return 'its file does not exist here';
  if (control === 'pause') return `it is paused; continue with \`revgraph backfill resume ${revision}\``;
  if (control === 'cancel') return `it was cancelled; continue with \`revgraph backfill resume ${revision}\``;
  return null;
}

/** Leads the work on a revision; where another process does, joins it, or leaves it alone. @returns null if it was left */
async function workOn(context: WorkContext, revision: string): Promise<WorkedRevision | null> {
  const { server, session, options, open, table } = context;
  const place = [server.database, lockPlaceOf(server.schema, table)] as const;
  const leaderKey = lockKey(...place, `backfill ${revision}`);
  const share = (role: Share['role']): Share | undefined =>
    open === null ? undefined : { role, place, leaderKey, open };
  for (;;) {
    try {
      return await withAdvisoryLock(session, leaderKey, { waitMs: 0, signal: options.signal }, async () =>
        // Whoever had the lock until now may have finished it: what was read before it is old.
        (await isOver(context, revision))
          ? overAlready(revision)
          : lead(context, revision, leaderKey, share('lead')),
      );
    } catch (error) {
      if (!isRevgraphError(error, 'lock_not_obtained')) throw error;
    }
    const joining = share('join');
    if (joining === undefined) return null;
    const done = await join(context, revision, joining);
    if (done !== null) return done;
    if (await isOver(context, revision)) return overAlready(revision);
  }
}

const overAlready = (revision: string): WorkedRevision => ({ revision, backfills: [], ms: 0, joined: true });

/** Whether a revision is not in the background any more: another process finished it, or it was taken away. */
async function isOver({ session, table }: WorkContext, revision: string): Promise<boolean> {
  const place = (await readChunks(session, table, revision)).find(({ name }) => name === '');
  return place === undefined || place.state === 'finished';
}

/** Runs the revision as an upgrade would, and records it. */
async function lead(
  context: WorkContext,
  revision: string,
  key: string,
  share: Share | undefined,
): Promise<WorkedRevision> {
  const { session, table, more } = context;
  const { run: base, prepared } = await runFor(context, revision, key);
  let statistics: Record<string, unknown> = {};
  const backup = context.options.preflight === 'off' ? undefined : await askForBackup(context, prepared);
  const run = Object.freeze<Run>({
    ...base,
    progress: { ...base.progress, backup },
    batching: batchingOn(more, share),
    record: async (at, step, startedAt, found) => {
      // Nobody was kept from its ground while it was at work.
      await assertNotStale({ ...at, hasLedger: true }, [step]);
      await assertClaimed(at, context.project.graph, revision);
      statistics = { background: 'done', backfills: [], ...found };
      return recordDone(at, step, startedAt, statistics);
    },
  });
  await assertNotStale({ ...run, hasLedger: true }, [prepared]);
  await setState(session, table, { revision, name: '' }, 'running');
  await execute(run, [prepared]);
  const backfills = statistics.backfills as WorkedRevision['backfills'];
  return { revision, backfills, ms: run.progress.results[0]?.ms ?? 0, joined: false };
}

/** The backup that the configuration asks for before anything is run. @throws `preflight_refused` */
async function askForBackup(
  { session, server, table, options, emit }: WorkContext,
  step: PreparedStep,
): Promise<object | undefined> {
  if (options.backup === undefined) return undefined;
  const { refusePlan } = await import('../preflight/refuse.js');
  return refusePlan(
    { direction: 'upgrade', session, server, table, steps: [step], options, emit },
    { checks: [], losses: [] },
    'revgraph backfill work',
  );
}

/** Works on what the leader shares; what the code does beside it is rolled back. @returns null if there is no leader any more */
async function join(context: WorkContext, revision: string, share: Share): Promise<WorkedRevision | null> {
  const { run, prepared } = await runFor(context, revision, null);
  const tracker = new Tracker();
  const begun = performance.now();
  try {
    await withRollback(context.session, () =>
      perform({ ...run, batching: batchingOn(context.more, share) }, prepared, tracker, false),
    );
  } catch (error) {
    if (error instanceof Leaderless) return null;
    throw error;
  }
  return { revision, backfills: tracker.backfills, ms: Math.round(performance.now() - begun), joined: true };
}

async function runFor(
  context: WorkContext,
  revision: string,
  lockKey: string | null,
): Promise<{ run: Run; prepared: PreparedStep }> {
  const { project, session, rows, table, options } = context;
  const plan = planOfOne(revision, rows);
  const [prepared] = await prepare(plan, project.revisions);
  const last = await lastEntries(session, table);
  const inline = { ...options, background: 'inline' as const };
  const run = newRun({ ...context, lockKey }, plan, inline, `revgraph backfill work ${revision}`, last);
  return { run, prepared: prepared as PreparedStep };
}

export interface WorkOptions
  extends RunOptions,
    OptionsOf<Pick<typeof BACKFILL, 'revision' | 'connections' | 'queue'>> {}

/** A revision that was worked on, and is finished. */
export interface WorkedRevision {
  readonly revision: string;
  readonly backfills: readonly BatchResult[];
  readonly ms: number;
  /** With `queue`: another process led the work, and this one took part. */
  readonly joined: boolean;
}

/** A revision that was left as it is. */
export interface UnfinishedWork {
  readonly revision: string;
  readonly why: string;
}

export interface WorkResult {
  readonly worked: readonly WorkedRevision[];
  readonly left: readonly UnfinishedWork[];
}
