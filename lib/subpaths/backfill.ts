/* `revgraph/backfill`: backfills outside of a deploy, and the types of those that revisions define. */
export type { BackfillPreview } from '../backfill/preview.js';
export type { BackfillOptions, BackfillOrder } from '../background/orders.js';
export type { BackfillPreviewOptions, BackfillPreviewResult } from '../background/preview.js';
export type { BackfillReport, BackfillStatus } from '../background/report.js';
export type { UnfinishedWork, WorkedRevision, WorkOptions, WorkResult } from '../background/work.js';
export {
  acceptBackfill,
  backfillStatus,
  cancelBackfill,
  forgetBackfill,
  pauseBackfill,
  previewBackfill,
  resumeBackfill,
  retryBackfill,
  undoBackfill,
  workBackfills,
} from '../commands/backfill.js';
export type {
  BatchContext,
  BatchDefinition,
  BatchResult,
  RowChange,
  RowContext,
  Throttle,
  UndoResult,
} from '../revision/batches.js';
export type { BackfillMark } from '../revision/header/batch-tag.js';
