import type { DatabaseSource } from '../database/session.js';
import type { Snapshot } from '../fingerprint/fact.js';
import type { ChangeResult } from './change.js';
import type { MatrixFailure, MatrixPath, MatrixStage } from './matrix.js';
import type { Ground } from './matrix-ground.js';
import type { Start } from './matrix-starts.js';
import type { DatabaseOptions } from './options.js';

/** The answer as it is being made. */
export type Draft = { -readonly [K in keyof MatrixPath]: MatrixPath[K] } & {
  failures: MatrixFailure[];
  times: { [S in MatrixStage]?: number };
};

/** One path while it is walked. */
export interface Walk {
  readonly ground: Ground;
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
export interface Passage {
  readonly result: ChangeResult;
  /** Known facts before anything was run; null if nothing will be taken down again. */
  readonly before: Snapshot | null;
}
