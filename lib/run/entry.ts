import type { LedgerEntry } from '../database/tables/ledger.js';
import { storedAs } from '../database/tables/version-table.js';
import { withoutSecrets } from '../errors/secrets.js';
import type { PreparedStep } from './prepare.js';
import { type Run, rowsThere } from './run.js';

export type Written = Pick<LedgerEntry, 'outcome'> & Partial<LedgerEntry>;

/** The rows after a step, from those before it. */
export function rowsAfter(rows: readonly string[], { step }: Pick<PreparedStep, 'step'>): string[] {
  return [...rows.filter((row) => !step.remove.includes(row)), ...step.add];
}

/** What entries are made of. */
export type Writing = Pick<
  Run,
  | 'id'
  | 'actor'
  | 'host'
  | 'libraryVersion'
  | 'parentsOf'
  | 'namesOf'
  | 'isSquash'
  | 'toldOf'
  | 'options'
  | 'table'
> & {
  readonly progress: Pick<Run['progress'], 'rows' | 'backup'> & {
    readonly tables: Pick<Run['progress']['tables'], 'rows'>;
  };
};

/** The rows as they stand in the table: what others read there must not look as if another tool had moved it. */
const rowsNow = (run: Writing): string[] => storedAs(run.table, rowsThere(run));

/** What was there before the ledger, written down once: what is put below it later has not run by that. */
export function adoptionOf(run: Writing, covers: readonly string[]): LedgerEntry {
  const now = new Date();
  const rows = rowsNow(run);
  const [revision = 'base'] = run.progress.rows;
  return {
    run: run.id,
    revision,
    direction: 'stamp',
    parents: run.parentsOf(revision),
    checksum: null,
    rowsFrom: rows,
    rowsTo: rows,
    startedAt: now,
    finishedAt: now,
    ms: 0,
    outcome: 'done',
    message: `adopted: the rows of ${run.table.name} as they were found`,
    statistics: { covers, goesOn: true, ...run.toldOf(covers) },
    actor: run.actor,
    host: run.host,
    application: run.options.application ?? null,
    libraryVersion: run.libraryVersion,
  };
}

/** The entry of a step. */
export function entryOf(run: Writing, prepared: PreparedStep, given: Written): LedgerEntry {
  const { step } = prepared;
  const { rows, backup } = run.progress;
  const { statement, message } = given;
  // Whoever may read the ledger may not know the passwords that a revision sets.
  const written: Written = {
    ...given,
    ...(statement == null ? {} : { statement: withoutSecrets(statement) }),
    ...(message == null ? {} : { message: withoutSecrets(message) }),
  };
  return {
    run: run.id,
    revision: step.revision,
    direction: step.direction,
    parents: run.parentsOf(step.revision),
    checksum: prepared.checksum,
    rowsFrom: rowsNow(run),
    rowsTo: written.outcome === 'done' ? storedAs(run.table, rowsAfter(rows, prepared)) : rowsNow(run),
    startedAt: new Date(),
    finishedAt: null,
    ms: null,
    actor: run.actor,
    host: run.host,
    application: run.options.application ?? null,
    libraryVersion: run.libraryVersion,
    ...written,
    ...statisticsOf(run, prepared, written, backup),
  };
}

/** Numbers of the step, and what other code has to know of it, which lacks its file. */
function statisticsOf(
  run: Writing,
  prepared: PreparedStep,
  { outcome, statistics }: Written,
  backup: object | undefined,
): Pick<LedgerEntry, 'statistics'> {
  const { revision, step } = prepared;
  const done = outcome === 'done';
  const breaksBefore = revision.header.breaksBefore ?? run.options.compatible;
  const ids = [step.revision, ...run.parentsOf(step.revision), ...rowsAfter(run.progress.rows, prepared)];
  const names = run.namesOf(ids);
  const squashed = ids.filter(run.isSquash);
  const more = {
    ...(backup === undefined ? {} : { backup }),
    ...(done && step.direction === 'upgrade' && breaksBefore !== undefined ? { breaksBefore } : {}),
    ...(Object.keys(names).length === 0 ? {} : { names }),
    ...(squashed.length === 0 ? {} : { squashed }),
    ...(done && prepared.kept !== null && run.options.keepDowngrades !== false
      ? { downgrade: prepared.kept }
      : {}),
  };
  return Object.keys(more).length === 0 ? {} : { statistics: { ...statistics, ...more } };
}
