import { createHash } from 'node:crypto';
import { RevgraphError } from '../../errors/error.js';
import { isConnectionLost, readDriverError } from '../connection/failure.js';
import type { Queryable, Result } from '../connection/session.js';

const PACKAGE = 'pg-boss';
/** Its tables have a schema of their own. */
const SCHEMA = 'revgraph_queue';
/** A job whose worker is gone is given back by the others at once; this is for the case that nobody else is there. */
const EXPIRE_SECONDS = 15 * 60;
const RETRIES = 1_000_000;

/** Jobs by number, shared by all workers that open the queue of this name. */
export interface JobQueue {
  /** Adds jobs that are not there yet. */
  add(jobs: readonly number[]): Promise<void>;
  /** The next job that nobody has; null if there is none. */
  take(): Promise<number | null>;
  done(job: number): Promise<void>;
  /** Lets somebody else take it. */
  giveBack(job: number): Promise<void>;
  /** Deletes the queue, whose jobs these are. */
  remove(jobs: readonly number[]): Promise<void>;
}

/** A queue has a table of its own: two that are made at once get into each other's way. All of a text failed, and can be asked again. */
const DEADLOCK = '40P01';

type Boss = InstanceType<typeof import('pg-boss')>;

/**
 * Opens pg-boss on a connection of its own, for as long as `action` runs.
 * @throws `queue_missing` where pg-boss is not installed
 */
export async function withJobQueues<T>(
  client: Queryable,
  action: (open: (name: string) => Promise<JobQueue>) => Promise<T>,
): Promise<T> {
  const PgBoss = await load();
  // pg-boss takes a fetch that fails for an empty queue: a connection that is gone has to be noticed here.
  let lost: unknown = null;
  let turn: Promise<unknown> = Promise.resolve();
  const ask = async (text: string, values: unknown[]): Promise<Result> => {
    try {
      return await client.query(text, values);
    } catch (error) {
      if (isConnectionLost(error)) lost = error;
      // Whoever loses the race to make the tables is left in the transaction that pg-boss began in the same text.
      else await client.query('ROLLBACK');
      if (readDriverError(error).sqlstate === DEADLOCK) return ask(text, values);
      throw error;
    }
  };
  const db = {
    executeSql: (text: string, values: unknown[]): Promise<Result> => {
      const answer = turn.then(() => ask(text, values));
      turn = answer.catch(() => {});
      return answer;
    },
  };
  const assertThere = (): void => {
    if (lost !== null) throw lost;
  };
  const boss = new PgBoss({ db, schema: SCHEMA, schedule: false, supervise: true });
  // What goes wrong in its maintenance is not the work's business; what is asked of it throws by itself.
  boss.on('error', () => {});
  await boss.start();
  try {
    return await action((name) => openQueue(boss, name, assertThere));
  } finally {
    await boss.stop({ graceful: false, wait: true }).catch(() => {
      // The connection may be gone.
    });
  }
}

async function load(): Promise<typeof import('pg-boss')> {
  try {
    return (await import(PACKAGE)).default;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND')
      throw new RevgraphError('queue_missing', { package: PACKAGE }, { cause: error });
    throw error;
  }
}

async function openQueue(boss: Boss, name: string, assertThere: () => void): Promise<JobQueue> {
  const queue = `revgraph-${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;
  await boss.createQueue(queue, {
    name: queue,
    policy: 'standard',
    retryLimit: RETRIES,
    retryDelay: 0,
    expireInSeconds: EXPIRE_SECONDS,
  });
  const send = (job: number) => boss.send(queue, { job }, { id: idOf(queue, job) });
  return {
    add: async (jobs) => {
      for (const job of jobs) await send(job);
    },
    take: async () => {
      const [job] = await boss.fetch<{ job: number }>(queue);
      assertThere();
      return job?.data.job ?? null;
    },
    done: async (job) => {
      await boss.complete(queue, idOf(queue, job));
    },
    giveBack: async (job) => {
      const id = idOf(queue, job);
      const { affected } = (await boss.fail(queue, id)) as unknown as { affected: number };
      if (affected > 0) return;
      // It was done, and is to be done again.
      await boss.deleteJob(queue, id);
      await send(job);
    },
    remove: async (jobs) => {
      if (jobs.length > 0)
        await boss.deleteJob(
          queue,
          jobs.map((job) => idOf(queue, job)),
        );
      await boss.deleteQueue(queue).catch(() => {
        // Somebody has just opened it: an empty queue is in nobody's way.
      });
    },
  };
}

/** The same id for the same job, whoever adds it: what is there already is not added twice. */
function idOf(queue: string, job: number): string {
  const hex = createHash('sha256').update(`${queue} ${job}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
