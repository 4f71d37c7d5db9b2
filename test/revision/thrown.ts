import { expect } from 'vitest';
import { type ErrorCode, isRevgraphError, type Problem, type RevgraphError } from '../../lib/errors/error.js';

/** The error of this code that is thrown; fails where none is, or another one. */
export async function thrown<C extends ErrorCode>(code: C, run: () => unknown): Promise<RevgraphError<C>> {
  let caught: unknown = null;
  try {
    await run();
  } catch (error) {
    caught = error;
  }
  if (!isRevgraphError(caught, code)) expect.fail(`expected ${code}, got ${String(caught)}`);
  return caught;
}

/** Problems as `LINE message` or `CODE`, short enough to compare. */
export function short(problems: readonly Problem[]): string[] {
  return problems.map((problem) =>
    problem.code === 'bad_header'
      ? `${problem.line} ${problem.message}`
      : `${'line' in problem ? `${problem.line} ` : ''}${problem.code}`,
  );
}
