import type { ErrorDetails } from './details.js';
import { failedCheckText, lines, type Sentences } from './sentence.js';
import { agree, counted, excerpt, list, seconds } from './words.js';

const REMAINS: { readonly [R in ErrorDetails['step_failed']['remains']]: (failed: string) => string } = {
  nothing: (failed) => `Nothing of ${failed} remains.`,
  part: (failed) => `${failed} runs outside a transaction: what its earlier statements did remains.`,
  batches: (failed) => `What the batches of ${failed} committed remains; the next run goes on behind it.`,
  unknown: (failed) =>
    `The connection broke at COMMIT: whether ${failed} was applied, \`revgraph current\` tells.`,
};

function done({ applied, remaining }: { applied: readonly string[]; remaining: readonly string[] }): string {
  return `Done before: ${applied.length}; not run: ${remaining.length}.`;
}

const SHOWN_CHECKS = 12;

/** Sentences of what goes wrong while revisions run. */
export const RUN_SENTENCES = {
  wrong_database: ({ database, wrong }) => ({
    message: lines([
      `This is not the database that is meant (${database}); nothing was read or written:`,
      ...wrong.map(
        ({ what, expected, found }) =>
          `${what}: expected ${expected.join(' or ')}, found ${found ?? 'none that can be read'}`,
      ),
    ]),
    hint: 'Mend the URL; or, if this is the right database, mend `expect` in the configuration.',
  }),
  preflight_refused: ({ checks }) => ({
    message: lines([
      `${checks.length === 1 ? 'One thing stands' : `${checks.length} things stand`} in the way, and nothing was run:`,
      ...checks
        .slice(0, SHOWN_CHECKS)
        .flatMap(({ title, found, remedy, file, line }) => [
          `${file === null ? '' : `${file}${line === null ? '' : `:${line}`}: `}${title}: ${found}`,
          ...(remedy === null ? [] : [`  → ${remedy}`]),
        ]),
      ...(checks.length > SHOWN_CHECKS ? [`and ${checks.length - SHOWN_CHECKS} more`] : []),
    ]),
    hint: '`revgraph preflight` shows all of the checklist; --no-preflight runs without it.',
  }),
  bad_row: ({ table, row, column, reason }) => ({
    message: `Row ${row} can't go into table ${table}: ${column === null ? '' : `${column}: `}${reason}.`,
    hint: 'Mend the value where the row is made, or leave the row out.',
  }),
  requirement_unmet: ({ revision, unmet }) => ({
    message: lines([`Revision ${revision} can't run here, and nothing was run:`, ...unmet]),
  }),
  check_failed: (d) => ({
    message: lines([
      `${d.file}:${d.line}: ${d.section} ${JSON.stringify(d.title)} of ${d.revision} failed: expected ${d.expected}, found ${d.found}.`,
      ...d.rows.map((row) => excerpt(JSON.stringify(row))),
    ]),
    hint:
      d.section !== 'precheck'
        ? `Nothing of ${d.revision} remains. Find out why, then run again.`
        : d.earlier === null
          ? `Nothing of ${d.revision} was run. Mend the data, then run again.`
          : `Nothing was run. Mend the data; where an earlier revision of this plan mends it, run \`revgraph upgrade ${d.earlier}\` first.`,
  }),
  verify_failed: ({ applied, failed, asked }) => ({
    message: lines([
      `${list(applied, 4)} ${agree(applied.length, 'is', 'are')} applied, but ${failed.length} of ${counted(asked, 'check')} ${agree(failed.length, 'fails', 'fail')} now:`,
      ...failed.flatMap((check) => [
        failedCheckText(check),
        ...check.rows.map((row) => `  ${excerpt(JSON.stringify(row))}`),
      ]),
    ]),
    hint: 'Nothing was taken back. Mend the data and run `revgraph verify`, or undo what was applied. A check that a later revision ends says so: `until ID`.',
  }),
  trial_refused: ({ revision, reason, hint }) => ({
    message: `A second run of ${revision} can't be tried: ${reason}.`,
    hint,
  }),
  step_failed: (d) => ({
    message: lines([
      `${d.direction} of ${d.failed} failed${d.place === null ? '' : ` at ${d.place.file}:${d.place.line}`}: ${d.reason}${d.sqlstate === null ? '' : ` (SQLSTATE ${d.sqlstate})`}`,
      ...(d.place === null ? [] : [excerpt(d.place.statement)]),
      ...(d.blocker === null ? [] : [`blocked by ${d.blocker}`]),
      `${REMAINS[d.remains](d.failed)} ${done(d)}`,
      ...(d.rollbackFailure === null ? [] : [`The rollback failed too: ${d.rollbackFailure}`]),
    ]),
    hint: `When the cause is mended: ${d.next}`,
  }),
  irreversible: ({ revision, why }) => ({
    message: `Revision ${revision} has no downgrade: ${why}.`,
    hint: 'Nothing was run. Choose a target above it, or restore a backup.',
  }),
  reparented: ({ revisions }) => ({
    message: lines([
      'Revisions that this database has applied were given other parents since:',
      ...revisions.map(
        (r) =>
          `${r.revision}: applied after ${list(r.applied) || 'nothing'}, now after ${list(r.now) || 'nothing'}`,
      ),
    ]),
    hint: 'Restore the parents in the files and put what is new into a merge revision. Nothing was run.',
  }),
  unfinished_step: ({ revision, statement, next }) => ({
    message: `An earlier run of ${revision}, which works outside a transaction, did not finish${statement === null ? '' : ` (its last statement: ${excerpt(statement)})`}.`,
    hint: next,
  }),
  not_current: ({ state, current, pending, waitedMs }) => ({
    message: `The database is not where this code needs it${waitedMs === null ? '' : `, and waiting ${seconds(waitedMs)} did not change that`}: it is ${state} at ${list(current) || 'base'}, ${pending.length} to run (${list(pending, 4)}).`,
    hint: 'Run `revgraph upgrade`, or start a service with the policy `migrate`.',
  }),
  confirmation_needed: ({ what, consequence }) => ({
    message: `${what}: ${consequence}`,
    hint: 'Say --yes if that is what you want.',
  }),
  timed_out: ({ what, timeoutMs }) => ({
    message: `${what} took longer than ${timeoutMs} ms.`,
    hint: 'Raise the limit, or find out what the database is busy with.',
  }),
  aborted: ({ during, applied, remaining }) => ({
    message: `Stopped ${during}: ${applied.length} done, ${remaining.length} not run.`,
    hint: 'Nothing is half done. The same command goes on where this one stopped.',
  }),
} satisfies Partial<Sentences>;
