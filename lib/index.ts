export type { BackfillPreview } from './backfill/preview.js';
export { type BootResult, boot } from './boot/boot.js';
export type { BootOptions, BootPolicy, ReadinessOptions } from './boot/options.js';
export { type Readiness, type ReadinessAnswer, readiness } from './boot/readiness.js';
export {
  acceptBackfill,
  type BackfillOptions,
  type BackfillOrder,
  type BackfillPreviewOptions,
  type BackfillPreviewResult,
  backfillStatus,
  cancelBackfill,
  forgetBackfill,
  pauseBackfill,
  previewBackfill,
  resumeBackfill,
  retryBackfill,
  type UnfinishedWork,
  undoBackfill,
  type WorkedRevision,
  type WorkOptions,
  type WorkResult,
  workBackfills,
} from './commands/backfill.js';
export type { BackfillReport, BackfillStanding } from './commands/backfill-report.js';
export {
  buildCatalogue,
  type CatalogueBuild,
  type CatalogueCheck,
  type CatalogueOptions,
  checkCatalogue,
} from './commands/catalogue.js';
export type { ChangeResult } from './commands/change.js';
export { type CheckOptions, type CheckProblem, type CheckResult, check } from './commands/check.js';
export { type Config, defineConfig, readConfig } from './commands/config.js';
export { type DoctorFinding, type DoctorResult, doctor } from './commands/doctor.js';
export { type DowngradeOptions, downgrade, undo } from './commands/downgrade.js';
export { facts } from './commands/facts.js';
export {
  type ChangedTable,
  type IdempotenceOptions,
  type IdempotenceResult,
  verifyIdempotent,
} from './commands/idempotence.js';
export { type IdentifyOptions, type IdentifyResult, identify } from './commands/identify.js';
export { type InitOptions, type InitResult, init } from './commands/init.js';
export {
  type BranchEntry,
  bases,
  branches,
  type HistoryEntry,
  type HistoryOptions,
  heads,
  history,
  type RevisionEntry,
  type ShownRevision,
  show,
} from './commands/list.js';
export { losses } from './commands/losses.js';
export {
  type MatrixAnswer,
  type MatrixCheck,
  type MatrixEvent,
  type MatrixExpectation,
  type MatrixFailure,
  type MatrixOptions,
  type MatrixPath,
  type MatrixResult,
  type MatrixStage,
  type MatrixStart,
  runMatrix,
} from './commands/matrix.js';
export { type MatrixConfig, matrixOptions, withTargets } from './commands/matrix-config.js';
export type {
  Backup,
  DatabaseOptions,
  Expect,
  Limits,
  ProjectOptions,
  Releases,
  RunOptions,
} from './commands/options.js';
export { type PreflightOptions, type PreflightResult, preflight } from './commands/preflight.js';
export type { Loss, PreflightCheck } from './commands/preflight-check.js';
export { loadProject, type Project, type RevisionSource } from './commands/project.js';
export { type RepairOptions, type RepairResult, type Reviewed, repair } from './commands/repair.js';
export {
  type MergeOptions,
  merge,
  type NewFile,
  type RevisionOptions,
  revision,
} from './commands/revision.js';
export { type ScriptOptions, type ScriptResult, script } from './commands/script.js';
export { type StampOptions, type StampResult, stamp, stampScript } from './commands/stamp.js';
export { type State, type Status, status } from './commands/status.js';
export { type UpgradeOptions, upgrade } from './commands/upgrade.js';
export { type VerifyOptions, type VerifyResult, verify } from './commands/verify.js';
export type {
  InsertManyOptions,
  InsertManyResult,
  UpdateManyOptions,
  UpdateManyResult,
  UpsertManyOptions,
  UpsertManyResult,
} from './database/bulk-options.js';
export type { CopyIntoResult } from './database/copy.js';
export type { Bulk } from './database/open-bulk.js';
export type { DatabaseSource, PGliteLike, PoolLike, Queryable } from './database/session.js';
export { type ErrorCode, type ErrorDetails, isRevgraphError, type Problem, RevgraphError } from './errors.js';
export { buildGraph, type GraphNode } from './graph/build.js';
export type { Graph, GraphRevision } from './graph/graph.js';
export { historyRange } from './graph/history.js';
export { planDowngrade, planUndo } from './plan/downgrade.js';
export { type NewRevision, planRevision } from './plan/merge.js';
export type { Direction, MergeFate, Plan, StampPlan, Step } from './plan/plan.js';
export { planStamp } from './plan/stamp.js';
export { planUpgrade } from './plan/upgrade.js';
export type {
  BatchContext,
  BatchDefinition,
  BatchResult,
  Mark,
  RowChange,
  RowContext,
  Throttle,
  UndoResult,
} from './revision/batches.js';
export { type CheckDefinition, defineRevision, type RevisionDefinition } from './revision/define.js';
export { readRevisionFolder } from './revision/folder.js';
export type {
  CodeDb,
  Header,
  Requirement,
  Revision,
  RevisionBody,
  RevisionContext,
} from './revision/revision.js';
export type { Event, EventListener } from './run/events.js';
export type { StepOptions } from './run/options.js';
export type { StepResult } from './run/run.js';
export type { CheckAnswer } from './run/verification.js';
export { LIBRARY_VERSION } from './version.js';
