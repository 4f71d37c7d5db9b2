import { lines, type Sentences } from './sentence.js';
import { counted } from './words.js';

/** Sentences of what goes wrong with backfills. */
export const BACKFILL_SENTENCES = {
  backfill_invalid: ({ message, hint }) => ({ message, hint }),
  backfill_changed: ({ revision, name }) => ({
    message: `The backfill ${name} of ${revision} was begun with another name, table, key or condition than there is now (or the table was made anew): its cursor means nothing there.`,
    hint: `Put the definition back; or take back what it did with \`revgraph backfill undo ${revision}\`; or, if its batches may run again from the first row, \`revgraph backfill forget ${revision} --yes\`.`,
  }),
  backfill_cancelled: ({ revision }) => ({
    message: `The backfill of ${revision} was cancelled; what its batches did so far remains.`,
    hint: `\`revgraph backfill resume ${revision}\` lets it go on, \`revgraph backfill undo ${revision}\` takes it back.`,
  }),
  backfill_incomplete: ({ revision, failed, rows, stopped }) => ({
    message: lines([
      stopped
        ? `The backfill of ${revision} stopped: ${counted(failed, 'row')} failed.`
        : `The backfill of ${revision} is not complete: ${counted(failed, 'row')} failed, all others are through.`,
      ...rows.map(({ key, error }) => `${key.join(', ')}: ${error}`),
    ]),
    hint: `Mend the rows and run the same command again (or \`revgraph backfill retry ${revision}\`); or \`revgraph backfill accept ${revision} --reason "…"\`.`,
  }),
  backfill_blocked: ({ revision, name, key, reason }) => ({
    message: `The backfill ${name} of ${revision} can't go on at ${key.join(', ')}: ${reason}.`,
    hint: 'Another transaction holds these rows. When it is over, the same command goes on here.',
  }),
  backfill_taken: ({ revision, name }) => ({
    message: `Another process works on the backfill ${name} of ${revision}, or it was taken back meanwhile.`,
    hint: '`revgraph backfill status` shows it. Nothing was done twice.',
  }),
  backfill_marked: ({ revision, name, mark }) => ({
    message: `Rows carry the mark ${mark} before ${name} of ${revision} ran: an undo could not tell them apart.`,
    hint: 'Choose a mark of its own, or clear it in those rows.',
  }),
  backfill_without_mark: ({ revision, name }) => ({
    message: `The backfill ${name} of ${revision} left no mark: what it changed can't be told apart, and nothing was taken back.`,
    hint: 'Give batches() a mark or creates; or write a downgrade.',
  }),
  backfill_remains: ({ revision, remaining }) => ({
    message: `After the undo of ${revision}, ${counted(remaining, 'marked row remains', 'marked rows remain')}.`,
    hint: 'Something goes on writing them. Run the same command again.',
  }),
  queue_missing: ({ package: name }) => ({
    message: `Work on several machines needs the package ${name}, which is not installed.`,
    hint: `Install it with \`npm install ${name}@10\`, or leave --queue out.`,
  }),
  backfill_unknown: ({ revision, known }) => ({
    message: `There is no backfill of ${revision} in this database.`,
    hint: known.length === 0 ? 'None has begun.' : `There is ${known.join(', ')}.`,
  }),
} satisfies Partial<Sentences>;
