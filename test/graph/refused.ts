import { expect } from 'vitest';
import { type ErrorCode, isRevgraphError, type Problem, type RevgraphError } from '../../lib/errors/error.js';
import { buildGraph } from '../../lib/graph/build.js';
import type { GraphNode } from '../../lib/graph/graph.js';
import { nodeOf } from './shapes.js';

/** The error of this code that `action` throws. Fails where nothing or something else is thrown. */
export function refused<C extends ErrorCode>(code: C, action: () => unknown): RevgraphError<C> {
  let caught: unknown = null;
  try {
    caught = `the value ${JSON.stringify(action())}`;
  } catch (error) {
    caught = error;
  }
  if (!isRevgraphError(caught, code)) expect.fail(`expected ${code}, got ${String(caught)}`);
  return caught;
}

/** The one error for which these revisions are refused. */
export const refusedGraph = (nodes: readonly GraphNode[]): RevgraphError<'graph_invalid'> =>
  refused('graph_invalid', () => buildGraph(nodes));

/** The problems for which revisions written as text are refused, and the message of the error. */
export function problemsOf(...texts: string[]): { problems: readonly Problem[]; message: string } {
  const error = refusedGraph(texts.map(nodeOf));
  return { problems: error.details.problems, message: error.message };
}
