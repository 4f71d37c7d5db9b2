import { lines, type Sentences } from './sentence.js';
import { counted } from './words.js';

/** Of many rows that failed these are told: the cause is as a rule the same. */
const SHOWN = 10;

/** Messages and hints for errors of backfills. */
export const BACKFILL_SENTENCES = {
  backfill_invalid: ({ message, hint }) => ({ message, hint }),
  backfill_changed: ({ revision, name }) => ({
    message: `The definition of the backfill ${name} of ${revision} has changed since it started (name, table, key or condition), or the table was re-created. Its cursor is no longer valid.`,
    hint: `Restore the definition, or revert the changed rows with \`revgraph backfill undo ${revision}\`. If its batches may run again from the first row, use \`revgraph backfill forget ${revision} --yes\`.`,
  }),
  backfill_cancelled: ({ revision }) => ({
    message: `The backfill of ${revision} was cancelled. The batches committed so far remain.`,
    hint: `Continue it with \`revgraph backfill resume ${revision}\`, or revert it with \`revgraph backfill undo ${revision}\`.`,
  }),
  backfill_renamed: ({ revision, today, finished }) => ({
    message: `The backfill of ${revision} is kept under that id, and ${revision} is ${today === revision ? 'a squash without one' : today} in these files. Nothing was run.`,
    hint: finished
      ? `Take it back with the files in which it is ${revision}: what it changed is marked with that id.`
      : `Bring it to its end, or take it back, with the files in which it is ${today === revision ? 'a backfill' : revision}. Rename or squash it then.`,
  }),
  backfill_paused: ({ revision }) => ({
    message: `The backfill of ${revision} is paused. The batches committed so far remain.`,
    hint: `Let it go on with \`revgraph backfill resume ${revision}\`, then run the same command again.`,
  }),
  backfill_incomplete: ({ revision, failed, rows, stopped }) => ({
    message: lines([
      stopped
        ? `The backfill of ${revision} stopped because ${counted(failed, 'row')} failed.`
        : `The backfill of ${revision} is not complete: ${counted(failed, 'row')} failed. All other rows are done.`,
      ...rows.slice(0, SHOWN).map(({ key, error }) => `${key.join(', ')}: ${error}`),
      ...(failed > Math.min(rows.length, SHOWN)
        ? [`and ${failed - Math.min(rows.length, SHOWN)} more; see \`revgraph backfill status ${revision}\``]
        : []),
    ]),
    hint: `Fix the rows, then run the same command again or \`revgraph backfill retry ${revision}\`. To leave them as they are, run \`revgraph backfill accept ${revision} --reason "…"\`.`,
  }),
  backfill_blocked: ({ revision, name, key, reason }) => ({
    message: `The backfill ${name} of ${revision} can't continue at ${key.join(', ')}: ${reason}.`,
    hint: 'Another transaction has locked these rows. Wait until it ends, then run the same command again. It continues here.',
  }),
  backfill_taken: ({ revision, name }) => ({
    message: `Another process is running the backfill ${name} of ${revision}, or the backfill was undone in the meantime.`,
    hint: 'See `revgraph backfill status`. No batch was applied twice.',
  }),
  backfill_marked: ({ revision, name, mark }) => ({
    message: `Some rows had the mark ${mark} before ${name} of ${revision} ran. An undo could not tell them from the rows it changes.`,
    hint: 'Choose another mark, or clear the mark in those rows.',
  }),
  backfill_without_mark: ({ revision, name }) => ({
    message: `The backfill ${name} of ${revision} left no mark, so the rows it changed can't be found. Nothing was undone.`,
    hint: 'Pass `mark` or `creates` to batches(), or write a downgrade.',
  }),
  backfill_remains: ({ revision, remaining }) => ({
    message: `${counted(remaining, 'marked row remains', 'marked rows remain')} after the undo of ${revision}.`,
    hint: 'Another session is still writing them. Run the same command again.',
  }),
  backfill_finished: ({ revision, asked }) => ({
    message: `The backfill of ${revision} is finished: ${asked}.`,
    hint: `\`revgraph undo ${revision}\` takes it back.`,
  }),
  backfill_absent: ({ revision }) => ({
    message: `${revision} has no batches.`,
    hint: 'Name a revision with @batch sections, or one whose code calls batches().',
  }),
  quarantine_empty: ({ revision, key }) => ({
    message: `No row${key === null ? '' : ` ${key.join(', ')}`} of ${revision} is in quarantine and not yet accepted.`,
    hint: 'See them with `revgraph backfill status`. --key names one row, with a value for every column of its key.',
  }),
  queue_missing: ({ package: name }) => ({
    message: `A queue for several machines needs the package ${name}, which is not installed.`,
    hint: `Install it with \`npm install ${name}@10\`, or omit --queue.`,
  }),
  backfill_unknown: ({ revision, known }) => ({
    message: `This database has no backfill of ${revision}.`,
    hint: known.length === 0 ? 'No backfill has started here.' : `It has backfills of ${known.join(', ')}.`,
  }),
} satisfies Partial<Sentences>;
