import type { LastEntry } from '../database/ledger.js';
import type { Server } from '../database/server.js';
import type { Session } from '../database/session.js';
import type { VersionTable } from '../database/version-table.js';
import type { Direction, Plan } from '../plan/plan.js';
import type { Batching } from './batching.js';
import type { Event } from './events.js';
import type { StepOptions } from './options.js';
import type { recordDone } from './record.js';

/** What all steps of one run share. */
export interface Run {
  readonly id: string;
  readonly session: Session;
  readonly server: Server;
  readonly table: VersionTable;
  readonly plan: Plan;
  readonly options: StepOptions;
  /** Key of the advisory lock that must still be held at every step; null where another kind of lock, or none, is used. */
  readonly lockKey: string | null;
  /** Parents (revises ∪ depends on) of a revision, for the ledger. */
  readonly parentsOf: (revision: string) => readonly string[];
  /** Everything that a revision stands on. */
  readonly ancestorsOf: (revision: string) => readonly string[];
  /** Everything that stands on a revision. */
  readonly descendantsOf: (revision: string) => readonly string[];
  /** Command that goes on after a failure. */
  readonly next: string;
  readonly actor: string;
  readonly host: string;
  readonly libraryVersion: string;
  /** Newest ledger entry per revision, as it was when the run began. */
  readonly last: ReadonlyMap<string, LastEntry>;
  readonly emit: (event: Event) => void;

  /** How batches are worked on. */
  readonly batching?: Batching | undefined;
  /** Records a step that worked, in its transaction. Default: moves the rows and writes the ledger. */
  readonly record?: typeof recordDone | undefined;
  /** The backup that stood by, for the ledger; undefined where none is asked for. */
  backup?: object | undefined;
  /** Called after every step, when it is committed. */
  readonly afterStep?: ((revision: string) => Promise<void>) | undefined;
  /** The rows as they are now; every finished step moves them. */
  rows: readonly string[];
  /** Steps that are finished. */
  readonly results: StepResult[];
  /** Our tables, made with the first write. */
  tables: { version: boolean; ledger: boolean };
}

/** One step that was run. The same type for a dry run, where `ms` is null. */
export interface StepResult {
  readonly revision: string;
  readonly direction: 'upgrade' | 'downgrade';
  readonly ms: number | null;
}

/** The steps of a plan as a dry run or a script reports them. */
export function notRun({ steps }: Plan): { revision: string; direction: Direction; ms: null }[] {
  return steps.map(({ revision, direction }) => ({ revision, direction, ms: null }));
}
