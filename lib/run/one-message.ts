import { otherConnection } from '../database/connection/lock.js';
import type { Result, SendAll, SendBehind } from '../database/connection/session.js';
import { releaseLocks, resetStatements, type SessionState } from '../database/connection/session-state.js';
import { settingsStatement } from '../database/connection/settings.js';
import { commit, FailedTransaction, rollback, SwallowedFailure } from '../database/connection/transaction.js';
import { assertWritten } from '../database/tables/ledger.js';
import { assertRows, rowsGuard } from '../database/tables/version-table.js';
import type { Statement } from '../sql/statements.js';
import type { Tracker } from './place.js';
import type { PreparedStep } from './prepare.js';
import { isQueued } from './queue-step.js';
import { recordStatements, rowsAfter } from './record.js';
import type { Ahead, Run, StepMessage } from './run.js';
import { resetAfterFailure, settingsOf, stateOf } from './settings.js';

/** A step that is nothing but statements, on a connection of our own: nothing in between needs an answer. */
export function fitsOneMessage(run: Run, { work, verifies, step, mode }: PreparedStep): boolean {
  return (
    sendsSeveral(run) &&
    run.record === undefined &&
    run.proof === undefined &&
    step.direction === 'upgrade' &&
    mode === 'transaction' &&
    (work.kind === 'none' || (work.kind === 'sql' && canBeJoined(work.statements))) &&
    verifies.length === 0
  );
}

/** Only over connections of our own, and where a string ends for the server as it does for us. */
export function sendsSeveral({
  session,
  server: { state, escapesStrings },
}: Pick<Run, 'session' | 'server'>): boolean {
  return session.sendAll !== undefined && state !== null && !state.lent && !escapesStrings;
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
 * A whole step but for its COMMIT, upon what this run has come to.
 * @param guard a statement that fails where it has not come to that
 */
function messageOf(run: Run, prepared: PreparedStep, startedAt: Date, guard: string[] = []): StepMessage {
  const { work } = prepared;
  const settings = settingsOf(run);
  const before = ['BEGIN ISOLATION LEVEL READ COMMITTED', settingsStatement(settings, run.lockKey), ...guard];
  const statements = work.kind === 'sql' ? work.statements : [];
  const reset = resetStatements(stateOf(run) as SessionState, settings);
  const record = recordStatements(run, prepared, startedAt);
  const recorded = before.length + statements.length + reset.length;
  return {
    texts: [...before, ...statements.map(({ sql }) => sql), ...reset, ...record.texts],
    places: {
      own: before.length,
      leftovers: recorded - 1,
      readBack: record.readBack === null ? null : recorded + record.readBack,
    },
  };
}

/**
 * Runs such a step with one round trip: everything up to the ledger entry, and, once the answers are those that there must be, the
 * COMMIT, which takes the message of the next step with it. A connection that is lost before the COMMIT has surely left nothing,
 * and the next step has no COMMIT yet.
 *
 * @param next the step behind it, where it may go ahead
 * @returns what remains to be done when it is committed, and ms
 */
export async function runInOneMessage(
  run: Run,
  prepared: PreparedStep,
  tracker: Tracker,
  startedAt: Date,
  next: PreparedStep | null,
): Promise<{ ms: number; afterCommit: () => Promise<void> } | FailedTransaction> {
  const { work } = prepared;
  const ahead = takeAhead(run, prepared);
  const message = ahead?.message ?? messageOf(run, prepared, startedAt);
  const { results, failure } = await (ahead?.sent ?? (run.session.sendAll as SendAll)(message.texts));
  const { own, leftovers, readBack } = message.places;
  if (failure !== null) {
    tracker.at((work.kind === 'sql' && work.statements[failure.at - own]) || null);
    return new FailedTransaction(failure.error, failure.began ? await rollback(run.session) : null, false);
  }
  // The last question of the reset tells what it could not take away.
  const leftLocks = results[leftovers]?.rows.length !== 0;
  let atCommit = false;
  try {
    if (results[1]?.rows[0]?.held !== true) throw otherConnection();
    if (readBack !== null)
      assertRows(run.table, results[readBack] as Result, rowsAfter(run.progress.rows, prepared));
    // The last statement is the entry.
    assertWritten(results.at(-1));
    atCommit = true;
    if (next === null || leftLocks || !mayGoAhead(run, next)) await commit(run.session);
    else await commitWith(run, prepared, next);
  } catch (error) {
    return new FailedTransaction(error, await rollback(run.session), atCommit);
  }
  const afterCommit = async (): Promise<void> => {
    // It is committed. A connection that is gone holds no locks; whoever asks next will notice.
    if (leftLocks) await releaseLocks(run.session, stateOf(run) as SessionState).catch(() => {});
  };
  return { ms: Date.now() - startedAt.getTime(), afterCommit };
}

/** Whether nothing has to be asked or told between two steps. */
function mayGoAhead(run: Run, next: PreparedStep): boolean {
  return (
    run.session.sendBehind !== undefined &&
    fitsOneMessage(run, next) &&
    next.prechecks.length === 0 &&
    !isQueued(run, next) &&
    run.afterStep === undefined &&
    run.options.signal?.aborted !== true
  );
}

/** Commits a step, and sends the next one along. It returns when the first is committed, however the other goes on. */
async function commitWith(run: Run, prepared: PreparedStep, next: PreparedStep): Promise<void> {
  const { progress, session, table } = run;
  const rows = rowsAfter(progress.rows, prepared);
  const tables = { version: true, ledger: true, ledgerIndex: true };
  const then: Run = { ...run, progress: { ...progress, rows, tables } };
  // It would be run, and taken back, where the COMMIT before it has failed.
  const message = messageOf(then, next, new Date(), [rowsGuard(table, rows)]);
  let command = '';
  const { first, others } = (session.sendBehind as SendBehind)('COMMIT', message.texts, (tag) => {
    command = tag;
    if (tag === 'COMMIT') progress.ahead = { prepared: next, message, sent: others };
  });
  try {
    await first;
    if (command !== 'COMMIT') throw new SwallowedFailure();
  } catch (error) {
    await others;
    throw error;
  }
}

/** The message of this step, if it is on its way already. */
function takeAhead({ progress }: Run, prepared: PreparedStep): Ahead | null {
  const { ahead } = progress;
  progress.ahead = null;
  return ahead?.prepared === prepared ? ahead : null;
}

/** Takes back a step that went ahead and is not to be run. */
export async function dropAhead(run: Run): Promise<void> {
  const { ahead } = run.progress;
  if (ahead === null) return;
  run.progress.ahead = null;
  await ahead.sent;
  await rollback(run.session);
  await resetAfterFailure(run);
}
