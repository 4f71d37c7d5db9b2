import type { RunLock } from '../database/connection/lock.js';
import type { Server } from '../database/connection/server.js';
import type { Sent, Session } from '../database/connection/session.js';
import type { LastEntry } from '../database/tables/last-entries.js';
import type { Begun } from '../database/tables/record.js';
import { presentRows, type VersionTable } from '../database/tables/version-table.js';
import type { Direction, Plan } from '../plan/plan.js';
import type { BatchDefinition, BatchResult, BatchSection, UndoResult } from '../revision/batches.js';
import type { EventBody } from './events.js';
import type { StepOptions } from './options.js';
import type { PreparedStep } from './prepare.js';

/** What all steps of one run share; frozen but for its progress. */
export interface Run {
  readonly id: string;
  readonly session: Session;
  readonly server: Server;
  readonly table: VersionTable;
  readonly plan: Plan;
  readonly options: StepOptions;
  /** The lock that must still be held at every step; null where none is needed. */
  readonly lockKey: RunLock | null;
  /** Parents (revises ∪ depends on) of a revision, for the ledger. */
  readonly parentsOf: (revision: string) => readonly string[];
  /** What revisions were called before: id → ids, of those that had other names. */
  readonly namesOf: (revisions: readonly string[]) => Readonly<Record<string, readonly string[]>>;
  /** Whether a revision took the place of several others. */
  readonly isSquash: (revision: string) => boolean;
  /** What an entry that counts revisions as applied tells of them, for code that lacks their files. */
  readonly toldOf: (covers: readonly string[]) => Readonly<Record<string, unknown>>;
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
  /** What was applied before the ledger has a word of it, to be written down with the first write; null: nothing. */
  readonly adopts: readonly string[] | null;
  /** Steps outside a transaction that an earlier run began and did not end, in the names of today. */
  readonly begun: readonly Begun[];
  readonly emit: (event: EventBody) => void;

  /** How batches are worked on. */
  readonly batching?: Batching | undefined;
  /** Records a step that worked, in its transaction. Default: moves the rows and writes the ledger. */
  readonly record?: RecordStep | undefined;
  /** Called after every step, when it is committed. */
  readonly afterStep?: ((revision: string) => Promise<void>) | undefined;
  /** Looks at every step from inside its transaction. */
  readonly proof?: StepProof | undefined;
  /** While the code of a step has asked nothing yet: begins its transaction anew, with `action` before any question of ours. */
  readonly startAnew?: (<T>(action: () => Promise<T>) => Promise<T>) | undefined;
  /** All that changes while the steps run. */
  readonly progress: Progress;
}

/** Two looks at the work of a step, from inside its transaction. What either throws rolls it back. */
export interface StepProof {
  /** The only step that is looked at; the others run as if there was no proof. Default: all of them. */
  readonly only?: string | undefined;
  /** Before it begins: not asked of a step that runs outside a transaction. */
  readonly begin: (session: Session) => Promise<void>;
  /** When it is done, and nothing of ours is written yet. @returns what the ledger keeps of it */
  readonly end: (revision: string, session: Session) => Promise<Record<string, unknown> | null>;
  /** When the run is over, and all of it is committed. */
  readonly after?: (() => Promise<void>) | undefined;
}

/** The proof that looks at a step, if any. */
export function proofOf(
  { proof }: Pick<Run, 'proof'>,
  { step }: Pick<PreparedStep, 'step'>,
): StepProof | undefined {
  return proof?.only === undefined || proof.only === step.revision ? proof : undefined;
}

/** The last look at a step: what the ledger keeps of it, with what was found. */
export async function provenStatistics(
  run: Pick<Run, 'proof' | 'session'>,
  prepared: Pick<PreparedStep, 'step'>,
  statistics: Record<string, unknown> | null,
): Promise<Record<string, unknown> | null> {
  const proved = await proofOf(run, prepared)?.end(prepared.step.revision, run.session);
  return proved == null ? statistics : { ...statistics, ...proved };
}

/** How far a run is. */
export interface Progress {
  /** The rows as they are now; every finished step moves them. */
  rows: readonly string[];
  /** Steps that are finished. */
  readonly results: StepResult[];
  /** Our tables, made with the first write. */
  tables: {
    readonly version: boolean;
    readonly ledger: boolean;
    readonly ledgerIndex: boolean;
    /** {@link Run.adopts} is written down. */
    readonly adopted: boolean;
    /** Rows that were absent are written. */
    readonly rows: boolean;
  };
  /** The message of the next step, where it went with the COMMIT of the one before. */
  ahead: Ahead | null;
  /** A step that has begun may have made an event trigger. */
  listened: boolean;
  /** The settings of a step stand for the session: steps behind that change none need not bring theirs. */
  stands: boolean;
  /** The backup that stood by, for the ledger; undefined where none is asked for. */
  backup: object | undefined;
}

/** All of our tables are there, and what was before them is written down. */
export const MADE: Progress['tables'] = {
  version: true,
  ledger: true,
  ledgerIndex: true,
  adopted: true,
  rows: true,
};

/** Of the rows, those that stand in the table by now. */
export function rowsThere({
  table,
  progress: { rows, tables },
}: {
  readonly table: VersionTable;
  readonly progress: Pick<Progress, 'rows'> & { readonly tables: Pick<Progress['tables'], 'rows'> };
}): readonly string[] {
  return tables.rows ? rows : presentRows(table, rows);
}

/** A message that is on its way before its step has begun here. */
export interface Ahead {
  readonly prepared: PreparedStep;
  readonly message: StepMessage;
  readonly sent: Promise<Sent>;
}

/** A whole step, but for its COMMIT, as statements. */
export interface StepMessage {
  readonly texts: readonly string[];
  /** Whether the settings of a step stand for the session when it is committed. */
  readonly stands: boolean;
  /** Where in it are: the first statement of the revision, the last question of the reset (null where nothing is reset), and the rows as read back. */
  readonly places: {
    readonly own: number;
    readonly leftovers: number | null;
    readonly readBack: number | null;
  };
}

/** Writes down that a step is done, in the transaction that is open. @returns ms */
export type RecordStep = (
  run: Run,
  prepared: PreparedStep,
  startedAt: Date,
  statistics: Record<string, unknown> | null,
) => Promise<number>;

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

/** What batches need of a run. */
export type Batched = Pick<Run, 'session' | 'server' | 'options' | 'lockKey' | 'emit' | 'table'>;

/** How a run works on batches: given to it from above, for the room that knows how stands above this one. */
export interface Batching {
  /** A backfill of a step: what `batches()` was given, or a `@batch` section. */
  run(run: Batched, prepared: PreparedStep, what: BatchDefinition | BatchSection): Promise<BatchResult>;
  /** Takes back what the backfills of a step marked. */
  undo(run: Batched, prepared: PreparedStep): Promise<UndoResult>;
}

/** What work needs of a run. */
export type Working = Pick<
  Run,
  'session' | 'server' | 'options' | 'lockKey' | 'emit' | 'table' | 'batching' | 'startAnew'
>;

/** True if a step is left to the background. A database that was empty has nothing that would take long. */
export function isQueued(
  { options, plan }: Pick<Run, 'options' | 'plan'>,
  { background }: PreparedStep,
): boolean {
  return background && options.background !== 'inline' && plan.from.length > 0;
}
