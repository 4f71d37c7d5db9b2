import { RevgraphError } from '../../errors/error.js';

/**
 * What is done to processes that upgrade. `race`: nothing but many of them at once · `boundary`: SIGKILL after each step ·
 * `kill`: SIGKILL at a random moment · `terminate`: `pg_terminate_backend` · `cut`: the connection is reset at a random byte ·
 * `silence`: from a random byte on nothing passes, and nobody is told · `stop`: SIGSTOP, and SIGCONT while others wait · `crash`: the
 * server is killed · `pooler`: many at once behind PgBouncer, in each lock mode
 */
export type ChaosKind = keyof typeof COUNTS;

/** How many cases of each kind there are by default; `boundary`: at most. */
const COUNTS = {
  race: 3,
  boundary: 1_000,
  kill: 10,
  terminate: 10,
  cut: 10,
  silence: 4,
  stop: 4,
  crash: 3,
  pooler: 2,
} as const;

export const CHAOS_KINDS = Object.keys(COUNTS) as readonly ChaosKind[];

export interface ChaosOptions {
  /** A folder: every process reads it for itself. */
  readonly revisions: string;
  /** URL of a server for tests. The role creates databases there, and drops them; it needs CREATEDB. */
  readonly server: string;
  /** Default: all of them. */
  readonly kinds?: readonly ChaosKind[] | undefined;
  /** Rounds of `race` and `pooler`, faults of the others. Defaults: 3 rounds (`pooler` 2), 10 faults, 4 of those that take seconds. */
  readonly counts?: Partial<Readonly<Record<ChaosKind, number>>> | undefined;
  /** How many processes start at once, in `race`. Default 8. */
  readonly processes?: number | undefined;
  /** The same behind PgBouncer. Default: as `processes`. */
  readonly pooledProcesses?: number | undefined;
  /** What the processes call. Default `upgrade`. */
  readonly call?: 'upgrade' | 'boot' | undefined;
  /** The lock of the runs, but for `pooler`, which takes each. Default `advisory`. */
  readonly lock?: 'advisory' | 'transaction' | 'row' | 'off' | undefined;
  /** The same number makes the same choices. Default: a new one, which the report has. */
  readonly seed?: number | undefined;
  /** Kills the server, and returns when it is up again. Without it `crash` is skipped. */
  readonly crash?: (() => Promise<void>) | undefined;
  /** How long each step sleeps inside a statement of its own, so that faults hit it there. Default 5. */
  readonly stepMs?: number | undefined;
  /** How long a lock may outlive its process. Default 60,000. */
  readonly lockPatienceMs?: number | undefined;
  /** Told of every row as it is finished. */
  readonly onRow?: ((row: ChaosRow) => void) | undefined;
}

/** One kind, and what the oracle found. */
export interface ChaosRow {
  readonly kind: ChaosKind;
  /** With which lock, behind which pool; '' where there is nothing to tell. */
  readonly what: string;
  readonly cases: number;
  /** Processes at once. */
  readonly processes: number;
  /** Cases in which the fault came before the run was over. */
  readonly hits: number;
  /** Revisions that were begun again though they had run, or while another run was in one. */
  readonly twice: number;
  /** Revisions that did not run though a run ended well. */
  readonly lost: number;
  /** Locks that nobody gave back in time. */
  readonly locksLeft: number;
  /** Runs that said that all was well when it was not, or that nothing remains of a revision that is there. */
  readonly falseSuccess: number;
  /** Runs that failed though nothing was done to them, or did not end; and databases that the next run did not bring to the end. */
  readonly failed: number;
  /** How long the slowest lock took to be free. */
  readonly slowestLockMs: number;
  readonly ms: number;
  /** Why nothing was done; null where something was. */
  readonly skipped: string | null;
  /** What was found, in words. */
  readonly problems: readonly string[];
}

export interface ChaosReport {
  readonly ok: boolean;
  readonly seed: number;
  readonly rows: readonly ChaosRow[];
  /** The rows as a table, the seed, and the problems. */
  readonly text: string;
}

type Given = Omit<ChaosOptions, 'crash' | 'onRow' | 'counts'>;

/** Options with their defaults. */
export interface ChaosSettings extends Readonly<{ [K in keyof Given]-?: Exclude<Given[K], undefined> }> {
  readonly counts: Readonly<Record<ChaosKind, number>>;
  readonly crash: (() => Promise<void>) | null;
}

/** @throws `usage` for a kind that there is not */
export function chaosSettings(options: ChaosOptions): ChaosSettings {
  const {
    kinds = CHAOS_KINDS,
    counts = {},
    processes = 8,
    seed = Math.floor(Math.random() * 2 ** 31),
  } = options;
  const unknown = [...kinds, ...Object.keys(counts)].find((kind) => !(kind in COUNTS));
  if (unknown !== undefined)
    throw new RevgraphError('usage', {
      message: `There is no kind of chaos ${JSON.stringify(unknown)}.`,
      hint: `There are ${CHAOS_KINDS.join(', ')}.`,
    });
  return {
    revisions: options.revisions,
    server: options.server,
    kinds,
    counts: { ...COUNTS, ...counts },
    processes,
    pooledProcesses: options.pooledProcesses ?? processes,
    call: options.call ?? 'upgrade',
    lock: options.lock ?? 'advisory',
    seed,
    crash: options.crash ?? null,
    stepMs: options.stepMs ?? 5,
    lockPatienceMs: options.lockPatienceMs ?? 60_000,
  };
}
