import type { SendAll } from '../database/connection/session.js';
import { leavesMarks, readChunks } from '../database/tables/backfill-state.js';
import { RevgraphError } from '../errors/error.js';
import type { BatchDefinition } from '../revision/batches.js';
import type { RevisionFunction } from '../revision/revision.js';
import { characteristicsOf } from '../revision/transaction.js';
import type { Statement } from '../sql/statements.js';
import { runCheck } from './checks.js';
import { openCodeDatabase } from './code/code-db.js';
import { sendsSeveral } from './one-message.js';
import { openOutside } from './outside-transaction.js';
import type { Tracker } from './place.js';
import type { PreparedStep, Work } from './prepare.js';
import type { Run, Working } from './run.js';

/** Does what the revision does, statement by statement, then verifies it. */
export async function doWork(run: Run, prepared: PreparedStep, tracker: Tracker): Promise<void> {
  if (await neverBegun(run, prepared)) return;
  await perform(run, prepared, tracker, false);
  tracker.clear();
  await verify(run, prepared);
}

/** Does what the batches of a revision do, while no transaction is open; `verify` comes with the change of rows. */
export async function doBatches(run: Run, prepared: PreparedStep, tracker: Tracker): Promise<void> {
  if (!(await neverBegun(run, prepared))) await perform(run, prepared, tracker, false);
  tracker.clear();
}

/**
 * Whether a downgrade finds nothing of its revision: it waits in the background, and no batch of it was run.
 * @throws `backfill_without_mark` if a part was run that can't be told apart
 */
async function neverBegun({ session, table }: Run, { step, revision }: PreparedStep): Promise<boolean> {
  // One that no file has does not say what it is.
  if (step.direction !== 'downgrade' || !(revision.header.background || revision.file === null)) return false;
  const chunks = await readChunks(session, table, step.revision);
  if (!chunks.some(({ name, state }) => name === '' && state !== 'finished')) return false;
  const begun = chunks.filter(({ name, scanned }) => name !== '' && scanned > 0);
  for (const { name, definition, changed } of begun)
    if (changed > 0 && !leavesMarks(definition))
      throw new RevgraphError('backfill_without_mark', { revision: step.revision, name });
  return begun.length === 0;
}

/** The same without verifying it. */
export async function perform(
  run: Working,
  prepared: PreparedStep,
  tracker: Tracker,
  preview: boolean,
): Promise<void> {
  const { work } = prepared;
  if (work.kind === 'sql') await runInOrder(run, prepared, work.statements, tracker);
  if (work.kind === 'code') await runCode(run, prepared, work.run, tracker, preview);
  if (work.kind === 'batches' || work.kind === 'undo') await runBatches(run, prepared, work, tracker);
}

/** Runs the `@verify` checks; those of a documentation revision are what it is for. */
export async function verify(run: Run, { verifies, revision }: PreparedStep): Promise<void> {
  for (const check of verifies)
    await runCheck(run.session, revision, check, revision.header.adopt ? 'adopt' : 'verify');
}

async function runBatches(
  run: Working,
  prepared: PreparedStep,
  work: Extract<Work, { kind: 'batches' | 'undo' }>,
  tracker: Tracker,
): Promise<void> {
  const outside = openOutside(run, prepared, tracker);
  if (work.kind === 'undo') await outside.undo();
  else for (const section of work.sections) await outside.batches(section);
}

async function runCode(
  run: Working,
  prepared: PreparedStep,
  code: RevisionFunction,
  tracker: Tracker,
  preview: boolean,
): Promise<void> {
  const { revision, step, mode } = prepared;
  const file = revision.file ?? revision.revision;
  const outside = openOutside(run, prepared, tracker);
  const { db, finish } = openCodeDatabase(run.session, tracker, file, {
    transaction: mode === 'transaction',
    batching: outside.busy,
    startAnew: run.startAnew,
  });
  try {
    await code({
      db,
      batches: (definition) => outside.batches(definition as BatchDefinition),
      undo: () => outside.undo(),
      log: (message) => run.emit({ type: 'log', revision: revision.revision, message: String(message) }),
      signal: run.options.signal ?? new AbortController().signal,
      revision: revision.revision,
      direction: step.direction,
      preview,
    });
  } catch (error) {
    await Promise.allSettled([outside.finish(), finish()]);
    // The first error is the one to report.
    throw error;
  }
  // Both have to end, whatever the other one says.
  const ends = await Promise.allSettled([outside.finish(), finish()]);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Of what is sent at once there are several copies at work. */
const AT_ONCE = 65_536;

/** Their answers are small, and none of them changes how the next one is read. */
const JOINABLE = /^(Insert|Update|Delete)Stmt$/;

/**
 * Runs the statements of a step one after the other. Those that change rows go to the server many at once: to wait for each answer
 * takes longer than most of them do.
 */
async function runInOrder(
  run: Working,
  { mode }: PreparedStep,
  all: readonly Statement[],
  tracker: Tracker,
): Promise<void> {
  const { sendAll } = run.session;
  // Whoever began the transaction began with them.
  const statements = mode === 'transaction' ? characteristicsOf(all).rest : all;
  const joins = mode === 'transaction' && sendsSeveral(run);
  for (let from = 0; from < statements.length; ) {
    const to = joins ? endOfRow(statements, from) : from + 1;
    if (to > from + 1) await sendTogether(sendAll as SendAll, statements.slice(from, to), tracker);
    else await tracker.run(run.session, statements[from] as Statement);
    from = to;
  }
}

function endOfRow(statements: readonly Statement[], from: number): number {
  let to = from;
  for (let left = AT_ONCE; to < statements.length; to++) {
    const { node, sql } = statements[to] as Statement;
    left -= sql.length;
    if (!JOINABLE.test(node) || left < 0) break;
  }
  return Math.max(to, from + 1);
}

async function sendTogether(
  sendAll: SendAll,
  statements: readonly Statement[],
  tracker: Tracker,
): Promise<void> {
  tracker.at(statements[0] as Statement);
  const { failure } = await sendAll(statements.map(({ sql }) => sql));
  if (failure === null) return;
  tracker.at(statements[failure.at] ?? null);
  throw failure.error;
}
