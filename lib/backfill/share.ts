import type { JobQueue } from '../database/batches/job-queue.js';
import { isHeld, lockKey, tryLock, unlock } from '../database/connection/lock.js';
import type { Chunk } from '../database/tables/backfill-state.js';
import { isRevgraphError } from '../errors/error.js';
import type { BackfillContext, Share } from './batch/context.js';
import type { BatchSettings } from './batch/definition.js';
import { assertGoesOn, rest } from './gate.js';
import { chunksOf } from './records.js';
import { together } from './side-by-side.js';

/** Thrown to a joiner's code when there is nothing left for it to do. */
export class Leaderless extends Error {
  override readonly name = 'Leaderless';
}

const IDLE_MS = 200;
/** Rounds of waiting before a process looks for jobs whose worker is gone. */
const PATIENCE = 5;

type Walker = (context: BackfillContext, chunk: Chunk) => Promise<Chunk>;

/** Works on jobs until every chunk is through. @returns the chunks */
export async function shareChunks(
  context: BackfillContext,
  share: Share,
  { name }: BatchSettings,
  contexts: readonly BackfillContext[],
  walker: Walker,
): Promise<Chunk[]> {
  const queue = await share.open(`${share.place.join(' ')} ${context.revision} ${name}`);
  if (share.role === 'lead')
    await queue.add((await chunksOf(context, name)).filter(isOpen).map(({ chunk }) => chunk));
  await together(contexts, (one) => consume(one, share, name, queue, walker));
  const all = await chunksOf(context, name);
  if (share.role === 'lead') await queue.remove(all.map(({ chunk }) => chunk));
  return all;
}

const isOpen = ({ state }: Chunk): boolean => state === 'queued' || state === 'running';

async function consume(
  context: BackfillContext,
  share: Share,
  name: string,
  queue: JobQueue,
  walker: Walker,
): Promise<void> {
  for (let idle = 0; ; idle++) {
    assertGoesOn(context);
    const job = await queue.take();
    if (job !== null) {
      await workOnJob(context, share, name, queue, job, walker);
      idle = 0;
      continue;
    }
    const open = (await chunksOf(context, name)).filter(isOpen);
    if (open.length === 0) return;
    if (share.role === 'join' && !(await isHeld(context.client, share.leaderKey))) throw new Leaderless();
    if (idle >= PATIENCE) {
      for (const { chunk } of open)
        if (!(await isHeld(context.client, keyOf(share, context, name, chunk)))) await queue.giveBack(chunk);
      idle = 0;
    }
    await rest(context, IDLE_MS);
  }
}

const keyOf = ({ place }: Share, { revision }: BackfillContext, name: string, chunk: number): string =>
  lockKey(place[0], place[1], `backfill ${revision} ${name} ${chunk}`);

async function workOnJob(
  context: BackfillContext,
  share: Share,
  name: string,
  queue: JobQueue,
  job: number,
  walker: Walker,
): Promise<void> {
  const key = keyOf(share, context, name, job);
  if (!(await tryLock(context.client, key))) {
    // A worker that was considered dead is still running it.
    await rest(context, IDLE_MS);
    return;
  }
  try {
    const chunk = (await chunksOf(context, name)).find((one) => one.chunk === job);
    if (chunk !== undefined && isOpen(chunk)) await walker(context, chunk);
    await queue.done(job);
  } catch (error) {
    await queue.giveBack(job).catch(() => {
      // What went wrong first is what counts; an idle worker gives it back as well.
    });
    if (!isRevgraphError(error, 'backfill_taken')) throw error;
  } finally {
    await unlock(context.client, key).catch(() => {
      // A connection that is gone holds no lock.
    });
  }
}
