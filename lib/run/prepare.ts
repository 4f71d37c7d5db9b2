import { isRevgraphError, type Problem, RevgraphError } from '../errors/error.js';
import { withoutSecrets } from '../errors/secrets.js';
import type { Plan, Step } from '../plan/plan.js';
import { readBatchStatement } from '../revision/batch-statement.js';
import type { BatchSection } from '../revision/batches.js';
import { recordedChecksum } from '../revision/definition.js';
import type { Check, Revision, RevisionBody, RevisionFunction } from '../revision/revision.js';
import { transactionMode } from '../revision/transaction.js';
import { createdExtensions, type Statement, splitStatements } from '../sql/statements.js';

/** What a step does: statements, code, or nothing but the change of rows. */
export type Work =
  | { readonly kind: 'sql'; readonly statements: readonly Statement[] }
  | { readonly kind: 'code'; readonly run: RevisionFunction }
  /** `@batch` sections, and what takes them back. */
  | {
      readonly kind: 'batches';
      readonly sections: readonly BatchSection[];
      /** As they stand in the file. */
      readonly statements: readonly Statement[];
    }
  | { readonly kind: 'undo' }
  | { readonly kind: 'none' };

/** What the ledger keeps of a revision, so that code which lacks its file can take it back. */
export interface KeptText {
  readonly message: string;
  /** The SQL of its downgrade; null where it changed nothing. */
  readonly sql: string | null;
  /** `@transaction none`; left out where it is not. */
  readonly transaction?: 'none';
  readonly loses?: string;
}

/** A step with all that was read and parsed for it: nothing is left to be found out while it runs. */
export interface PreparedStep {
  readonly step: Step;
  readonly revision: Revision;
  readonly work: Work;
  readonly mode: 'transaction' | 'none';
  readonly prechecks: readonly Check[];
  readonly verifies: readonly Check[];
  readonly checksum: string;
  /** May have backfills: it has `@batch` sections or code. */
  readonly batched: boolean;
  /** An upgrade that may be left to the background. */
  readonly background: boolean;
  /** Extensions that it creates or requires. */
  readonly extensions: readonly string[];
  /** Of an upgrade: what takes it back, for code that lacks the file. */
  readonly kept: KeptText | null;
}

/** True for `@batch` sections and what takes them back: their batches commit, and nothing else of the step runs before. */
export function commitsByBatch({ work: { kind } }: PreparedStep): boolean {
  return kind === 'batches' || kind === 'undo';
}

/**
 * Reads and parses everything that a plan needs, before anything runs.
 * @param options `toRun` false: to look at, where the code of a file is not imported, because its top level would run. Such a step
 *   says nothing of its checks and its downgrade, and can't be run
 * @throws `graph_invalid` with what is wrong with all of the files, `irreversible`, and what parsing throws
 */
export async function prepare(
  plan: Plan,
  revisions: ReadonlyMap<string, Revision>,
  { toRun = true }: { toRun?: boolean } = {},
): Promise<PreparedStep[]> {
  const prepared: PreparedStep[] = [];
  const problems: Problem[] = [];
  for (const step of plan.steps) {
    const revision = revisions.get(step.revision) as Revision;
    try {
      const unread = !toRun && revision.header.kind === 'code' && revision.file !== null;
      prepared.push(unread ? unreadStep(step, revision) : await prepareStep(step, revision));
    } catch (error) {
      if (!isRevgraphError(error, 'graph_invalid')) throw error;
      problems.push(...error.details.problems);
    }
  }
  if (problems.length > 0) throw new RevgraphError('graph_invalid', { problems });
  return prepared;
}

async function prepareStep(step: Step, revision: Revision): Promise<PreparedStep> {
  const body = await revision.body();
  if (step.direction === 'downgrade') assertReversible(revision, body);
  const work = await workOf(step, revision, body);
  const up = step.direction === 'upgrade';
  const declared = revision.header.transaction;
  const required = revision.header.requires.flatMap((r) => (r.kind === 'extension' ? [r.name] : []));
  return {
    step,
    revision,
    work,
    mode:
      work.kind === 'sql'
        ? transactionMode(work.statements, declared)
        : declared === 'none'
          ? 'none'
          : 'transaction',
    prechecks: up ? body.precheck : [],
    verifies: up ? body.verify : [],
    checksum: await recordedChecksum(revision),
    background: up && revision.header.background,
    batched: body.kind === 'code' || body.batches.length > 0,
    kept: up ? keptText(revision, body) : null,
    extensions: up ? [...required, ...(work.kind === 'sql' ? createdExtensions(work.statements) : [])] : [],
  };
}

/** What the header of a code file tells. */
function unreadStep(step: Step, revision: Revision): PreparedStep {
  const { irreversible, transaction, background, requires } = revision.header;
  if (step.direction === 'downgrade' && irreversible !== null)
    throw new RevgraphError('irreversible', { revision: revision.revision, why: irreversible });
  const run = (): never => {
    throw new RevgraphError('internal', { reason: `${revision.revision} was prepared to be looked at` });
  };
  const up = step.direction === 'upgrade';
  return {
    step,
    revision,
    work: { kind: 'code', run },
    mode: transaction === 'none' ? 'none' : 'transaction',
    prechecks: [],
    verifies: [],
    checksum: '',
    background: up && background,
    batched: true,
    kept: null,
    extensions: up ? requires.flatMap((one) => (one.kind === 'extension' ? [one.name] : [])) : [],
  };
}

async function workOf(step: Step, revision: Revision, body: RevisionBody): Promise<Work> {
  const sections = body.kind === 'sql' ? body.batches : [];
  if (step.direction === 'upgrade' && sections.length > 0) {
    return { kind: 'batches', sections, statements: await Promise.all(sections.map(readBatchStatement)) };
  }
  const part = body[step.direction];
  if (part === null) return { kind: undoes(body) ? 'undo' : 'none' };
  if (typeof part === 'function') return { kind: 'code', run: part };
  const place = { file: revision.file ?? revision.revision, line: part.line };
  return { kind: 'sql', statements: await splitStatements(part.sql, place) };
}

/** True if the marks of its batches are enough to take it back. */
function undoes(body: RevisionBody): boolean {
  return (
    body.kind === 'sql' &&
    body.batches.length > 0 &&
    body.downgrade === null &&
    body.batches.every(({ mark }) => mark !== null)
  );
}

/** A revision that changes nothing (a merge point, a documentation revision) needs no downgrade. */
function assertReversible(revision: Revision, body: RevisionBody): void {
  const { irreversible } = revision.header;
  if (irreversible !== null)
    throw new RevgraphError('irreversible', { revision: revision.revision, why: irreversible });
  if (body.downgrade === null && body.upgrade !== null && !undoes(body))
    throw new RevgraphError('irreversible', {
      revision: revision.revision,
      why: `${revision.file ?? 'its definition'} has no downgrade`,
    });
}

const MOST_BYTES = 2 ** 20;

/** Null for what can't be taken back by SQL, code and what only marks tell among it, and for what is larger than 1 MB. */
export function keptText({ message, header }: Revision, body: RevisionBody): KeptText | null {
  if (body.kind !== 'sql' || header.irreversible !== null) return null;
  const { upgrade, downgrade } = body;
  if (downgrade === null && upgrade !== null) return null;
  const sql = downgrade?.sql ?? null;
  // The ledger keeps no passwords.
  if (sql !== null && (Buffer.byteLength(sql) > MOST_BYTES || withoutSecrets(sql) !== sql)) return null;
  return {
    message,
    sql,
    ...(header.transaction === 'none' ? { transaction: 'none' as const } : {}),
    ...(header.loses === null ? {} : { loses: header.loses }),
  };
}
