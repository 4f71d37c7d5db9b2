import type { MatrixOptions, MatrixResult } from '../matrix/result.js';

/**
 * Tests every upgrade path: restores each start, identifies it, stamps it by evidence, upgrades it to each target, runs the
 * checks, compares the schema with that of a fresh install, upgrades again, and goes down and up again. Paths that fail are in
 * the result; they do not stop the others.
 *
 * @throws before a database is created: `usage` for an unknown start, a missing file or a matrix without starts; errors of the
 * revisions and their catalogue; SQL that can't be parsed. Also `aborted`
 */
export async function runMatrix(options: MatrixOptions): Promise<MatrixResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { walkAll } = await import('../matrix/matrix.js');
  return walkAll(await checkOptions('runMatrix', options));
}
