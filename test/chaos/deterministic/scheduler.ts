import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { ChaosDice } from '../../../lib/testing/chaos/dice.js';
import { WAITS } from './statements.js';
import { ModelError, type ModelSession, type World } from './world.js';

/** What is done to one message of a run. */
export interface Fault {
  readonly replica: number;
  /** Which of its messages, from 0. */
  readonly at: number;
  /**
   * `question`: the server does not hear it, and the connection is gone · `answer`: it does · `ended`: an administrator ends the session
   * · `stopped`: the process is stopped before it · `unlocked`: somebody takes the lock away · `outsider`: somebody else changes the
   * version table
   */
  readonly how: 'question' | 'answer' | 'ended' | 'stopped' | 'unlocked' | 'outsider';
  readonly ms: number;
}

/** Something that may happen next. */
interface Pending {
  readonly replica: number;
  /** It can't happen before. */
  at: number;
  /** @returns false if it has to wait for another session */
  readonly happen: () => boolean | Promise<boolean>;
  /** Of a statement that waits for another session: when it gives up. */
  timeout: number | null;
  readonly giveUp: () => void;
  readonly background: boolean;
}

/** What a session hears; or that it has to wait. */
export type Say = (world: World, session: ModelSession, text: string, values: readonly unknown[]) => unknown;

/** Up to the question in which a step looks for its lock again. */
const OF_THE_WORK = /^(SELECT set_config|INSERT INTO work|SELECT count|SET CONSTRAINTS)/;

const running = new AsyncLocalStorage<{ scheduler: Scheduler; replica: number }>();

/** Decides whose message is next, and lets the time pass. */
export class Scheduler {
  readonly violations: string[] = [];
  readonly hit = new Set<Fault>();
  readonly #pending = new Set<Pending>();
  readonly #asked = new Map<number, number>();
  readonly #done = new Set<number>();
  readonly #heard: string[] = [];

  constructor(
    readonly world: World,
    readonly dice: ChaosDice,
    /**
     * `guarded`: whether the lock is held beside the connection of the work · `patienceMs`: how long a statement waits for another
     * session
     */
    readonly about: {
      readonly faults: readonly Fault[];
      readonly say: Say;
      readonly guarded: boolean;
      readonly patienceMs: number;
    },
  ) {}

  /** Runs replicas to their ends. */
  async run<T>(replicas: readonly number[], act: (replica: number) => Promise<T>): Promise<T[]> {
    for (const replica of replicas) this.#done.delete(replica);
    const ends = replicas.map((replica) =>
      running.run({ scheduler: this, replica }, () =>
        act(replica).finally(() => {
          this.#done.add(replica);
        }),
      ),
    );
    const all = Promise.all(ends);
    while (replicas.some((replica) => !this.#done.has(replica))) {
      for (const replica of replicas) await this.#untilItWaits(replica);
      await this.#next();
    }
    return all;
  }

  /** What was heard, of whom and when; what differs from run to run (names, times) left out. */
  heard(): { said: number; digest: string } {
    const text = this.#heard.join('\n');
    return { said: this.#heard.length, digest: createHash('sha256').update(text).digest('hex') };
  }

  /** A message of a run, which is heard when its turn comes. */
  ask(session: ModelSession, text: string, values: readonly unknown[]): Promise<unknown> {
    const { replica } = session;
    const number = this.#asked.get(replica) ?? 0;
    this.#asked.set(replica, number + 1);
    const fault = this.about.faults.find((one) => one.replica === replica && one.at === number);
    return new Promise((resolve, reject) => {
      const happen = async (): Promise<boolean> => {
        try {
          const said = await this.#hear(session, text, values, fault);
          if (said === WAITS) return false;
          resolve(said);
        } catch (error) {
          reject(error);
        }
        return true;
      };
      const stopped = fault?.how === 'stopped';
      if (stopped) this.hit.add(fault);
      const at = this.world.now + (stopped ? fault.ms : 0);
      // While a process is stopped, so are its timers.
      if (stopped)
        for (const other of this.#pending) if (other.replica === replica) other.at = Math.max(other.at, at);
      const giveUp = (): void => {
        session.failed = session.inTransaction;
        reject(new ModelError('canceling statement due to lock timeout', '55P03'));
      };
      this.#pending.add({ replica, at, happen, timeout: null, giveUp, background: false });
    });
  }

  /** A timer of a run. */
  sleep(replica: number, ms: number, background: boolean, end: () => void): () => void {
    const pending: Pending = {
      replica,
      at: this.world.now + ms,
      happen: () => {
        end();
        return true;
      },
      timeout: null,
      giveUp: () => {},
      background,
    };
    this.#pending.add(pending);
    return () => this.#pending.delete(pending);
  }

  async #hear(
    session: ModelSession,
    text: string,
    values: readonly unknown[],
    fault: Fault | undefined,
  ): Promise<unknown> {
    const { world } = this;
    if (session.gone) throw lost();
    if (fault !== undefined && this.#canHit(fault, session, text)) this.hit.add(fault);
    if (fault?.how === 'question' || fault?.how === 'ended') {
      world.close(session);
      throw fault.how === 'question'
        ? lost()
        : new ModelError('terminating connection due to administrator command', '57P01');
    }
    if (fault?.how === 'unlocked' && this.#canHit(fault, session, text)) {
      world.advisory.clear();
      world.store.lease = null;
    }
    if (fault?.how === 'outsider' && this.#canHit(fault, session, text)) {
      world.store.rows.clear();
      world.store.rows.add('outsider');
    }
    this.#watch(session, text);
    this.#heard.push(`${world.now} ${session.number} ${text.slice(0, 40)}`);
    session.heardAt = world.now;
    const said = await this.#said(session, text, values);
    if (fault?.how === 'answer' && said !== WAITS) {
      world.close(session);
      throw lost();
    }
    return said;
  }

  /** There is nothing to take away, or to change. */
  #canHit({ how, replica }: Fault, session: ModelSession, text: string): boolean {
    // With this COMMIT the lock is given back, and that it was still there has been asked.
    const givesBack = text === 'COMMIT' && this.world.holdsInTransaction(session);
    // A session lock only the session itself gives back, and behind its work nothing of a step does.
    const isBehind = !this.about.guarded && session.inTransaction && !OF_THE_WORK.test(text);
    if (how === 'unlocked') return this.world.hasLock(replica) && !givesBack && !isBehind;
    const { tables, rows } = this.world.store;
    // Once the last row is there no step looks at it any more; and a row that is locked the outsider can't have.
    return (
      how !== 'outsider' || (tables.has('revgraph_version') && !rows.has('c') && !this.world.hasRowLocks())
    );
  }

  async #said(session: ModelSession, text: string, values: readonly unknown[]): Promise<unknown> {
    try {
      return await this.about.say(this.world, session, text, values);
    } catch (error) {
      if ((error as { code?: unknown }).code === undefined) this.violations.push(String(error));
      throw error;
    }
  }

  /** The library asks for its lock behind BEGIN, and a second time behind the work: who had lost it before must not go on. */
  #watch(session: ModelSession, text: string): void {
    const has = this.world.hasLock(session.replica);
    if (text.startsWith('BEGIN')) session.held = { atBegin: has, behindWork: true };
    if (text.startsWith('SET CONSTRAINTS')) session.held.behindWork = has;
    if (text.startsWith('INSERT INTO work') && !session.held.atBegin)
      this.violations.push(`replica ${session.replica} began a step without the lock`);
    if (
      /^(INSERT INTO|UPDATE) "public"\."revgraph_version"/.test(text) &&
      this.about.guarded &&
      !session.held.behindWork
    )
      this.violations.push(`replica ${session.replica} ended a step without the lock`);
  }

  /** A turn of the event loop is enough, unless something is loaded for the first time. */
  async #untilItWaits(replica: number): Promise<void> {
    const waits = (): boolean =>
      this.#done.has(replica) || [...this.#pending].some((one) => one.replica === replica && !one.background);
    await Promise.resolve();
    while (!waits()) await new Promise((resolve) => setImmediate(resolve));
  }

  async #next(): Promise<void> {
    const { world } = this;
    const ready = [...this.#pending].filter(({ at }) => at <= world.now);
    while (ready.length > 0) {
      const [one] = ready.splice(Math.floor(this.dice() * ready.length), 1) as [Pending];
      one.timeout ??= world.now + this.about.patienceMs;
      const isLate = one.timeout <= world.now;
      if (isLate) one.giveUp();
      if (isLate || (await one.happen())) {
        this.#pending.delete(one);
        return;
      }
    }
    const later = [...this.#pending].map(({ at, timeout }) => (at > world.now ? at : (timeout ?? at)));
    if (later.length === 0) return;
    const next = Math.min(...later);
    if (next === Number.POSITIVE_INFINITY) throw new Error('each waits for another one');
    world.now = Math.max(world.now + 1, next);
    world.endIdle();
  }
}

const lost = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

interface Timers {
  setTimeout: (
    ms: number,
    value?: unknown,
    options?: { signal?: AbortSignal; ref?: boolean },
  ) => Promise<unknown>;
}

/** From now on what waits within a run waits by the time of its scheduler. */
export function virtualTime(): void {
  const timers = createRequire(import.meta.url)('node:timers/promises') as Timers;
  const real = timers.setTimeout;
  timers.setTimeout = (ms, value, options = {}) => {
    const own = running.getStore();
    if (own === undefined) return real(ms, value, options);
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted === true) return reject(options.signal.reason);
      const cancel = own.scheduler.sleep(own.replica, ms, options.ref === false, () => resolve(value));
      options.signal?.addEventListener('abort', () => {
        cancel();
        reject(options.signal?.reason);
      });
    });
  };
  syncBuiltinESMExports();
}
