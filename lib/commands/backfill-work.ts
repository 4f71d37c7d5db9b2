import { batchingOn } from '../backfill/batching.js';
import { type Chunk, readChunks, setState } from '../database/backfill-state.js';
import { withSessions } from '../database/connect.js';
import { lastEntries } from '../database/ledger.js';
import { lockKey, withAdvisoryLock } from '../database/lock.js';
import { describeServer, type Server } from '../database/server.js';
import type { Session } from '../database/session.js';
import { pinSchema } from '../database/version-table.js';
import { isRevgraphError, RevgraphError } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import { execute } from '../run/execute.js';
import { prepare } from '../run/prepare.js';
import { recordDone } from '../run/record.js';
import type { UnfinishedWork, WorkedRevision, WorkOptions, WorkResult } from './backfill.js';
import { newRun } from './new-run.js';
import { type Opened, withDatabase } from './open.js';

/** See `workBackfills`. */
export async function work(options: WorkOptions): Promise<WorkResult> {
  return withDatabase(options, async (opened) => {
    const server = await describeServer(opened.session, options.schema);
    const table = await pinSchema(opened.session, opened.table, server.schema);
    const here = { ...opened, table };
    const waiting = await waitingIn(here, options.revision);
    const worked: WorkedRevision[] = [];
    const left: UnfinishedWork[] = [];
    const connections = opened.session.kind === 'embedded' ? 1 : (options.connections ?? 1);
    await withSessions(
      options.database,
      { applicationName: options.application ?? 'revgraph' },
      connections - 1,
      async (more) => {
        for (const { revision, control } of waiting) {
          const why = reasonToLeave(here, revision, control);
          if (why !== null) left.push({ revision, why });
          else if (!(await workAlone(here, server, options, revision, more, worked)))
            left.push({ revision, why: 'another process works on it' });
        }
      },
    );
    return { worked, left };
  });
}

/** Queued revisions that are not finished, in the order of the graph. @throws `backfill_unknown` */
async function waitingIn({ project, session, table }: Opened, wanted: string | undefined): Promise<Chunk[]> {
  const chunks = (await readChunks(session, table.schema)).filter(
    ({ name, state }) => name === '' && state !== 'finished',
  );
  const order = new Map(project.graph.ids.map((id, n) => [id, n]));
  const sorted = chunks.sort((a, b) => (order.get(a.revision) ?? 0) - (order.get(b.revision) ?? 0));
  if (wanted === undefined) return sorted;
  const named = sorted.filter(({ revision }) => revision === wanted || revision.startsWith(wanted));
  if (named.length === 1) return named;
  throw new RevgraphError('backfill_unknown', {
    revision: wanted,
    known: sorted.map(({ revision }) => revision),
  });
}

function reasonToLeave({ project }: Opened, revision: string, control: Chunk['control']): string | null {
  if (!project.revisions.has(revision)) return 'its file is not here';
  if (control === 'pause') return `it is paused: \`revgraph backfill resume ${revision}\``;
  if (control === 'cancel') return `it was cancelled: \`revgraph backfill resume ${revision}\``;
  return null;
}

/** Works on a revision, unless another process does. @returns false if one does */
async function workAlone(
  opened: Opened,
  server: Server,
  options: WorkOptions,
  revision: string,
  more: readonly Session[],
  worked: WorkedRevision[],
): Promise<boolean> {
  const key = lockKey(server.database, server.schema, `backfill ${revision}`);
  try {
    await withAdvisoryLock(opened.session, key, { waitMs: 0, signal: options.signal }, async () => {
      worked.push(await workOn(opened, server, options, { revision, key, more }));
    });
    return true;
  } catch (error) {
    if (isRevgraphError(error, 'lock_not_obtained')) return false;
    throw error;
  }
}

async function workOn(
  opened: Opened,
  server: Server,
  options: WorkOptions,
  { revision, key, more }: { revision: string; key: string; more: readonly Session[] },
): Promise<WorkedRevision> {
  const { project, session, rows, table } = opened;
  const step = { revision, direction: 'upgrade' as const, remove: [], add: [] };
  const plan: Plan = {
    direction: 'upgrade',
    target: revision,
    from: rows,
    to: rows,
    steps: [step],
    merges: [],
  };
  const steps = await prepare(plan, project.revisions);
  const last = await lastEntries(session, table.schema);
  let statistics: Record<string, unknown> = {};
  const run = {
    ...newRun(
      { ...opened, server, lockKey: key },
      plan,
      { ...options, background: 'inline' },
      'revgraph backfill work',
      last,
    ),
    batching: batchingOn(more),
    record: (...[at, prepared, startedAt, found]: Parameters<typeof recordDone>) => {
      statistics = { background: 'done', backfills: [], ...found };
      return recordDone(at, prepared, startedAt, statistics);
    },
  };
  await setState(session, table.schema, { revision, name: '' }, 'running');
  await execute(run, steps);
  return {
    revision,
    backfills: statistics.backfills as WorkedRevision['backfills'],
    ms: run.results[0]?.ms ?? 0,
  };
}
