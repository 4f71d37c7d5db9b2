import { readDriverError } from '../database/connection/failure.js';
import { forgetAll, hasBegunBatches, setState } from '../database/tables/backfill-orders.js';
import { hasBackfillTables, readChunks } from '../database/tables/backfill-state.js';
import {
  addEntry,
  createLedger,
  createLedgerIndex,
  ledgerInStep,
  makeLedger,
  makeLedgerIndex,
} from '../database/tables/ledger.js';
import {
  absentRows,
  changeRows,
  changeStatements,
  createVersionTable,
  makeVersionTable,
  writeAbsent,
} from '../database/tables/version-table.js';
import { isRevgraphError } from '../errors/error.js';
import { noBackfillWay } from '../errors/words.js';
import { adoptionOf, entryOf, rowsAfter, type Written } from './entry.js';
import { backfillStopped } from './failure.js';
import type { Tracker } from './place.js';
import type { PreparedStep } from './prepare.js';
import { MADE, type Run } from './run.js';

/** Makes our tables where they are missing. Inside the transaction of the first step, so that a failure leaves none. */
export async function makeTables(run: Run, which: { version: boolean }): Promise<void> {
  const {
    session,
    table,
    progress: { tables },
  } = run;
  if (which.version && !tables.version) await makeVersionTable(session, table);
  if (!tables.ledger) await makeLedger(session, table.schema);
  else if (!tables.ledgerIndex) await makeLedgerIndex(session, table.schema);
  if (which.version && !tables.rows) await writeAbsent(session, table);
  if (!tables.adopted && run.adopts !== null) await addEntry(session, table, adoptionOf(run, run.adopts));
}

/** The same as statements for the message of a step. */
function tableTexts(run: Run): string[] {
  const { table, progress, adopts } = run;
  const { version, ledger, ledgerIndex, adopted, rows } = progress.tables;
  return [
    ...(version ? [] : [createVersionTable(table)]),
    ...(ledger ? [] : [createLedger(table.schema)]),
    ...(ledger && ledgerIndex ? [] : [createLedgerIndex(table.schema)]),
    ...(rows ? [] : absentRows(table)),
    ...(adopted || adopts === null ? [] : [ledgerInStep(table, adoptionOf(run, adopts))]),
  ];
}

/** To be called once what `makeTables` did is committed. */
export function tablesMade(run: Run, which: { version: boolean }): void {
  const { progress } = run;
  const { version, rows } = progress.tables;
  progress.tables = { ...MADE, version: version || which.version, rows: rows || which.version };
}

/** Moves the rows and writes the ledger, in the transaction that is open. */
export async function recordDone(
  run: Run,
  prepared: PreparedStep,
  startedAt: Date,
  statistics: Record<string, unknown> | null,
): Promise<number> {
  await makeTables(run, { version: true });
  await closeBackfills(run, prepared, statistics);
  await changeRows(run.session, run.table, prepared.step, rowsAfter(run.progress.rows, prepared));
  const finishedAt = new Date();
  const ms = finishedAt.getTime() - startedAt.getTime();
  await addEntry(
    run.session,
    run.table,
    entryOf(run, prepared, { outcome: 'done', startedAt, finishedAt, ms, statistics }),
  );
  return ms;
}

/** What a step that has no batches writes down, as statements for its message; `readBack` is the place of the rows among them. */
export function recordStatements(
  run: Run,
  prepared: PreparedStep,
  startedAt: Date,
): { texts: string[]; readBack: number | null } {
  const { table } = run;
  const made = tableTexts(run);
  const moved = changeStatements(table, prepared.step);
  const entry = entryOf(run, prepared, { outcome: 'done', startedAt, finishedAt: startedAt, ms: 0 });
  const texts = [...made, ...moved, ledgerInStep(table, entry)];
  return { texts, readBack: moved.length === 0 ? null : made.length + moved.length - 1 };
}

/**
 * A revision that is applied has no backfill to go on with. One that is taken away begins anew when it comes again, and so
 * does what was begun upon it: its rows may be others then.
 */
async function closeBackfills(
  { session, server, table, descendantsOf }: Run,
  { step: { revision, direction }, work, revision: { header } }: PreparedStep,
  statistics: Record<string, unknown> | null,
): Promise<void> {
  if (direction === 'upgrade') {
    if (statistics?.backfills !== undefined) return setState(session, table, { revision }, 'finished');
    const ranNone = work.kind === 'code' && !header.idempotent;
    // Its batches are there, and it is done as if there were none: once more, or not at all.
    if (ranNone && (await hasBegunBatches(session, table, revision)))
      throw backfillStopped(revision, noBackfillWay(revision));
    return;
  }
  if (server.versionNumber === null || !(await hasBackfillTables(session, table))) return;
  await forgetAll(session, table, [revision, ...descendantsOf(revision)]);
}

/** An entry that stands by itself, in no transaction of a step. */
export async function recordAlone(run: Run, prepared: PreparedStep, written: Written): Promise<void> {
  await makeTables(run, { version: false });
  tablesMade(run, { version: false });
  await addEntry(run.session, run.table, entryOf(run, prepared, written));
}

/** Writes down a failure. If even that fails, the failure itself is what the caller has to hear of. */
export async function recordFailure(
  run: Run,
  prepared: PreparedStep,
  startedAt: Date,
  error: unknown,
  tracker: Tracker,
): Promise<void> {
  const { message, sqlstate } = readDriverError(error);
  const finishedAt = new Date();
  const statistics = tracker.progress === null ? tracker.statistics : { ...tracker.progress };
  // The next run does not take it for something that was there before it.
  const refused = isRevgraphError(error, 'unproven') ? { unproven: error.details.differences } : null;
  // Of batches that were committed nothing else tells, once their own tables are gone.
  const committed =
    tracker.hasBatches &&
    (await readChunks(run.session, run.table, prepared.step.revision).catch(() => [])).some(
      ({ batches }) => batches > 0,
    );
  const failed: Written = {
    outcome: 'failed',
    startedAt,
    finishedAt,
    ms: finishedAt.getTime() - startedAt.getTime(),
    sqlstate,
    message,
    statement: tracker.place(error)?.statement ?? null,
    statistics:
      refused === null && !committed
        ? statistics
        : { ...statistics, ...refused, ...(committed ? { batches: true } : {}) },
  };
  await recordAlone(run, prepared, failed).catch(() => {});
}
