import { otherConnection } from '../database/connection/lock.js';
import type { Result, SendAll } from '../database/connection/session.js';
import { releaseLocks, resetStatements } from '../database/connection/session-state.js';
import { settingsStatement } from '../database/connection/settings.js';
import { commit, FailedTransaction, rollback } from '../database/connection/transaction.js';
import { assertRows } from '../database/tables/version-table.js';
import type { Statement } from '../sql/statements.js';
import type { Tracker } from './place.js';
import type { PreparedStep } from './prepare.js';
import { recordStatements, rowsAfter } from './record.js';
import type { Run } from './run.js';
import { settingsOf, stateOf } from './settings.js';

/** A step that is nothing but statements, on a connection of our own: nothing in between needs an answer. */
export function fitsOneMessage(run: Run, { work, verifies, step, mode }: PreparedStep): boolean {
  const { state } = run.server;
  return (
    run.session.sendAll !== undefined &&
    state !== null &&
    !state.lent &&
    run.record === undefined &&
    run.proof === undefined &&
    step.direction === 'upgrade' &&
    mode === 'transaction' &&
    (work.kind === 'none' || (work.kind === 'sql' && canBeJoined(work.statements))) &&
    verifies.length === 0
  );
}

/** Larger ones are sent statement by statement: of a message there are several copies at work. */
const MOST_CHARACTERS = 4_000_000;

/** What comes behind such a setting is read otherwise; within one message it would be read as if it had not been set. */
const READ_OTHERWISE = /standard_conforming_strings|backslash_quote|client_encoding|\bnames\b/i;

function canBeJoined(statements: readonly Statement[]): boolean {
  const characters = statements.reduce((sum, { sql }) => sum + sql.length, 0);
  return (
    characters < MOST_CHARACTERS &&
    !statements.some(
      ({ sql, setting, node }) => (setting || node === 'SelectStmt') && READ_OTHERWISE.test(sql),
    )
  );
}

/**
 * Runs such a step with two round trips: everything up to the ledger entry, and the COMMIT once the answers are those that there
 * must be. A commit of its own, so that a connection that is lost before it has surely left nothing.
 *
 * @returns what remains to be done when it is committed, and ms
 */
export async function runInOneMessage(
  run: Run,
  prepared: PreparedStep,
  tracker: Tracker,
  startedAt: Date,
): Promise<{ ms: number; afterCommit: () => Promise<void> } | FailedTransaction> {
  const { work } = prepared;
  const state = stateOf(run) as NonNullable<ReturnType<typeof stateOf>>;
  const settings = settingsOf(run);
  const statements = work.kind === 'sql' ? work.statements : [];
  const reset = resetStatements(state, settings);
  const record = recordStatements(run, prepared, startedAt);
  const before = ['BEGIN ISOLATION LEVEL READ COMMITTED', settingsStatement(settings, run.lockKey)];
  const texts = [...before, ...statements.map(({ sql }) => sql), ...reset, ...record.texts];
  const { results, failure } = await (run.session.sendAll as SendAll)(texts);
  if (failure !== null) {
    tracker.at(statements[failure.at - before.length] ?? null);
    // What could not even be parsed began nothing.
    const began = failure.at > 0;
    return new FailedTransaction(failure.error, began ? await rollback(run.session) : null, false);
  }
  const recorded = before.length + statements.length + reset.length;
  let atCommit = false;
  try {
    if (results[1]?.rows[0]?.held !== true) throw otherConnection();
    if (record.readBack !== null)
      assertRows(
        run.table,
        results[recorded + record.readBack] as Result,
        rowsAfter(run.progress.rows, prepared),
      );
    atCommit = true;
    await commit(run.session);
  } catch (error) {
    return new FailedTransaction(error, await rollback(run.session), atCommit);
  }
  // The last question of the reset tells what it could not take away.
  const leftLocks = results[recorded - 1]?.rows.length !== 0;
  const afterCommit = async (): Promise<void> => {
    // It is committed. A connection that is gone holds no locks; whoever asks next will notice.
    if (leftLocks) await releaseLocks(run.session, state).catch(() => {});
  };
  return { ms: Date.now() - startedAt.getTime(), afterCommit };
}
