import type { BatchDefinition, BatchResult, BatchSection, UndoResult } from '../revision/batches.js';
import type { PreparedStep } from './prepare.js';
import type { Run } from './run.js';

/** What batches need of a run. */
export type Batched = Pick<Run, 'session' | 'server' | 'options' | 'lockKey' | 'emit' | 'table'>;

/** How a run works on batches: given to it from above, for the room that knows how stands above this one. */
export interface Batching {
  /** A backfill of a step: what `batches()` was given, or a `@batch` section. */
  run(run: Batched, prepared: PreparedStep, what: BatchDefinition | BatchSection): Promise<BatchResult>;
  /** Takes back what the backfills of a step marked. */
  undo(run: Batched, prepared: PreparedStep): Promise<UndoResult>;
}
