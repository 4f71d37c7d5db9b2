import type { Template } from '../../database/throwaway/template.js';
import { counted } from '../../errors/words.js';
import { type ChaosDice, diceOf } from './dice.js';
import type { Findings } from './findings.js';
import type { ChaosKind, ChaosSettings } from './options.js';
import { Oracle } from './oracle.js';
import type { ChaosJob, ReplicaOutcome, ReplicaRun, Replicas } from './replicas.js';
import { APART, ONCE } from './witness.js';

/** What all cases share. */
export interface Arena {
  readonly settings: ChaosSettings;
  readonly replicas: Replicas;
  /** A database with nothing but the objects of the witness. */
  readonly empty: Template;
  /** Revisions that have a witness, in the order of the graph. */
  readonly expected: readonly string[];
  /** An undisturbed run: how long its steps take, and what passes on its connection. */
  readonly calm: { readonly ms: number; readonly up: number; readonly down: number };
}

/** A database under fire. */
export interface Trial {
  readonly url: string;
  readonly oracle: Oracle;
  readonly dice: ChaosDice;
  /** A moment of an undisturbed run, in ms from its first step on. */
  readonly moment: number;
  /** Starts a run in a process of its own; what it says of success is looked at as soon as it says so. */
  run(job?: Partial<ChaosJob>): Promise<ReplicaRun>;
}

/**
 * One case: a database of its own, what is done to runs there, then the next run, which has to bring it to the end, and what the
 * oracle says of it.
 * @param act @returns whether the fault came before the runs were over; null: there was to be none, and no run may fail
 */
export async function tryOut(
  arena: Arena,
  findings: Findings,
  { kind, number, job = {} }: { kind: ChaosKind; number: number; job?: Partial<ChaosJob> },
  act: (trial: Trial) => Promise<boolean | null>,
): Promise<void> {
  const { settings, empty } = arena;
  const database = await empty.copy();
  const url = String(database.database);
  const dice = diceOf(settings.seed, kind, number);
  const oracle = new Oracle(url, arena.expected);
  const outcomes: Promise<ReplicaOutcome>[] = [];
  const about = `${kind} ${number}`;
  const run = async (more: Partial<ChaosJob> = {}): Promise<ReplicaRun> => {
    const started = await arena.replicas.run({ ...jobOf(settings, url), ...job, ...more });
    const outcome = started.outcome.then(async (said) => {
      await believe(said, oracle, findings, about);
      return said;
    });
    outcomes.push(outcome);
    return { ...started, outcome };
  };
  try {
    const hit = await act({ url, oracle, dice, run, moment: dice() * arena.calm.ms });
    if (hit === true) findings.hit();
    const said = await Promise.all(outcomes);
    for (const one of said)
      if (one.type === 'hung') findings.found('failed', about, 'a run did not come to its end');
      else if (hit === null && one.type !== 'succeeded')
        findings.found('failed', about, `nothing was done to a run, and it ${wordsOf(one)}`);
    await free(oracle, settings, findings, about);
    const [only] = said;
    if (said.length === 1 && only !== undefined) await believeFailure(only, oracle, findings, about);
    const healed = await (await arena.replicas.run({ ...jobOf(settings, url), ...job, killAfter: 0 }))
      .outcome;
    if (healed.type !== 'succeeded') findings.found('failed', about, `the next run ${wordsOf(healed)}`);
    const interrupted =
      hit === null ? 0 : [...said, healed].filter(({ type }) => type !== 'succeeded').length;
    // A server that is killed forgets where a sequence was, and goes on further up.
    await close(oracle, findings, about, kind === 'crash' ? Number.POSITIVE_INFINITY : interrupted);
    await free(oracle, settings, findings, about);
  } finally {
    await database.drop();
  }
}

export function jobOf(settings: ChaosSettings, database: string): ChaosJob {
  const { revisions, call, lock, stepMs } = settings;
  return { database, revisions, call, lock, stepMs, silenceTimeoutMs: 2_000, killAfter: 0 };
}

/** What a run says of itself, held against what is there at that moment. */
async function believe(
  said: ReplicaOutcome,
  oracle: Oracle,
  findings: Findings,
  about: string,
): Promise<void> {
  if (said.type === 'succeeded') {
    const { missing } = await oracle.judge();
    findings.found(
      'falseSuccess',
      about,
      `a run succeeded without ${missing.join(', ')}`,
      missing.length > 0 ? 1 : 0,
    );
  }
  if (said.type === 'failed' && (said.constraint === ONCE || said.constraint === APART))
    findings.found('twice', about, said.message);
}

/** Where no other run can have done it since. */
async function believeFailure(
  said: ReplicaOutcome,
  oracle: Oracle,
  findings: Findings,
  about: string,
): Promise<void> {
  if (said.type !== 'failed' || said.nothing === null) return;
  const { there } = await oracle.judge();
  const isFalse = there.has(said.nothing);
  findings.found(
    'falseSuccess',
    about,
    `nothing remains of ${said.nothing}, but it is there`,
    isFalse ? 1 : 0,
  );
}

async function free(
  oracle: Oracle,
  settings: ChaosSettings,
  findings: Findings,
  about: string,
): Promise<void> {
  const { ms, left } = await oracle.untilFree(settings.lockPatienceMs);
  findings.lockFreeAfter(ms);
  findings.found('locksLeft', about, `${left} locks are left`, left);
}

/** @param interrupted runs, each of which may have left one attempt without a row: every other one was one too many */
async function close(oracle: Oracle, findings: Findings, about: string, interrupted: number): Promise<void> {
  const { missing, there, attempts } = await oracle.judge();
  findings.found('lost', about, `there is no ${missing.join(', ')}`, missing.length);
  const tooMany = Math.max(0, attempts - there.size - interrupted);
  findings.found(
    'twice',
    about,
    `${counted(attempts, 'attempt')} for ${counted(there.size, 'revision')}; ${counted(interrupted, 'run was', 'runs were')} interrupted`,
    tooMany,
  );
}

export const wordsOf = (outcome: ReplicaOutcome): string =>
  outcome.type === 'failed' ? `failed: ${outcome.message}` : outcome.type;
