import { applyPlan } from '../../apply/apply.js';
import { readFactRows } from '../../database/catalog/introspect.js';
import type { DatabaseSource, Session } from '../../database/connection/session.js';
import type { ThrowAway } from '../../database/throwaway/template.js';
import { isRevgraphError, RevgraphError } from '../../errors/error.js';
import type { ReplayPlace } from '../../errors/replay-place.js';
import { difference, type Snapshot, toSnapshot } from '../../fingerprint/fact.js';
import { FactsByName } from '../../fingerprint/remade.js';
import type { Plan } from '../../plan/plan.js';
import type { Project } from '../../project/project.js';
import type { Revision } from '../../revision/revision.js';
import { rowsAfter } from '../../run/entry.js';
import type { StepOptions } from '../../run/options.js';
import { effectsOfRevision, madeByRevision, unseenOf } from '../rewrites.js';
import type { KeptReplays, ReplayState } from './kept-replays.js';
import { MadeNames } from './made-names.js';
import { factsBehind, type Replayed, type ReplayedStep, toReplayed } from './replayed.js';

/** How a plan is replayed. */
export interface ReplayOptions extends Pick<StepOptions, 'onEvent' | 'logger' | 'signal'> {
  readonly order: ReplayPlace['order'];
  /** An empty database to replay on. Default: one of `on`, which is dropped. */
  readonly database?: DatabaseSource | undefined;
  /** URL of a server to make a database on. Default: PGlite in memory. */
  readonly on?: string | undefined;
  /** Where replays are kept; null: nowhere. */
  readonly kept: KeptReplays | null;
  /** A replay that takes less time than this is not worth being kept, in ms. One that failed is kept all the same. */
  readonly keepFromMs: number;
}

/** Between two dumps of a replay that goes on: each takes some 0.4 s. */
const DUMP_EVERY_MS = 4000;
/** What a dump near the end has to save. */
const WORTH_MS = 800;

/** Of this process, in ms: what an embedded database costs, however busy the machine is. */
function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A database that was kept is not what was noted of it. */
export class NotAsKept extends Error {}

/** One replay, from where it begins. */
export class Replay {
  readonly #project: Project;
  readonly #plan: Plan;
  readonly #keys: readonly string[];
  readonly #options: ReplayOptions;
  readonly #extensions: readonly string[];
  readonly #from: number;
  readonly #steps: ReplayedStep[];
  readonly #byName = new FactsByName();
  readonly #names = new MadeNames();
  #database: ThrowAway | null = null;
  #before: Snapshot;
  #ms: number;
  #stepAt = 0;
  #sinceDump = 0;
  #keptAt: number;

  constructor(
    project: Project,
    plan: Plan,
    { steps, extensions, ms }: ReplayState,
    keys: readonly string[],
    options: ReplayOptions,
  ) {
    this.#project = project;
    this.#plan = plan;
    this.#keys = keys;
    this.#options = options;
    this.#extensions = extensions;
    this.#from = steps.length;
    this.#keptAt = steps.length;
    this.#steps = [...steps];
    this.#before = factsBehind(steps);
    this.#ms = ms;
    for (const step of steps) this.#byName.apply(step);
  }

  /** @param kept the same database, where it can be dumped */
  async run(database: DatabaseSource, kept: ThrowAway | null): Promise<Replayed> {
    this.#database = kept;
    const { onEvent, logger, signal } = this.#options;
    // What a preflight would find is found by the step itself, which tells its place in the replay.
    const quiet = { verify: false, preflight: 'off' } as const;
    const run = { ...quiet, revisions: this.#project, database, onEvent, logger, signal };
    const plan = restOf(this.#plan, this.#from);
    for (const { revision } of this.#plan.steps.slice(0, this.#from))
      await this.#names.note(this.#project.revisions.get(revision) as Revision);
    try {
      await applyPlan(run, { direction: plan.direction, plan: () => plan }, 'revgraph catalogue build', {
        look: async ({ session, table }) => {
          if (this.#from === 0 && kept !== null && !table.exists) {
            // It was made for this a moment ago: nobody has to look whether it is empty.
            this.#stepAt = spent();
            return;
          }
          const facts = toSnapshot(await readFactRows(session));
          const { missing, unexpected } = difference(this.#before, facts);
          if (this.#from > 0 && missing.length + unexpected.length > 0) throw new NotAsKept();
          if (this.#from === 0 && (table.exists || facts.size > 0))
            throw new RevgraphError('database_not_empty', {});
          this.#stepAt = spent();
        },
        watch: (revision, session) => this.#note(revision, session),
      });
    } catch (error) {
      throw await this.#placed(error);
    }
    return toReplayed(this.#steps, this.#from);
  }

  async #note(revision: string, session: Session): Promise<void> {
    const after = toSnapshot(await readFactRows(session));
    const { missing: removes, unexpected: adds } = difference(this.#before, after);
    this.#before = after;
    this.#byName.apply({ adds, removes });
    const file = this.#project.revisions.get(revision) as Revision;
    this.#steps.push({
      revision,
      adds,
      removes,
      remakes: this.#byName.madeAgain(await madeByRevision(file), { adds, removes }),
      dated: await this.#names.of(file, { adds, removes }, new Date()),
      unseen: unseenOf(await effectsOfRevision(file)),
    });
    const ms = spent() - this.#stepAt;
    this.#ms += ms;
    this.#sinceDump += ms;
    if (this.#ms >= this.#options.keepFromMs) await this.#keepWhereDue();
    this.#stepAt = spent();
  }

  /** The last revision is the one that is edited most, and others come behind it: the place before it is good for both. */
  async #keepWhereDue(): Promise<void> {
    const left = this.#plan.steps.length - this.#steps.length;
    if (this.#sinceDump >= (left < 2 ? WORTH_MS : DUMP_EVERY_MS)) await this.#keep(true);
    else if (left === 0) await this.#keep(false);
  }

  /** @param goesOn with the database */
  async #keep(goesOn: boolean): Promise<void> {
    const { kept } = this.#options;
    const { dump } = this.#database ?? {};
    const key = this.#keys[this.#steps.length];
    if (kept === null || dump === undefined || key === undefined || this.#keptAt === this.#steps.length)
      return;
    const state = { steps: this.#steps, extensions: this.#extensions, ms: this.#ms };
    if (!(await kept.keep(key, state, goesOn ? dump : null))) return;
    this.#keptAt = this.#steps.length;
    this.#sinceDump = 0;
  }

  /** An error that tells where in the replay it came; what ran before it is kept. */
  async #placed(error: unknown): Promise<unknown> {
    const isStep = isRevgraphError(error, 'step_failed');
    const failed = isStep
      ? error.details.failed
      : isRevgraphError(error, 'requirement_unmet') || isRevgraphError(error, 'check_failed')
        ? error.details.revision
        : null;
    if (failed === null || !isRevgraphError(error)) return error;
    const { order, on, database } = this.#options;
    // A part of it may be there otherwise.
    if (!isStep || error.details.remains === 'nothing') await this.#keep(true);
    const replayed = this.#plan.steps.map(({ revision }) => revision);
    const place: ReplayPlace = {
      revision: failed,
      order,
      after: replayed.slice(0, replayed.indexOf(failed)),
      total: replayed.length,
      kept: this.#keptAt,
      embedded: on === undefined && database === undefined,
    };
    return new RevgraphError(
      error.code as 'step_failed',
      { ...(error.details as RevgraphError<'step_failed'>['details']), replay: place },
      { cause: error.cause },
    );
  }
}

/** What is left of a plan behind its first steps. */
function restOf(plan: Plan, done: number): Plan {
  const from = plan.steps.slice(0, done).reduce((rows, step) => rowsAfter(rows, { step }), [...plan.from]);
  return { ...plan, from, steps: plan.steps.slice(done) };
}
