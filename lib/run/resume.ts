import { createHash } from 'node:crypto';
import type { LastEntry } from '../database/tables/last-entries.js';
import { type Begun, isInDoubt } from '../database/tables/record.js';
import { RevgraphError } from '../errors/error.js';
import { withoutSecrets } from '../errors/secrets.js';
import type { Statement } from '../sql/statements.js';
import type { PreparedStep } from './prepare.js';
import type { Run } from './run.js';

/** What the ledger keeps of a step outside a transaction that is not done. */
export interface ProgressMark {
  /** Statements that are finished. */
  readonly finished: number;
  readonly statements: number;
  /** Of the text of those that are finished. */
  readonly digest: string;
  /** The statement behind them commits together with the entry that says so: if that is missing, it did nothing. */
  readonly together: boolean;
  /** Oids of indexes that were there before that statement, which may leave one that nobody has named. */
  readonly before?: readonly string[];
}

/** Where a step goes on that an earlier run began. */
export interface Resumption {
  /** The statement to begin with, from 0. */
  readonly first: number;
  /** Nobody knows whether that one was finished: it was begun, and no answer came. */
  readonly inDoubt: boolean;
  /** The one in doubt is not in the file any more, or not at its place. */
  readonly edited: boolean;
  readonly before: readonly string[] | null;
  /** What ran below it, or was taken back, since, or is to run below it now: what it has finished may be gone. */
  readonly moved?: readonly string[];
}

type Known = Pick<Run, 'last' | 'begun' | 'ancestorsOf' | 'plan' | 'isSquash'>;

/** The step as an earlier run began it outside a transaction and did not end it. */
const begunOf = ({ begun }: Known, { step: { revision, direction } }: PreparedStep): Begun | undefined =>
  begun.find((one) => one.revision === revision && one.direction === direction);

/**
 * The newest ledger entry of a step that an earlier run began outside a transaction and did not finish, or undefined: also where it
 * would run in a transaction now.
 */
function unfinished(run: Known, prepared: PreparedStep) {
  const { step, mode } = prepared;
  const entry = run.last.get(step.revision);
  if (entry === undefined || entry.outcome === 'done' || entry.direction !== step.direction) return undefined;
  return mode === 'none' || begunOf(run, prepared) !== undefined ? entry : undefined;
}

/** The first 0, 1, 2 … statements of a revision by their text: a digest each, of which the next one goes on. */
export function digestsOf(statements: readonly Statement[]): readonly string[] {
  const hash = createHash('sha256');
  return [
    hash.copy().digest('hex'),
    ...statements.map(({ sql }) => hash.update(sql).update('\0').copy().digest('hex')),
  ];
}

/** Procedures and blocks outside a transaction may commit what they did before they fail. */
const MAY_COMMIT = /^(?:\s|--[^\n]*\n|\/\*.*?\*\/)*(?:call|do)\b/is;

/** Whether the newest entry of a step leaves its last statement in doubt. */
export function leavesDoubt({
  outcome,
  statement,
  statistics,
}: Pick<LastEntry, 'outcome' | 'statement' | 'statistics'>): boolean {
  const mark = statistics as Partial<ProgressMark> | null;
  if (outcome === 'failed' && mark?.together === false && MAY_COMMIT.test(statement ?? '')) return true;
  return isInDoubt(outcome, statement !== null, mark?.together === true);
}

const FRESH: Resumption = { first: 0, inDoubt: false, edited: false, before: null };

/** @returns null where an earlier run finished statements that read otherwise now, or would run in a transaction */
function resumption(run: Known, prepared: PreparedStep): Resumption | null {
  const entry = unfinished(run, prepared);
  if (entry === undefined) return FRESH;
  const statements = prepared.work.kind === 'sql' ? prepared.work.statements : [];
  const mark = entry.statistics as Partial<ProgressMark> | null;
  const first = Number(mark?.finished ?? 0);
  const begun = begunOf(run, prepared);
  // What was run or taken away below since, or runs before it now, may have taken its effects along; or they are there.
  const { revision } = prepared.step;
  const ancestors = run.ancestorsOf(revision);
  const { steps } = run.plan;
  const now = steps.slice(
    0,
    steps.findIndex((step) => step.revision === revision),
  );
  const decided = entry.outcome === 'retry';
  const below = new Set([...(begun?.since ?? []), ...(decided ? [] : now.map((step) => step.revision))]);
  const moved = ancestors.filter((id) => below.has(id));
  if (begun === undefined) return FRESH;
  const doubt = leavesDoubt(entry);
  // How far code came, nobody knows.
  const isUntouched = typeof mark?.finished === 'number' && first === 0 && !doubt;
  if (moved.length > 0)
    return isUntouched || prepared.revision.header.idempotent ? FRESH : { ...FRESH, moved };
  if (prepared.mode !== 'none' || prepared.work.kind !== 'sql') return isUntouched ? FRESH : null;
  if (mark?.digest !== digestsOf(statements)[first]) return isUntouched ? FRESH : null;
  const statement = statements[first];
  const edited = doubt && (statement === undefined || entry.statement !== withoutSecrets(statement.sql));
  return {
    first,
    inDoubt: doubt && (edited || statement?.setting !== true),
    edited,
    before: mark?.before ?? null,
  };
}

/** Which statement to begin with; it is told where an earlier run began. */
export function resumePoint(run: Run, prepared: PreparedStep): Resumption {
  const found = resumption(run, prepared) ?? FRESH;
  if (unfinished(run, prepared) === undefined) return found;
  const statements = prepared.work.kind === 'sql' ? prepared.work.statements.length : 0;
  const from =
    found.first === 0
      ? 'starts from the first statement'
      : found.first < statements
        ? `continues at statement ${found.first + 1} of ${statements}`
        : 'goes on behind the last statement';
  run.emit({
    type: 'warning',
    message: `${prepared.step.revision}: an earlier run did not finish; this run ${from}`,
  });
  return found;
}

/**
 * Refuses to run again what an earlier run left half done and nobody can tell of, unless it says that it may run twice: code; a
 * statement whose answer was lost and that leaves no trace; statements that were edited since they were finished.
 *
 * @throws `unfinished_step`
 */
export function assertResumable(run: Known & Pick<Run, 'next'>, steps: readonly PreparedStep[]): void {
  for (const prepared of steps) {
    const entry = unfinished(run, prepared);
    if (entry === undefined || prepared.revision.header.idempotent) continue;
    const isCode = prepared.work.kind === 'code';
    if (isCode && entry.outcome === 'retry') continue;
    const next = isCode ? wayOfCode(run, prepared) : wayOfSql(run, prepared);
    if (next === null) continue;
    const { revision } = prepared.step;
    throw new RevgraphError('unfinished_step', { revision, statement: entry.statement, next });
  }
}

function wayOfCode({ next }: Pick<Run, 'next'>, { step }: PreparedStep): string {
  return `If it may run twice, add @idempotent to its header and run \`${next}\`. If all of its changes exist, run \`revgraph stamp ${step.revision} --yes\`.`;
}

/** Null where it can go on. */
function wayOfSql(run: Known, prepared: PreparedStep): string | null {
  const { step, work } = prepared;
  const found = resumption(run, prepared);
  const begun = begunOf(run, prepared);
  const [squash] =
    Object.entries(begun?.names ?? {}).find(
      ([id, parts]) => begun?.squashed?.includes(id) === true && parts.includes(step.revision),
    ) ?? [];
  if (found === null && squash !== undefined && !run.isSquash(step.revision))
    return `It began as a part of the squash ${squash}, by code that has that. That code goes on with it, or takes it back.`;
  const anew = `If what it did is gone, or may be done again, \`revgraph retry ${step.revision} --anew\` lets it begin at the first statement.`;
  if (found === null && prepared.mode !== 'none')
    return `It began outside a transaction, and what it has finished there stays. Restore its text and \`@transaction none\`, and it goes on behind that. ${anew}`;
  if (found === null) return `Statements that it has finished were edited since. Restore their text. ${anew}`;
  if (found.moved !== undefined)
    return `What it has finished may be gone: ${found.moved.join(', ')}, below it, ran or was taken back since, or would run now. If it is there, \`revgraph retry ${step.revision}\` goes on behind it. ${anew}`;
  if (found.edited)
    return `Whether this statement was finished is not known, and it was edited since. Restore its text; then \`revgraph retry ${step.revision} --done\` records that it was finished, and \`revgraph retry ${step.revision}\` runs it again.`;
  const statement = work.kind === 'sql' ? work.statements[found.first] : undefined;
  if (!found.inDoubt || statement?.trace != null) return null;
  return `Whether this statement was finished is not known: look for what it does. If that is there, run \`revgraph retry ${step.revision} --done\`; if not, \`revgraph retry ${step.revision}\` runs it again.`;
}
