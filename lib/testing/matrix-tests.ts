import { type MatrixContext, prepareMatrix } from '../matrix/context.js';
import { walkPath } from '../matrix/path.js';
import type { MatrixOptions } from '../matrix/result.js';
import { casesOf } from '../matrix/starts.js';
import { failedText } from '../render/matrix.js';
import { pathName } from '../render/matrix-cells.js';

/** What of vitest, or of a runner like it, is needed. `test.concurrent` as `test` walks paths side by side. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  test(name: string, body: () => Promise<void>, timeoutMs?: number): unknown;
  afterAll(body: () => Promise<void>): unknown;
}

export interface MatrixTestOptions extends Omit<MatrixOptions, 'onEvent' | 'logger' | 'concurrency'> {
  /** Name of the suite. Default `upgrade paths`. */
  readonly title?: string | undefined;
  /** How long one path may take. Default 120,000. */
  readonly timeoutMs?: number | undefined;
}

/** The first path of a suite prepares what all of them share: on PGlite that alone takes seconds. */
const TIMEOUT_MS = 120_000;

/**
 * A test per start and target, in a suite of its own: the paths that `runMatrix` walks.
 *
 * ```ts
 * import { afterAll, describe, test } from 'vitest';
 * import { matrixOptions, readConfig } from 'revgraph';
 * import { matrixTests } from 'revgraph/testing';
 *
 * matrixTests({ afterAll, describe, test }, matrixOptions(await readConfig()));
 * ```
 *
 * @throws `usage` at once, for a start that isn't there; what else is wrong with files and revisions fails the tests
 */
export function matrixTests(runner: TestRunner, options: MatrixTestOptions): void {
  const { title = 'upgrade paths', timeoutMs = TIMEOUT_MS, ...matrix } = options;
  const cases = casesOf(matrix);
  runner.describe(title, () => {
    let context: Promise<MatrixContext> | null = null;
    runner.afterAll(async () => {
      const prepared = await context?.catch(() => null);
      await prepared?.place.close();
    });
    for (const matrixCase of cases)
      runner.test(
        pathName(matrixCase),
        async () => {
          context ??= prepareMatrix(matrix);
          const path = await walkPath(await context, matrixCase);
          if (!path.ok) throw new Error(failedText(path));
        },
        timeoutMs,
      );
  });
}
