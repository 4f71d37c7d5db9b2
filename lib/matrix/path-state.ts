import type { ApplyResult } from '../apply/apply.js';
import type { DatabaseOptions } from '../config/options.js';
import type { DatabaseSource } from '../database/connection/session.js';
import type { Snapshot } from '../fingerprint/fact.js';
import type { MatrixContext } from './context.js';
import type { MatrixFailure, MatrixPath, MatrixStage } from './result.js';
import type { Start } from './starts.js';

/** The answer as it is being made. */
export type Draft = { -readonly [K in keyof MatrixPath]: MatrixPath[K] } & {
  failures: MatrixFailure[];
  times: { [S in MatrixStage]?: number };
};

/** One path while it is walked. */
export interface MatrixRun {
  readonly context: MatrixContext;
  readonly start: Start;
  readonly database: DatabaseSource;
  readonly options: DatabaseOptions;
  readonly path: Draft;
  /** Runs a stage and takes its time. */
  readonly stage: <T>(name: MatrixStage, action: () => Promise<T>) => Promise<T>;
  /** Something was found that is not as expected: the path goes on, and has failed. */
  readonly fail: (stage: MatrixStage, message: string) => void;
}

/** What brought a start to its target. */
export interface MatrixOutcome {
  readonly result: ApplyResult;
  /** Known facts before anything was run; null if nothing will be taken down again. */
  readonly before: Snapshot | null;
}
