import type { ErrorDetails } from './details.js';
import { replayHint, replayText } from './replay-place.js';
import { failedCheckText, lines, type Sentences } from './sentence.js';
import { agree, counted, excerpt, list, lossText, seconds, unrecordedWay } from './words.js';

const REMAINS: { readonly [R in ErrorDetails['step_failed']['remains']]: (failed: string) => string } = {
  nothing: (failed) => `Nothing of ${failed} remains.`,
  part: (failed) => `${failed} runs outside a transaction: the effects of its earlier statements remain.`,
  batches: (failed) => `The committed batches of ${failed} remain; the next run continues after them.`,
  unknown: (failed) =>
    `The connection broke at COMMIT: run \`revgraph current\` to see whether ${failed} was applied.`,
};

function done({ applied, remaining }: { applied: readonly string[]; remaining: readonly string[] }): string {
  return `Steps done before: ${applied.length}; not run: ${remaining.length}.`;
}

const SHOWN_CHECKS = 12;

/** Messages and hints for errors of a run. */
export const RUN_SENTENCES = {
  wrong_database: ({ database, wrong }) => ({
    message: lines([
      `${database} is not the expected database. Nothing was read or written:`,
      ...wrong.map(
        ({ what, expected, found }) =>
          `${what}: expected ${expected.join(' or ')}, found ${found ?? 'nothing that could be read'}`,
      ),
    ]),
    hint: 'Fix the URL. If this is the right database, fix `expect` in the configuration.',
  }),
  preflight_refused: ({ checks, checklist }) => ({
    message: lines([
      `The preflight found ${checks.length === 1 ? 'one blocker' : `${checks.length} blockers`}. Nothing was run:`,
      ...checks
        .slice(0, SHOWN_CHECKS)
        .flatMap(({ title, found, remedy, file, line }) => [
          `${file === null ? '' : `${file}${line === null ? '' : `:${line}`}: `}${title}: ${found}`,
          ...(remedy === null ? [] : [`  → ${remedy}`]),
        ]),
      ...(checks.length > SHOWN_CHECKS ? [`and ${checks.length - SHOWN_CHECKS} more`] : []),
    ]),
    hint: `${checklist === null ? 'Fix this' : `See the whole checklist with \`${checklist}\``}, or skip it with --no-preflight.`,
  }),
  bad_row: ({ table, row, column, reason }) => ({
    message: `Row ${row} can't go into table ${table}: ${column === null ? '' : `${column}: `}${reason}.`,
    hint: 'Fix the value where the row is built, or omit the row.',
  }),
  requirement_unmet: ({ revision, unmet, replay }) => ({
    message: lines([
      `Revision ${revision} can't run on this database. Nothing was run:`,
      ...unmet,
      ...(replay === undefined ? [] : [replayText(replay)]),
    ]),
    ...(replay === undefined ? {} : { hint: replayHint(replay) }),
  }),
  check_failed: (d) => ({
    message: lines([
      `${d.file}:${d.line}: ${d.section} ${JSON.stringify(d.title)} of ${d.revision} failed: expected ${d.expected}, found ${d.found}.`,
      ...d.rows.map((row) => excerpt(JSON.stringify(row))),
      ...(d.replay === undefined ? [] : [replayText(d.replay)]),
    ]),
    hint:
      d.replay !== undefined
        ? replayHint(d.replay)
        : d.section !== 'precheck'
          ? `Nothing of ${d.revision} remains. Find the cause, then run again.`
          : d.earlier === null
            ? `Nothing of ${d.revision} was run. Fix the data, then run again.`
            : `Nothing was run. Fix the data. If an earlier revision of this plan fixes it, run \`revgraph upgrade ${d.earlier}\` first.`,
  }),
  verify_failed: ({ applied, failed, asked }) => ({
    message: lines([
      `${list(applied, 4)} ${agree(applied.length, 'is', 'are')} applied, but ${failed.length} of ${counted(asked, 'check')} ${agree(failed.length, 'fails', 'fail')} afterwards:`,
      ...failed.flatMap((check) => [
        failedCheckText(check),
        ...check.rows.map((row) => `  ${excerpt(JSON.stringify(row))}`),
      ]),
    ]),
    hint: 'Nothing was rolled back. Fix the data and run `revgraph verify`, or downgrade. If a later revision makes a check obsolete, end the check with `until ID`.',
  }),
  trial_refused: ({ revision, reason, hint }) => ({
    message: `A second run of ${revision} can't be tested: ${reason}.`,
    hint,
  }),
  step_failed: (d) => ({
    message: lines([
      `${d.direction} of ${d.failed} failed${d.place === null ? '' : ` at ${d.place.file}:${d.place.line}`}: ${d.reason}${d.sqlstate === null ? '' : ` (SQLSTATE ${d.sqlstate})`}`,
      ...(d.place === null ? [] : [excerpt(d.place.statement)]),
      ...(d.blocker === null ? [] : [`blocked by ${d.blocker}`]),
      `${REMAINS[d.remains](d.failed)} ${done(d)}`,
      ...(d.rollbackFailure === null ? [] : [`The rollback also failed: ${d.rollbackFailure}`]),
      ...(d.replay === undefined ? [] : [replayText(d.replay)]),
    ]),
    hint:
      d.replay !== undefined
        ? replayHint(d.replay)
        : d.accepted === 0
          ? `Fix the cause, then run: ${d.next}`
          : `${counted(d.accepted, 'row of its backfill was', 'rows of its backfill were')} accepted as they are. When they are fixed, run \`revgraph backfill retry ${d.failed}\` to have them tried again, then run: ${d.next}`,
  }),
  irreversible: ({ revision, why }) => ({
    message: `Revision ${revision} has no downgrade: ${why}.`,
    hint: 'Nothing was run. Choose a later target, or restore a backup.',
  }),
  missed_revisions: ({ rows, missed, gone = [], beside = false, unrecorded = [] }) => {
    const shaken = missed.flatMap((one) => (one.shaken === true ? [one.revision] : []));
    const reused = missed.flatMap((one) => (one.reused === true ? [one.revision] : []));
    const [ofRows, below] = [true, false].map((is) =>
      unrecorded.filter((id) => rows.includes(id) === is && !shaken.includes(id) && !reused.includes(id)),
    ) as [string[], string[]];
    const repair = `revgraph repair${beside ? ' --unknown-rows allow' : ''}`;
    return {
      message: lines([
        shaken.length === missed.length
          ? `What revisions below applied ones did may be gone from this database: ${list(missed.map(({ revision }) => revision))}. Nothing was run.`
          : `Revisions below applied ones never ran on this database: ${list(missed.map(({ revision }) => revision))}. Nothing was run.`,
        ...shaken.map(
          (id) => `${id} ran here; then what it stands on was taken back by code without it, and ran again`,
        ),
        ...reused.map(
          (id) =>
            `what ran here as ${id} had another text, and what stood on it then does not stand on it now: its file may be another revision`,
        ),
        ...missed
          .slice(0, 8)
          .filter(({ above }) => above.length > 0)
          .map(({ revision, above }) => `${revision} is below ${list(above, 4)}`),
        ...ofRows.map(
          (row) => `${row} is a row of the version table, and no entry of the ledger says that it ran`,
        ),
        ...(below.length === 0
          ? []
          : [`so it is not known of ${list(below)} either, which ${agree(below.length, 'is', 'are')} below`]),
      ]),
      hint:
        unrecorded.length > 0
          ? unrecordedWay(rows, unrecorded)
          : gone.length === 0
            ? `\`${repair}\` runs exactly these, in order; \`${repair} --dry-run\` shows them first.`
            : missed.length > 1
              ? `${list(gone)} ran here, and no file has ${gone.length === 1 ? 'it' : 'them'}: where one of ${list(missed.map(({ revision }) => revision))} took the place of some of them, name those in its header (\`@replaces\`, oldest first). What never ran otherwise \`${repair}\` runs, in order; \`${repair} --dry-run\` shows it first.`
              : `${list(gone)} ran here, and no file has ${gone.length === 1 ? 'it' : 'them'}: if ${missed[0]?.revision} took ${gone.length === 1 ? 'its' : 'their'} place, write \`@replaces ${gone.join(', ')}\` into its header. If not, \`${repair}\` runs exactly what never ran, in order; \`${repair} --dry-run\` shows it first.`,
    };
  },
  rows_lost: ({ table, rows, lost, restore, under = [], unrun, gone = [] }) => ({
    message: `The version table ${table} holds ${list(rows) || 'no row'}, but the ledger records that these revisions ran: ${list(lost)}. Nothing was run.`,
    hint:
      under.length > 0
        ? `${list(under)}, below ${lost.length === 1 ? 'it' : 'them'}, ${under.length === 1 ? 'was' : 'were'} taken back since by code without ${list(lost)}. Take away by hand what is left of ${list(lost)}; then \`revgraph stamp ${rows.join(' ') || 'base'} --yes\` records that nothing of ${lost.length === 1 ? 'it' : 'them'} is there, and an upgrade runs ${lost.length === 1 ? 'it' : 'them'} again.`
        : gone.length === 0
          ? unrun !== undefined
            ? `\`revgraph stamp --recorded\` restores the rows.${unrun.length === 0 ? '' : ` ${list(unrun)}, below ${unrun.length === 1 ? 'one' : 'some'} of them, never ran; \`revgraph repair\` runs ${unrun.length === 1 ? 'it' : 'them'} then.`}`
            : `\`revgraph stamp ${restore.join(' ')} --yes\` restores the rows.${table === 'alembic_version' ? ' If Alembic took these revisions back, `revgraph stamp base --yes` records that.' : ''}`
          : `The ledger also records ${list(gone)}, which no file has. Restore the rows with the code that has ${gone.length === 1 ? 'it' : 'them'}: its \`revgraph upgrade\` names the stamp.`,
  }),
  rows_hidden: ({ tables, user }) => ({
    message: `Row security hides all rows of ${list(tables)} from ${user}, so nobody knows what ran. Nothing was run.`,
    hint: `${tables.map((table) => `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY;`).join(' ')} Or use the owner of ${tables.length === 1 ? 'the table' : 'the tables'}, or a role with BYPASSRLS.`,
  }),
  two_version_tables: ({ table, rows, beside, known }) => ({
    message: `There are two version tables: ${beside} holds ${list(known)} of these revisions, and ${table} ${rows.length === 0 ? 'has no row' : `holds ${list(rows)}, which ${rows.length === 1 ? 'is not one' : 'are none'} of them`}. Nothing was run.`,
    hint: `If these revisions are managed in ${beside}, name it with --version-table ${beside}, here and in the configuration. To count from ${table} instead, name that one with --version-table ${table}.`,
  }),
  half_downgraded: ({ revision, rows, finished, hasFile }) => ({
    message: `A downgrade of ${revision}, which runs outside a transaction, stopped halfway: ${counted(finished, 'statement was', 'statements were')} finished. The schema is neither that of ${revision} nor that below it. Nothing was run.`,
    hint:
      hasFile === false
        ? `No file has it: bring back the code that has it, where \`revgraph undo ${revision}\` goes on with it.`
        : `\`revgraph undo ${revision}\` goes on with it. If everything that ${revision} made is there, \`revgraph stamp ${rows.join(' ')} --reason "…" --yes\` records that.`,
  }),
  nothing_to_retry: ({ revision, reason }) => ({
    message: `There is nothing of ${revision} to be tried again: ${reason}.`,
    hint: `\`revgraph explain ${revision}\` says what became of it.`,
  }),
  unfinished_step: ({ revision, statement, next, batches = false }) => ({
    message: `An earlier run of ${revision}, which ${batches ? 'commits batch by batch' : 'runs outside a transaction'}, did not finish${statement === null ? '' : ` (its last statement: ${excerpt(statement)})`}.`,
    hint: next,
  }),
  not_current: ({ state, current, pending, waitedMs, next }) => ({
    message: `The database is not at the revision that this code needs${waitedMs === null ? '' : `, after waiting ${seconds(waitedMs)}`}: it is ${state} at ${list(current) || 'base'}, pending ${pending.length}: ${list(pending, 4)}.`,
    hint: `Run \`${next}\`, or start the service with the policy \`migrate\`.`,
  }),
  revision_parked: ({ revision, failures, reason }) => ({
    message: `${revision} failed ${failures} times with the same text, and is not tried again by itself${reason === null ? '' : `. It said: ${reason.replace(/\.$/, '')}`}.`,
    hint: `Change the revision, and it is tried again. If the cause was elsewhere, run \`revgraph retry ${revision}\`, or \`revgraph upgrade\`.`,
  }),
  pooler_detected: ({ url }) => ({
    message: `${url} is a pooler that gives each transaction another connection (transaction mode): the lock of a run is no lock there. Nothing was run.`,
    hint: 'Use the URL of the server itself, or a pool in session mode. With --lock transaction it runs through this one; revisions that run outside a transaction are refused then.',
  }),
  lock_guards_no_step: ({ lock, revisions }) => ({
    message: `${list(revisions)} ${agree(revisions.length, 'commits', 'commit')} in the middle of a step, outside its transaction, where --lock ${lock} can't guard it. Nothing was run.`,
    hint: 'Run it with the URL of the server itself, or a pool in session mode, and without --lock.',
  }),
  destruction_refused: ({ losses }) => ({
    message: lines([
      'This upgrade would destroy data, and `destructive` is refuse. Nothing was run:',
      ...losses.map(lossText),
    ]),
    hint: 'If these rows are not needed, run it with --destructive warn. A revision that keeps them for now may drop them later.',
  }),
  confirmation_needed: ({ what, consequence }) => ({
    message: `${what}: ${consequence}`,
    hint: 'Confirm with --yes.',
  }),
  timed_out: ({ what, timeoutMs }) => ({
    message: `${what} took longer than ${timeoutMs} ms.`,
    hint: 'Raise the limit, or find out what keeps the database busy.',
  }),
  hook_failed: ({ hook, revision, applied, reason, next }) => ({
    message: [
      `The hook ${hook}${revision === null ? '' : `, behind ${revision},`} failed: ${reason.replace(/\.$/, '')}.`,
      applied.length === 0 ? 'Nothing was run.' : `Steps done, which stand: ${list(applied, 4)}.`,
    ].join(' '),
    hint: hook === 'afterRun' ? 'Mend what it does. All steps are done.' : `Fix the cause, then run: ${next}`,
  }),
  aborted: ({ during, applied, remaining }) => ({
    message: `Stopped ${during}. Steps done: ${applied.length}; not run: ${remaining.length}.`,
    hint: 'No step is half done. Run the same command to continue.',
  }),
} satisfies Partial<Sentences>;
