import { isGuard, lockName, otherConnection } from '../database/connection/lock.js';
import type { Result, SendAll, SendBehind } from '../database/connection/session.js';
import { releaseLocks, resetStatements, type SessionState } from '../database/connection/session-state.js';
import { settingsStatement } from '../database/connection/settings.js';
import { commit, FailedTransaction, rollback, SwallowedFailure } from '../database/connection/transaction.js';
import { assertWritten } from '../database/tables/ledger.js';
import { assertRows, rowsGuard } from '../database/tables/version-table.js';
import { characteristicsOf, leaveNothing } from '../revision/transaction.js';
import type { Statement } from '../sql/statements.js';
import { rowsAfter } from './entry.js';
import type { Tracker } from './place.js';
import type { PreparedStep } from './prepare.js';
import { recordStatements } from './record.js';
import { type Ahead, isQueued, MADE, proofOf, type Run, type StepMessage } from './run.js';
import { idleLimit, resetAfterFailure, settingsOf, stateOf } from './settings.js';

/** A step that is nothing but statements, on a connection of our own: nothing in between needs an answer. */
export function fitsOneMessage(run: Run, prepared: PreparedStep): boolean {
  const { work, verifies, step, mode } = prepared;
  return (
    sendsSeveral(run) &&
    !isGuard(run.lockKey) &&
    run.record === undefined &&
    proofOf(run, prepared) === undefined &&
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
    characteristicsOf(statements).first.length === 0 &&
    !statements.some(
      ({ sql, setting, node }) => (setting || node === 'SelectStmt') && READ_OTHERWISE.test(sql),
    )
  );
}

const statementsOf = ({ work }: PreparedStep): readonly Statement[] =>
  work.kind === 'sql' ? work.statements : [];

/** Nothing is to be put back: nothing listens to definitions, and none of these runs anything. */
const isQuiet = ({ server, progress }: Run, statements: readonly Statement[]): boolean =>
  !server.hasEventTriggers && !progress.listened && leaveNothing(statements);

/**
 * A whole step but for its COMMIT, upon what this run has come to.
 * @param goesOn whether others of the kind come behind it, for which its settings may stand
 * @param guard a statement that fails where it has not come to that
 */
function messageOf(
  run: Run,
  prepared: PreparedStep,
  startedAt: Date,
  goesOn: boolean,
  guard: string[] = [],
): StepMessage {
  // A session of our own has its search path from the reset of the step before.
  const ofStep = settingsOf(run).filter(([name]) => name !== 'search_path' || !run.server.hasOwnPath);
  const settings = [...ofStep, ...idleLimit(run, prepared)];
  const statements = statementsOf(prepared);
  const { stands } = run.progress;
  const isLast = run.plan.steps.at(-1)?.revision === prepared.step.revision;
  // What stands is put back behind the last step, with no round trip of its own.
  const quiet = isQuiet(run, statements) && !(stands && isLast);
  const set = quiet && stands ? [] : [settingsStatement(settings, !(quiet && goesOn))];
  const before = ['BEGIN ISOLATION LEVEL READ COMMITTED', ...set, ...guard];
  // Not with the lock of the run: its last question is to name that one, or it is lost.
  const state = { ...(stateOf(run) as SessionState), locks: [] };
  const reset = quiet ? [] : resetStatements(state, settings);
  const record = recordStatements(run, prepared, startedAt);
  const recorded = before.length + statements.length + reset.length;
  return {
    texts: [...before, ...statements.map(({ sql }) => sql), ...reset, ...record.texts],
    stands: quiet && (stands || goesOn),
    places: {
      own: before.length,
      leftovers: reset.length === 0 ? null : recorded - 1,
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
  const ahead = takeAhead(run, prepared);
  const goesOn = next !== null && mayGoAhead(run, next);
  const message = ahead?.message ?? messageOf(run, prepared, startedAt, goesOn);
  const sent = ahead?.sent ?? (run.session.sendAll as SendAll)(message.texts);
  // While the server works.
  const behind = goesOn ? behindOf(run, { prepared, message }, next) : null;
  const { results, failure } = await sent;
  const { own, leftovers, readBack } = message.places;
  if (failure !== null) {
    tracker.at(statementsOf(prepared)[failure.at - own] ?? null);
    return new FailedTransaction(failure.error, failure.began ? await rollback(run.session) : null, false);
  }
  // The last question of the reset tells what it could not take away, and the lock of the run.
  const ours = run.lockKey === null || isGuard(run.lockKey) ? null : lockName(run.lockKey);
  const left = leftovers === null ? null : (results[leftovers]?.rows ?? []);
  const locks = left?.flatMap(({ kind, name }) => (kind === 'listens' ? [] : [name])) ?? null;
  // A trigger of a table, or a function, may have made an event trigger: what was made ready counts on none.
  const listens = left?.some(({ kind }) => kind === 'listens') === true && !run.progress.listened;
  if (listens) run.progress.listened = true;
  const leftLocks = locks?.some((name) => name !== ours) === true;
  let atCommit = false;
  try {
    if (ours !== null && locks?.includes(ours) === false) throw otherConnection();
    if (readBack !== null)
      assertRows(run.table, results[readBack] as Result, rowsAfter(run.progress.rows, prepared));
    // The last statement is the entry.
    assertWritten(results.at(-1));
    atCommit = true;
    if (behind === null || leftLocks || run.options.signal?.aborted === true) await commit(run.session);
    else
      await commitWith(run, listens && next !== null ? behindOf(run, { prepared, message }, next) : behind);
    run.progress.stands = message.stands;
  } catch (error) {
    return new FailedTransaction(error, await rollback(run.session), atCommit);
  }
  const afterCommit = async (): Promise<void> => {
    // It is committed. A connection that is gone holds no locks; whoever asks next will notice.
    if (leftLocks) await releaseLocks(run.session, stateOf(run) as SessionState).catch(() => {});
  };
  return { ms: Date.now() - startedAt.getTime(), afterCommit };
}

/** Whether a step is nothing but its message. */
export const goesAhead = (run: Run, next: PreparedStep): boolean =>
  fitsOneMessage(run, next) && next.prechecks.length === 0 && !isQueued(run, next);

/** Whether nothing has to be asked or told between two steps. */
function mayGoAhead(run: Run, next: PreparedStep): boolean {
  return (
    run.session.sendBehind !== undefined &&
    goesAhead(run, next) &&
    run.afterStep === undefined &&
    run.options.signal?.aborted !== true
  );
}

/** The message of the step behind one that is not yet committed. */
function behindOf(
  run: Run,
  { prepared, message: { stands } }: Omit<Ahead, 'sent'>,
  next: PreparedStep,
): Omit<Ahead, 'sent'> {
  const rows = rowsAfter(run.progress.rows, prepared);
  const then: Run = { ...run, progress: { ...run.progress, rows, tables: MADE, stands } };
  // It would be run, and taken back, where the COMMIT before it has failed. What is quiet leaves nothing by that, and waits for no
  // lock longer than the settings say, if they stood before that COMMIT.
  const harmless = run.progress.stands && stands && isQuiet(run, statementsOf(next));
  const guard = harmless ? [] : [rowsGuard(run.table, rows)];
  return { prepared: next, message: messageOf(then, next, new Date(), true, guard) };
}

/** Commits a step, and sends the next one along. It returns when the first is committed, however the other goes on. */
async function commitWith({ progress, session }: Run, behind: Omit<Ahead, 'sent'>): Promise<void> {
  let command = '';
  const { message } = behind;
  const { first, others } = (session.sendBehind as SendBehind)('COMMIT', message.texts, (tag) => {
    command = tag;
    if (tag === 'COMMIT') progress.ahead = { ...behind, sent: others };
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
