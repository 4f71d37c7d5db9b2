export type { KeptDowngrade } from './access/kept.js';
export type { State } from './access/state.js';
export type { Status } from './access/status.js';
export type { ApplyResult } from './apply/apply.js';
export type { CheckAnswer } from './apply/ask-checks.js';
export type { PreflightOptions, PreflightResult } from './apply/checklist.js';
export type { AcceptOptions, Decided, ForgetOptions } from './apply/decide.js';
export type { IdempotenceOptions, IdempotenceResult } from './apply/idempotence.js';
export { losses } from './apply/losses.js';
export type { ScriptOptions, ScriptResult } from './apply/plan-script.js';
export type { Retried, RetryOptions } from './apply/retry.js';
export type { ChangedTable } from './apply/second-pass.js';
export type { VerifyOptions, VerifyResult } from './apply/verify.js';
export type { BackfillPreview } from './backfill/preview.js';
export type { BackfillOptions, BackfillOrder } from './background/orders.js';
export type { BackfillPreviewOptions, BackfillPreviewResult } from './background/preview.js';
export type { BackfillReport, BackfillStatus } from './background/report.js';
export type { UnfinishedWork, WorkedRevision, WorkOptions, WorkResult } from './background/work.js';
export { boot } from './boot/boot.js';
export type { BootOptions, BootPolicy, ReadinessOptions } from './boot/options.js';
export type { BootResult } from './boot/position.js';
export { type Readiness, readiness } from './boot/readiness.js';
export type { ReadinessAnswer } from './boot/readiness-check.js';
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
} from './commands/backfill.js';
export { buildCatalogue, checkCatalogue } from './commands/catalogue.js';
export { type Against, type CheckOptions, check } from './commands/check.js';
export { accept, forget, retry } from './commands/decisions.js';
export { doctor } from './commands/doctor.js';
export {
  type DowngradeOptions,
  downgrade,
  type SwitchOptions,
  type SwitchResult,
  switchDatabase,
  undo,
} from './commands/downgrade.js';
export { facts } from './commands/facts.js';
export { identify } from './commands/identify.js';
export { type InitOptions, type InitResult, init } from './commands/init.js';
export {
  type BranchEntry,
  bases,
  branches,
  type HistoryEntry,
  type HistoryOptions,
  heads,
  history,
  type Picture,
  type PictureDatabase,
  type PictureEdge,
  type PictureNode,
  type PictureOptions,
  type PictureState,
  picture,
  type RevisionEntry,
  type ShownRevision,
  show,
  type TipEntry,
  tips,
} from './commands/list.js';
export { type LogEntry, type LogOptions, type LogResult, log } from './commands/log.js';
export { runMatrix } from './commands/matrix.js';
export { preflight } from './commands/preflight.js';
export { repair, repairDrift } from './commands/repair.js';
export {
  type BaselineOptions,
  type BaselineResult,
  baseline,
  type MergeOptions,
  merge,
  type NewFile,
  type RevisionOptions,
  revision,
  type SquashOptions,
  type SquashResult,
  squash,
} from './commands/revision.js';
export { script } from './commands/script.js';
export { stamp } from './commands/stamp.js';
export {
  type ExplainOptions,
  type Explanation,
  explain,
  type RevisionState,
  status,
} from './commands/status.js';
export type { UpgradeResult } from './commands/upgrade.js';
export { type UpgradeOptions, upgrade } from './commands/upgrade.js';
export { verify, verifyIdempotent } from './commands/verify.js';
export { defineConfig, matrixOptions, readConfig, withTargets } from './config/config.js';
export type { MatrixCheck, MatrixConfig, MatrixExpectation, MatrixStart } from './config/matrix.js';
export type {
  Backup,
  DatabaseOptions,
  Expect,
  Override,
  PreflightLimits,
  ProjectOptions,
  RunOptions,
} from './config/options.js';
export type { Config } from './config/schema.js';
export type { Bulk } from './database/bulk/bulk.js';
export type { CopyIntoResult } from './database/bulk/copy.js';
export type {
  InsertManyOptions,
  InsertManyResult,
  UpdateManyOptions,
  UpdateManyResult,
  UpsertManyOptions,
  UpsertManyResult,
} from './database/bulk/options.js';
export type { DatabaseSource, PGliteLike, PoolLike, Queryable } from './database/connection/session.js';
export {
  type ErrorCode,
  type ErrorDetails,
  isRevgraphError,
  type Problem,
  RevgraphError,
} from './errors/error.js';
export { EXIT, type ExitValue } from './errors/exit-values.js';
export type { CatalogueBuild, CatalogueOptions } from './evidence/building/build.js';
export type { CatalogueCheck } from './evidence/catalogue-fit.js';
export type { DoctorFinding, DoctorResult } from './evidence/doctor.js';
export type { IdentifyOptions, IdentifyResult } from './evidence/identify.js';
export type { DriftRepair, RepairDriftOptions } from './evidence/mending/repair-drift.js';
export type { ProvenStatus } from './evidence/mending/status.js';
export type { RepairOptions, RepairResult, RepairReview } from './evidence/repair.js';
export type { StampResult, StampScript } from './evidence/stamp.js';
export type { StampOptions } from './evidence/stamp-target.js';
export type { Fact } from './fingerprint/fact.js';
export { buildGraph } from './graph/build.js';
export type { Graph, GraphNode, GraphRevision } from './graph/graph.js';
export { historyRange } from './graph/history.js';
export type {
  MatrixAnswer,
  MatrixEvent,
  MatrixFailure,
  MatrixOptions,
  MatrixPath,
  MatrixResult,
  MatrixStage,
} from './matrix/result.js';
export { OPTIONS } from './options/functions.js';
export type { Option } from './options/option.js';
export { planDowngrade, planUndo } from './plan/downgrade.js';
export { type NewRevision, planRevision } from './plan/merge.js';
export type { Direction, MergeFate, Plan, StampPlan, Step } from './plan/plan.js';
export { planStamp } from './plan/stamp.js';
export { planUpgrade } from './plan/upgrade.js';
export type { DataLoss, PreflightCheck } from './preflight/lines/line.js';
export type { CheckProblem, CheckProposal, CheckResult } from './project/check.js';
export { loadProject, type Project, type RevisionSource } from './project/project.js';
export type { Releases } from './project/releases.js';
export type {
  BatchContext,
  BatchDefinition,
  BatchResult,
  CodeDb,
  CodeResult,
  QueryConfig,
  RowChange,
  RowContext,
  Throttle,
  UndoResult,
} from './revision/batches.js';
export { defineRevision } from './revision/define.js';
export { readRevisionFolder } from './revision/folder.js';
export type { Header } from './revision/header/assemble.js';
export type { BackfillMark } from './revision/header/batch-tag.js';
export type { Requirement } from './revision/header/tag-value.js';
export type { CheckDefinition, RevisionDefinition } from './revision/object-body.js';
export type { Revision, RevisionBody, RevisionContext } from './revision/revision.js';
export { writeWhole } from './revision/whole-file.js';
export type { HookContext, RunHooks } from './run/code/hooks.js';
export {
  EVENT_LEVELS,
  type Event,
  type EventLevel,
  type EventListener,
  type EventOf,
  type EventType,
  type Logger,
} from './run/events.js';
export type { StepOptions } from './run/options.js';
export type { StepResult } from './run/run.js';
export { LIBRARY_VERSION } from './version.js';
