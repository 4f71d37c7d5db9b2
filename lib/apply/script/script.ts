import { freshSession, roleScript, UNLOCK_ALL } from '../../database/connection/session-state.js';
import type { NewestEntry } from '../../database/tables/ledger.js';
import {
  backfillGuard,
  begunGuard,
  checkGuard,
  entryScript,
  forgetScript,
  groundGuard,
  halfDownGuard,
  lockGuard,
  numberGuard,
  raise,
  ranGuard,
  rowGuard,
  rowScript,
  rowsLock,
  saidGuard,
  searchPathScript,
  tableStatements,
  transactionScript,
} from '../../database/tables/script.js';
import { absentRows, presentRows, type VersionTable } from '../../database/tables/version-table.js';
import { onOneLine } from '../../errors/printable.js';
import { counted } from '../../errors/words.js';
import type { Plan } from '../../plan/plan.js';
import type { Check } from '../../revision/revision.js';
import { characteristicsOf } from '../../revision/transaction.js';
import { adoptionOf, entryOf, rowsAfter, type Writing } from '../../run/entry.js';
import type { PreparedStep } from '../../run/prepare.js';
import { withSemicolon } from '../../sql/psql.js';
import { recordCode } from './opaque.js';
import { outsideTransaction } from './outside.js';

/** A plan as a script for `psql -v ON_ERROR_STOP=1`. */
export interface Script {
  readonly text: string;
  /** False if it holds a revision whose code must see data: the script stops there. */
  readonly complete: boolean;
  /** The revisions that are opaque. */
  readonly opaque: readonly string[];
}

type Facts = Omit<Writing, 'progress' | 'table'> & {
  /** What is applied where the script begins; it is written down where no entry says it. */
  readonly adopts: readonly string[] | null;
  /** The newest entry when the script is made, null without one; undefined where no database was asked. */
  readonly newest: NewestEntry | null | undefined;
  /** Whether entries are known which do not say it; else the script finds out whether there are some. */
  readonly hasEntries: boolean;
  /** Whether there may be something kept of backfills. */
  readonly hasBackfills: boolean;
  /** What a revision is called now. */
  readonly today: (revision: string) => string;
  /** Everything that a revision stands on. */
  readonly ancestorsOf: (revision: string) => readonly string[];
  /** Everything that stands on a revision. */
  readonly descendantsOf: (revision: string) => readonly string[];
  /** The schema that was asked for: first of the search path of every step. */
  readonly schema: string | null;
  readonly role: string | null;
};

/**
 * Renders prepared steps as a script: every revision in a transaction of its own, with the change of rows and the ledger
 * entry, behind a guard that the version table is where the step starts.
 */
export async function renderScript(
  plan: Plan,
  steps: readonly PreparedStep[],
  table: VersionTable,
  facts: Facts,
): Promise<Script> {
  const opaque: string[] = [];
  const parts: string[][] = [];
  const forgotten = new Set<string>();
  let rows = plan.from;
  for (const [index, prepared] of steps.entries()) {
    const { step, revision } = prepared;
    const body = await bodyOf(prepared);
    if (!body.complete) opaque.push(step.revision);
    const after = rowsAfter(rows, prepared);
    const writing: Writing = {
      ...facts,
      table,
      progress: { rows, backup: undefined, tables: { rows: index > 0 } },
    };
    const adopts = index === 0 && facts.adopts !== null ? [adoptionOf(writing, facts.adopts)] : [];
    const entry = entryOf(writing, prepared, { outcome: 'done', message: 'by script' });
    const isDown = step.direction === 'downgrade';
    const begun =
      isDown && facts.hasBackfills
        ? [step.revision, ...facts.descendantsOf(step.revision)].filter((id) => !forgotten.has(id))
        : [];
    begun.forEach((id) => void forgotten.add(id));
    const record = [
      ...(begun.length === 0 ? [] : [forgetScript(table, begun)]),
      ...(index === 0 ? absentRows(table) : []),
      ...adopts.map((adoption) => entryScript(table, adoption, !facts.hasEntries)),
      ...rowScript(table, step),
      entryScript(table, entry),
    ];
    // Rows that are absent come with the record of the first step.
    const guard = rowGuard(table, index === 0 ? presentRows(table, rows) : rows);
    const isOne = prepared.mode !== 'none';
    const called = (id: string): string[] => [id, ...(facts.namesOf([id])[id] ?? [])];
    const ids = called(step.revision);
    const required = revision.header.requires.flatMap((one) =>
      one.kind === 'backfill' && !isDown ? [facts.today(one.revision)] : [],
    );
    const guards = [
      guard,
      // Where it ran, and other code took away what it stood on, no row tells that it did.
      ...(isDown ? [] : [ranGuard(table, ids, facts.newest ?? null)]),
      backfillGuard(table, ids, true),
      ...required.map((id) => backfillGuard(table, called(id), false)),
      ...(index === 0 && !isDown ? [halfDownGuard(table)] : []),
      ...(index === 0 ? standingGuard(plan, table, facts, called) : []),
      ...(adopts.length > 0 && facts.newest !== undefined ? [saidGuard(table, facts.newest)] : []),
    ];
    const about = `${step.direction} ${step.revision}${revision.message === '' ? '' : `, ${revision.message}`}`;
    // psql ends a comment where the line ends, whichever way, and takes a backslash behind it for a command.
    const title = `-- ${index + 1} of ${steps.length}: ${onOneLine(about)}`;
    const prechecks = await Promise.all(
      prepared.prechecks.map((check) => checkStatements(check, step.revision)),
    );
    const verifies = await Promise.all(
      prepared.verifies.map((check) => checkStatements(check, step.revision)),
    );
    const { first, rest } = characteristicsOf(body.statements.map((sql) => ({ sql })));
    const opening = isOne ? first.map(({ sql }) => sql) : [];
    const work = isOne
      ? rest.map(({ sql }) => sql)
      : body.complete
        ? outsideTransaction(prepared, body.statements, writing, facts.role)
        : body.statements;
    const path = facts.schema === null ? [] : [searchPathScript(facts.schema, isOne)];
    const alone = [rowsLock(table), ...guards];
    const before = [...path, lockGuard(table, isOne), ...(isOne ? alone : guards), begunGuard(table, ids)];
    // As in a run: what a revision sets or makes for its session ends with it.
    const reset = freshSession(isOne, facts.role);
    const inside = [...before, ...prechecks.flat(), ...work, ...verifies.flat(), ...reset];
    const statements = isOne
      ? transactionScript([...opening, ...inside, UNLOCK_ALL, ...record])
      : [...inside, ...transactionScript([...alone, ...record]), UNLOCK_ALL];
    parts.push([title, ...statements.map(withSemicolon)]);
    rows = after;
  }
  const head = [
    `-- revgraph ${facts.libraryVersion}: ${plan.direction} ${onOneLine(String(plan.target))}, ${counted(steps.length, 'revision')}`,
    `-- from ${plan.from.join(', ') || 'base'} to ${plan.to.join(', ') || 'base'}; run with psql -v ON_ERROR_STOP=1`,
    ...(opaque.length === 0 ? [] : [`-- NOT COMPLETE: ${opaque.join(', ')} must read data`]),
    ...(steps.length === 0
      ? []
      : [...roleScript(facts.role), ...tableStatements(table), numberGuard(table)].map(withSemicolon)),
  ];
  const text = `${[head, ...parts].map((part) => part.join('\n')).join('\n\n')}\n`;
  return { text, complete: opaque.length === 0, opaque };
}

/** What a script takes back, and what its steps stand on, is there. Where Alembic moves the rows, entries do not say it. */
function standingGuard(
  { steps }: Plan,
  table: VersionTable,
  { ancestorsOf, newest = null }: Pick<Facts, 'ancestorsOf' | 'newest'>,
  called: (id: string) => string[],
): string[] {
  const below = new Set(steps.flatMap(({ revision }) => ancestorsOf(revision)));
  for (const { revision, direction } of steps)
    if (direction === 'downgrade') below.add(revision);
    else below.delete(revision);
  return below.size === 0 || table.column === 'version_num'
    ? []
    : [groundGuard(table, [...below].map(called), newest)];
}

async function bodyOf(prepared: PreparedStep): Promise<{ statements: readonly string[]; complete: boolean }> {
  const { work, step } = prepared;
  if (work.kind === 'none') return { statements: [], complete: true };
  if (work.kind === 'sql')
    return { statements: work.statements.map((statement) => statement.sql), complete: true };
  const recorded =
    work.kind === 'code' ? await recordCode(work.run, prepared) : { complete: false as const, reason: null };
  if (recorded.complete) return recorded;
  const why =
    recorded.reason === null
      ? 'commits batch by batch, which no script does'
      : `is code that must read data (${recorded.reason})`;
  const verb = step.direction === 'upgrade' ? 'upgrade' : 'undo';
  const note = `revgraph: ${step.revision} ${why}: run \`revgraph ${verb} ${step.revision}\` here`;
  return { statements: [raise(note)], complete: false };
}

async function checkStatements(check: Check, revision: string): Promise<string[]> {
  const statements = await check.statements();
  const last = statements.at(-1);
  if (last === undefined) return [];
  // Only a query can stand inside another; SHOW and its kind are asked in a run.
  if (last.node !== 'SelectStmt') return [];
  const guard = checkGuard(last.sql, check.expect, `revgraph: check "${check.title}" of ${revision} failed`);
  return [...statements.slice(0, -1).map((statement) => statement.sql), guard];
}
