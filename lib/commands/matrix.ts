import type { MatrixOptions, MatrixResult } from '../matrix/result.js';

/**
 * Walks every upgrade path: restores each start, finds out what it is, stamps it by evidence, upgrades it to each target, asks
 * the checks, compares the schema with a fresh install's, runs again, and goes down and up again. A path that fails is in the
 * result, and the others go on.
 *
 * @throws before anything is made: `usage` for a start that isn't there, a file that is missing or no start at all, what
 * is wrong with the revisions and their catalogue, SQL that can't be parsed; `aborted`
 */
export async function runMatrix(options: MatrixOptions): Promise<MatrixResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { walkAll } = await import('../matrix/matrix.js');
  return walkAll(await checkOptions('runMatrix', options));
}
