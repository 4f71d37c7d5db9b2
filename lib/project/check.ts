import { isRevgraphError, type Problem, problemSentence, RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import { readBatchStatement } from '../revision/batch-statement.js';
import type { Revision, SqlBody } from '../revision/revision.js';
import { transactionMode } from '../revision/transaction.js';
import { runAgain } from '../sql/again.js';
import { splitStatements } from '../sql/statements.js';
import { atBase } from './against-base.js';
import { type CheckProblem, headProblems } from './head-problems.js';
import { requirementProblems, untilProblems } from './problems.js';
import { loadProject, type Project, type RevisionSource } from './project.js';

export type { CheckProblem } from './head-problems.js';

/** Problems that other people's work brings: the graph itself is fine. */
export const ABOUT_HEADS: ReadonlySet<string> = new Set(['multiple_heads', 'reparented', 'deleted_revision']);

/** See `check`. */
export async function checkRevisions(options: RevisionCheckOptions): Promise<CheckResult> {
  const proposals: CheckProposal[] = [];
  const problems = await findProblems(options, proposals);
  const ok = problems.length === 0;
  return { ok, problems, ...(ok && proposals.length > 0 ? { proposals } : {}) };
}

async function findProblems(
  { revisions, base, lines = [] }: RevisionCheckOptions,
  proposals: CheckProposal[],
): Promise<CheckProblem[]> {
  try {
    const merged = base === undefined ? null : await atBase(revisions, base);
    const project = await loadProject(merged?.revisions ?? revisions);
    return [
      ...(merged?.problems ?? []),
      ...(await bodyProblems(project, proposals)),
      ...headProblems(project.graph, lines),
    ];
  } catch (error) {
    if (isRevgraphError(error, 'graph_invalid')) return error.details.problems.map(toCheckProblem);
    throw error;
  }
}

function toCheckProblem(problem: Problem): CheckProblem {
  const files =
    'files' in problem
      ? problem.files
      : 'file' in problem && problem.file !== undefined
        ? [problem.file]
        : [];
  return { ...problem, code: problem.code, message: problemSentence(problem), hint: null, files };
}

/** Parses every SQL revision. Code is not run, so it is not looked into. */
async function bodyProblems(
  { graph, revisions }: Project,
  proposals: CheckProposal[],
): Promise<CheckProblem[]> {
  const found: CheckProblem[] = [];
  for (const revision of revisions.values()) {
    found.push(...requirementProblems(graph, revision).map(toCheckProblem));
    if (revision.header.kind !== 'sql') continue;
    try {
      await parseBody(revision, graph, found);
      proposals.push(...(await proposalsFor(revision)));
    } catch (error) {
      if (!(error instanceof RevgraphError)) throw error;
      if (error.is('graph_invalid')) found.push(...error.details.problems.map(toCheckProblem));
      else
        found.push({
          code: error.code,
          message: error.message,
          hint: error.hint,
          files: [revision.file ?? revision.revision],
        });
    }
  }
  return found;
}

async function parseBody(revision: Revision, graph: Graph, found: CheckProblem[]): Promise<void> {
  const body = await revision.body();
  if (body.kind !== 'sql') return;
  const file = revision.file ?? revision.revision;
  for (const section of [body.upgrade, body.downgrade])
    if (section !== null)
      transactionMode(
        await splitStatements(section.sql, { file, line: section.line }, { thorough: true }),
        revision.header.transaction,
      );
  for (const one of [...body.precheck, ...body.verify]) await one.statements();
  for (const section of body.batches) await readBatchStatement(section);
  found.push(...untilProblems(graph, revision, body.verify).map(toCheckProblem));
}

/** A revision that leaves no trace makes an answer ambiguous, unless it says that it may run twice. */
async function proposalsFor({ revision, file, header, body }: Revision): Promise<CheckProposal[]> {
  if (header.idempotent) return [];
  const { kind, upgrade, batches } = (await body()) as SqlBody;
  if (kind !== 'sql' || upgrade === null || batches.length > 0) return [];
  if ((await runAgain(upgrade.sql)) !== 'guarded') return [];
  const message = `every statement of ${revision} is guarded, so it may run twice. Declare it @idempotent, and prove it with \`revgraph verify --idempotent ${revision}\``;
  return [{ revision, file, message }];
}

export interface RevisionCheckOptions {
  readonly revisions: RevisionSource;
  /** A git ref: checks what the graph will be once this work is merged there. Only for a folder. */
  readonly base?: string | undefined;
  /** Labels of lines that are meant to stay apart. Default: none. */
  readonly lines?: readonly string[] | undefined;
}

/** Something that a revision might say of itself. */
export interface CheckProposal {
  readonly revision: string;
  readonly file: string | null;
  readonly message: string;
}

export interface CheckResult {
  readonly ok: boolean;
  readonly problems: readonly CheckProblem[];
  /** What revisions might say of themselves, if nothing is wrong; left out if there is nothing. */
  readonly proposals?: readonly CheckProposal[];
}
