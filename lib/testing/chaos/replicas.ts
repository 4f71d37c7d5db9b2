import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What a process is to run. */
export interface ChaosJob {
  readonly database: string;
  readonly revisions: string;
  readonly call: 'upgrade' | 'boot';
  readonly lock: 'advisory' | 'transaction' | 'row' | 'off';
  readonly silenceTimeoutMs: number;
  readonly stepMs: number;
  /** The step after which it kills itself; 0: none. */
  readonly killAfter: number;
}

/** What a process tells; `nothing`: the revision of which it says that nothing remains. */
export type ReplicaSays =
  | { readonly type: 'ready' | 'planned' }
  | { readonly type: 'succeeded'; readonly ran: readonly string[] }
  | {
      readonly type: 'failed';
      readonly code: string;
      readonly message: string;
      readonly constraint: string | null;
      readonly nothing: string | null;
    };

/** What came of a run; `died`: it was killed; `hung`: it did not come to an end. */
export type ReplicaOutcome =
  | Exclude<ReplicaSays, { type: 'ready' | 'planned' }>
  | { readonly type: 'died' | 'hung' };

/** A run in a process of its own. */
export interface ReplicaRun {
  /** Sends it a signal while it runs: the process of a run that is over may be at another one. @returns whether it did */
  signal(name: 'SIGKILL' | 'SIGSTOP'): boolean;
  /** Lets it go on, whatever it is at. */
  goOn(): void;
  /** It has a plan and begins with its steps; or it has ended without. */
  readonly planned: Promise<void>;
  readonly outcome: Promise<ReplicaOutcome>;
}

const HUNG_MS = 180_000;

/** Processes that live on from one run to the next: to start one takes longer than what it is to do. */
export class Replicas {
  readonly #program = programOf();
  #idle: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();

  /** So many of them are there, and wait. */
  async warm(count: number): Promise<void> {
    while (this.#idle.length < count) this.#idle.push(await this.#start());
  }

  async run(job: ChaosJob): Promise<ReplicaRun> {
    const child = this.#idle.pop() ?? (await this.#start());
    let begins = (): void => {};
    const planned = new Promise<void>((resolve) => {
      begins = resolve;
    });
    const outcome = new Promise<ReplicaOutcome>((resolve) => {
      const end = (what: ReplicaOutcome): void => {
        clearTimeout(late);
        child.removeAllListeners();
        if (what.type === 'succeeded' || what.type === 'failed') this.#idle.push(child);
        else this.#end(child);
        begins();
        resolve(what);
      };
      const late = setTimeout(() => end({ type: 'hung' }), HUNG_MS);
      child.on('message', (said: ReplicaSays) => {
        if (said.type === 'succeeded' || said.type === 'failed') end(said);
        else begins();
      });
      child.on('exit', () => end({ type: 'died' }));
    });
    child.send(job);
    let over = false;
    void outcome.then(() => {
      over = true;
    });
    return {
      signal: (name) => !over && child.kill(name),
      goOn: () => void child.kill('SIGCONT'),
      planned,
      outcome,
    };
  }

  close(): void {
    for (const child of this.#all) this.#end(child);
  }

  #end(child: ChildProcess): void {
    this.#all.delete(child);
    child.kill('SIGKILL');
  }

  async #start(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [this.#program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#all.add(child);
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`a process ended before it began, with ${code}`)));
    });
    child.removeAllListeners();
    return child;
  }
}

/** It is shipped beside this module, wherever that was joined into. */
function programOf(): string {
  const root = dirname(createRequire(import.meta.url).resolve('revgraph/package.json'));
  return join(root, 'dist/lib/testing/chaos/replica.js');
}
