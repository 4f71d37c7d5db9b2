import { defineRevision, isRevgraphError, loadProject, type Project, upgrade } from '../../../lib/index.js';
import { type ChaosDice, diceOf } from '../../../lib/testing/chaos/dice.js';
import { type Fault, type Say, Scheduler } from './scheduler.js';
import { say } from './statements.js';
import { type ModelSession, World } from './world.js';

const IDS = ['a', 'b', 'c'];

/** Where a history takes place. */
export interface Place {
  readonly locks: readonly ('advisory' | 'row' | 'transaction')[];
  readonly faults: readonly Fault['how'][];
  /** How long a statement waits for what another session has written. */
  readonly patienceMs: number;
  begin(): Promise<void>;
  readonly say: Say;
  /** Brings what is committed to the model, where it is judged. */
  settle(world: World): Promise<void>;
}

/** The model alone. */
const MODEL: Place = {
  locks: ['advisory', 'advisory', 'row', 'transaction'],
  faults: ['question', 'answer', 'ended', 'stopped', 'unlocked', 'outsider'],
  // As every step asks for.
  patienceMs: 5_000,
  begin: async () => {},
  say,
  settle: async () => {},
};

let loaded: Promise<Project> | null = null;

/** Each revision does its work by one statement, and has a check that it is done. */
function project(): Promise<Project> {
  loaded ??= loadProject(
    IDS.map((id, i) =>
      defineRevision({
        revision: id,
        revises: IDS.slice(i - 1, i).filter(() => i > 0),
        upgrade: `INSERT INTO work VALUES ('${id}')`,
        verify: { title: 'its work is done', sql: `SELECT count(*) = 1 FROM work WHERE revision = '${id}'` },
      }),
    ),
  );
  return loaded;
}

export interface History {
  readonly seed: number;
  readonly lock: Place['locks'][number];
  readonly faults: readonly Fault[];
  readonly violations: readonly string[];
  /** How many messages were heard. */
  readonly said: number;
  /** All of them, in their order: the same for the same seed. */
  readonly digest: string;
}

type Run = { readonly ok: true } | { readonly ok: false; readonly error: unknown };

/** One history: some replicas that start at once, what happens to them, and one more run that brings all to its end. */
export async function history(seed: number, place: Place = MODEL): Promise<History> {
  await place.begin();
  const dice = diceOf(seed, 'history');
  const lock = place.locks[Math.floor(dice() * place.locks.length)] as History['lock'];
  const replicas = Array.from({ length: 1 + Math.floor(dice() * 3) }, (_, i) => i);
  const faults = faultsOf(dice, replicas.length, place.faults);
  const world = new World();
  const swallows = dice();
  if (swallows < 0.03) world.swallowed.ledger = true;
  else if (swallows < 0.06) world.swallowed.work = IDS[Math.floor(dice() * IDS.length)] ?? null;
  const scheduler = new Scheduler(world, dice, {
    faults,
    say: place.say.bind(place),
    patienceMs: place.patienceMs,
    guarded: lock !== 'advisory',
  });
  const { violations } = scheduler;
  const revisions = await project();
  const run = async (replica: number): Promise<Run> => {
    const client = new (clientOf(scheduler, replica))();
    try {
      await upgrade({ database: client, revisions, lock, preflight: 'off' });
      await place.settle(world);
      violations.push(...falseSuccess(world, scheduler, replica));
      return { ok: true };
    } catch (error) {
      return { ok: false, error };
    }
  };
  const ends = await scheduler.run(replicas, run);
  await place.settle(world);
  const swallowed = world.swallowed.ledger || world.swallowed.work !== null;
  for (const [replica, end] of ends.entries())
    if (!end.ok && !swallowed && !wasHit(scheduler, replica))
      violations.push(`nothing was done to replica ${replica}, and it failed: ${oneLine(end.error)}`);
  for (const end of ends)
    if (!end.ok && !isRevgraphError(end.error)) violations.push(`an error of nobody: ${oneLine(end.error)}`);
  if (swallowed) violations.push(...falselyApplied(world));
  else violations.push(...(await healed(world, scheduler, replicas.length, run)));
  return { seed, lock, faults, violations, ...scheduler.heard() };
}

const oneLine = (error: unknown): string => String(error).split('\n')[0] ?? '';

/** Somebody who takes locks away, or changes the rows, does it to all. */
const wasHit = ({ hit }: Scheduler, replica: number): boolean =>
  [...hit].some((fault) => fault.replica === replica || fault.how === 'unlocked' || fault.how === 'outsider');

function faultsOf(dice: ChaosDice, replicas: number, hows: Place['faults']): Fault[] {
  const count = Math.floor(dice() * 3);
  return Array.from({ length: count }, () => ({
    replica: Math.floor(dice() * replicas),
    at: Math.floor(dice() * 45),
    how: hows[Math.floor(dice() * hows.length)] as Fault['how'],
    ms: Math.floor(dice() * 40_000),
  }));
}

/** Who says that all is well has to be right: each work done once, its row there, and written down. */
function falseSuccess({ store }: World, { hit }: Scheduler, replica: number): string[] {
  const wrong: string[] = [];
  for (const id of IDS) {
    const times = store.witness.filter((one) => one === id).length;
    if (times !== 1) wrong.push(`replica ${replica} succeeded, and ${id} ran ${times} times`);
    if (!store.ledger.some(({ revision, outcome }) => revision === id && outcome === 'done'))
      wrong.push(`replica ${replica} succeeded, and nothing is written down of ${id}`);
  }
  if ([...store.rows].join() !== 'c')
    wrong.push(`replica ${replica} succeeded, and the row is ${[...store.rows]}`);
  const unlocked = [...hit].some((fault) => fault.how === 'unlocked' && fault.replica === replica);
  return unlocked
    ? [...wrong, `replica ${replica} succeeded, and did not notice that its lock was gone`]
    : wrong;
}

/** A step of which something is swallowed must not stand. */
function falselyApplied({ store, swallowed }: World): string[] {
  const [row] = store.rows;
  const applied = row === undefined || row === 'outsider' ? [] : IDS.slice(0, IDS.indexOf(row) + 1);
  if (swallowed.ledger && applied.length > 0) return [`${row} stands, and nothing is written down`];
  const isFalse = swallowed.work !== null && applied.includes(swallowed.work);
  return isFalse ? [`${row} stands, and ${swallowed.work} did not do its work`] : [];
}

async function healed(
  world: World,
  scheduler: Scheduler,
  replica: number,
  run: (replica: number) => Promise<Run>,
): Promise<string[]> {
  const wrong: string[] = [];
  // What an outsider has put there is for people to judge.
  if ([...scheduler.hit].some(({ how }) => how === 'outsider')) return wrong;
  // A lease of somebody who was killed has to expire first: the run waits for it.
  const [end] = await scheduler.run([replica], run);
  if (end?.ok !== true) wrong.push(`the next run failed: ${oneLine(end?.error)}`);
  if (world.locksLeft() > 0) wrong.push(`${world.locksLeft()} locks are left`);
  return wrong;
}

/** A client as `pg` has them, so that the library can open another one like it. */
function clientOf(scheduler: Scheduler, replica: number): new () => ModelClient {
  return class extends ModelClient {
    constructor() {
      super(scheduler, replica);
    }
  };
}

class ModelClient {
  readonly host = 'model';
  readonly connectionParameters = {};
  _connected = false;
  readonly _connecting = false;
  readonly #scheduler: Scheduler;
  readonly #session: ModelSession;

  constructor(scheduler: Scheduler, replica: number) {
    this.#scheduler = scheduler;
    this.#session = scheduler.world.open(replica);
  }

  async connect(): Promise<void> {
    this._connected = true;
  }

  async end(): Promise<void> {
    this.#scheduler.world.close(this.#session);
  }

  query(text: string, values: unknown[] = []): Promise<never> {
    return this.#scheduler.ask(this.#session, text, values) as Promise<never>;
  }
}
