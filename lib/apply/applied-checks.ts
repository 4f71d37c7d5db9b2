import { type Problem, RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import { marked } from '../graph/walk.js';
import { untilProblems } from '../project/problems.js';
import type { Project } from '../project/project.js';
import { makeCheck, readCheck } from '../revision/check.js';
import type { CheckDefinition } from '../revision/object-body.js';
import type { Check, Revision } from '../revision/revision.js';
import type { PreparedStep } from '../run/prepare.js';
import type { AppliedCheck } from './ask-checks.js';

/** A check that a later revision, which is applied, has ended. */
export interface EndedCheck {
  readonly revision: string;
  readonly title: string;
  readonly until: string;
}

export interface AppliedChecks {
  /** Those of revisions, parents first; then those of the configuration. */
  readonly checks: readonly AppliedCheck[];
  readonly ended: readonly EndedCheck[];
}

/**
 * The `@verify` checks of all revisions that `rows` include, and which of them stand. Files without such a word are not
 * read as bodies: of ten thousand revisions few have checks.
 * @throws `graph_invalid` where an `until` names no later revision; what reading a body throws
 */
export async function appliedChecks(
  { graph, revisions }: Project,
  rows: readonly string[],
  configured: readonly CheckDefinition[] = [],
): Promise<AppliedChecks> {
  const applied = graph.closureOf(rows);
  const checks: AppliedCheck[] = [];
  const ended: EndedCheck[] = [];
  const problems: Problem[] = [];
  for (const id of graph.idsOf(marked(applied))) {
    const revision = revisions.get(id) as Revision;
    if (revision.mentions?.('verify') === false) continue;
    const { verify } = await revision.body();
    problems.push(...untilProblems(graph, revision, verify));
    for (const check of verify) {
      const { title, until } = check;
      if (until !== null && isIn(applied, graph, until)) ended.push({ revision: id, title, until });
      else checks.push({ revision, check });
    }
  }
  if (problems.length > 0) throw new RevgraphError('graph_invalid', { problems });
  return { checks: [...checks, ...configured.map(configuredCheck)], ended };
}

/** Whether what a check names, maybe by a former name, is among these. */
const isIn = (marks: Uint8Array, graph: Graph, id: string): boolean =>
  marks[graph.numberOf(graph.today(id) ?? '') ?? -1] === 1;

function configuredCheck(definition: CheckDefinition): AppliedCheck {
  const parts = readCheck(definition);
  if (typeof parts === 'string')
    throw new RevgraphError('usage', {
      message: `A check ${parts}.`,
      hint: "Write checks as [{ title: '…', sql: 'SELECT …', expect: 0 }].",
    });
  return { revision: null, check: makeCheck({ ...parts, line: 1 }, 'checks of the configuration') };
}

/**
 * Steps without the checks that something applied has ended already: a repair runs revisions below others that stay.
 * @param rows as they were before anything was lowered
 */
export function withoutEnded(
  steps: readonly PreparedStep[],
  graph: Graph,
  rows: readonly string[],
): readonly PreparedStep[] {
  if (steps.every(({ verifies }) => verifies.every(({ until }) => until === null))) return steps;
  const applied = graph.closureOf(rows);
  const comes = new Set(steps.map(({ step }) => step.revision));
  const isOver = ({ until }: Check): boolean =>
    until !== null && isIn(applied, graph, until) && !comes.has(graph.today(until) as string);
  return steps.map((step) => ({ ...step, verifies: step.verifies.filter((check) => !isOver(check)) }));
}
