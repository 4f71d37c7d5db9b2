import type { Chunk } from '../database/backfill-state.js';
import type { JobQueue } from '../database/job-queue.js';
import { isHeld, lockKey, tryLock, unlock } from '../database/lock.js';
import { isRevgraphError } from '../errors.js';
import type { Settled } from './definition.js';
import { assertGoesOn, rest } from './gate.js';
import type { Host } from './host.js';
import { chunksOf } from './records.js';
import { together } from './side-by-side.js';

/**
 * How several processes share a backfill. The leader makes the chunks and a job for each, works on them like everybody else,
 * and brings the backfill to its end; the others work on chunks. A worker that is killed leaves its chunk where its last
 * batch was committed: its advisory lock is gone with its connection, and whoever is idle gives the job back.
 */
export interface Share {
  readonly role: 'lead' | 'join';
  /** Of database and schema, for the names of locks. */
  readonly place: readonly [database: string, schema: string];
  /** Key of the lock that the leader holds. */
  readonly leaderKey: string;
  readonly open: (name: string) => Promise<JobQueue>;
}

/** Thrown to a joiner's code when there is nothing left for it to do. */
export class Leaderless extends Error {
  override readonly name = 'Leaderless';
}

const IDLE_MS = 200;
/** Rounds of waiting before somebody looks for jobs whose worker is gone. */
const PATIENCE = 5;

type Walker = (host: Host, chunk: Chunk) => Promise<Chunk>;

/** Works on jobs until every chunk is through. @returns the chunks */
export async function shareChunks(
  host: Host,
  share: Share,
  { name }: Settled,
  hosts: readonly Host[],
  walker: Walker,
): Promise<Chunk[]> {
  const queue = await share.open(`${share.place.join(' ')} ${host.revision} ${name}`);
  if (share.role === 'lead')
    await queue.add((await chunksOf(host, name)).filter(isOpen).map(({ chunk }) => chunk));
  await together(hosts, (one) => consume(one, share, name, queue, walker));
  const all = await chunksOf(host, name);
  if (share.role === 'lead') await queue.remove(all.map(({ chunk }) => chunk));
  return all;
}

const isOpen = ({ state }: Chunk): boolean => state === 'queued' || state === 'running';

async function consume(
  host: Host,
  share: Share,
  name: string,
  queue: JobQueue,
  walker: Walker,
): Promise<void> {
  for (let idle = 0; ; idle++) {
    assertGoesOn(host);
    const job = await queue.take();
    if (job !== null) {
      await workOnJob(host, share, name, queue, job, walker);
      idle = 0;
      continue;
    }
    const open = (await chunksOf(host, name)).filter(isOpen);
    if (open.length === 0) return;
    if (share.role === 'join' && !(await isHeld(host.client, share.leaderKey))) throw new Leaderless();
    if (idle >= PATIENCE) {
      for (const { chunk } of open)
        if (!(await isHeld(host.client, keyOf(share, host, name, chunk)))) await queue.giveBack(chunk);
      idle = 0;
    }
    await rest(host, IDLE_MS);
  }
}

const keyOf = ({ place }: Share, { revision }: Host, name: string, chunk: number): string =>
  lockKey(place[0], place[1], `backfill ${revision} ${name} ${chunk}`);

async function workOnJob(
  host: Host,
  share: Share,
  name: string,
  queue: JobQueue,
  job: number,
  walker: Walker,
): Promise<void> {
  const key = keyOf(share, host, name, job);
  if (!(await tryLock(host.client, key))) {
    // Somebody who was taken for dead is at it.
    await rest(host, IDLE_MS);
    return;
  }
  try {
    const chunk = (await chunksOf(host, name)).find((one) => one.chunk === job);
    if (chunk !== undefined && isOpen(chunk)) await walker(host, chunk);
    await queue.done(job);
  } catch (error) {
    await queue.giveBack(job).catch(() => {
      // What went wrong first is what counts; an idle worker gives it back as well.
    });
    if (!isRevgraphError(error, 'backfill_taken')) throw error;
  } finally {
    await unlock(host.client, key).catch(() => {
      // A connection that is gone holds no lock.
    });
  }
}
