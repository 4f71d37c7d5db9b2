import type * as revgraph from '../lib/index.js';

/** What was run, or would be. */
export type Run = Pick<revgraph.ApplyResult, 'direction' | 'from' | 'to' | 'steps' | 'dryRun'>;
/** A script, in the place of what would be run. */
type Script = Omit<revgraph.ScriptResult, 'text'> & { readonly sql: string };
type Reports = Pick<revgraph.BackfillOrder, 'backfills'>;

type Downgrade =
  | (Run & Pick<revgraph.ApplyResult, 'losses' | 'kept'> & Pick<revgraph.Plan, 'merges'>)
  | Script;

/**
 * The documents of `--json`, by the names of their schemas. Keys may be added to them; none is renamed or taken away.
 */
export interface Documents {
  accept: revgraph.Decided;
  'backfill-accept': revgraph.BackfillOrder & { readonly rows: number };
  'backfill-cancel': revgraph.BackfillOrder;
  'backfill-forget': { readonly revision: string; readonly forgotten: number };
  'backfill-pause': revgraph.BackfillOrder;
  'backfill-dry-run': revgraph.BackfillPreviewResult;
  'backfill-resume': revgraph.BackfillOrder;
  'backfill-retry': revgraph.BackfillOrder & { readonly rows: number };
  'backfill-status': Reports;
  'backfill-undo': revgraph.UndoResult & { readonly revision: string };
  'backfill-work': revgraph.WorkResult;
  baseline: revgraph.BaselineResult;
  bases: { readonly bases: readonly revgraph.RevisionEntry[] };
  boot: revgraph.BootResult;
  branches: { readonly branches: readonly revgraph.BranchEntry[] };
  'catalogue-build': {
    readonly file: string;
    readonly revisions: readonly {
      readonly revision: string;
      readonly adds: number;
      readonly removes: number;
    }[];
    readonly kept: number;
  };
  'catalogue-check': Pick<revgraph.CatalogueCheck, 'ok' | 'file' | 'stale'>;
  check: revgraph.CheckResult & { readonly against: revgraph.Against | null };
  completion: { readonly shell: string; readonly script: string };
  current: revgraph.Status;
  doctor: revgraph.DoctorResult;
  downgrade: Downgrade;
  /** What is printed where a command fails, and nothing else of it. */
  error: {
    readonly error: {
      readonly code: string;
      readonly message: string;
      readonly hint: string | null;
      readonly details: object;
    };
  };
  explain: revgraph.Explanation;
  facts: { readonly facts: readonly revgraph.Fact[] };
  forget: revgraph.Decided;
  graph: revgraph.Picture & { readonly format: string; readonly output: string | null };
  heads: { readonly heads: readonly revgraph.RevisionEntry[]; readonly tips: readonly revgraph.TipEntry[] };
  history: { readonly revisions: readonly revgraph.HistoryEntry[] };
  identify: revgraph.IdentifyResult;
  init: revgraph.InitResult;
  log: revgraph.LogResult;
  matrix: revgraph.MatrixResult;
  merge: revgraph.NewFile;
  preflight: revgraph.PreflightResult;
  repair: (Run & Pick<revgraph.RepairResult, 'revisions' | 'findings'>) | revgraph.DriftRepair;
  retry: revgraph.Retried;
  revision: revgraph.NewFile;
  show: { readonly revisions: readonly revgraph.ShownRevision[] };
  squash: revgraph.SquashResult;
  stamp: Omit<revgraph.StampResult, 'plan'> | (Omit<revgraph.StampScript, 'text'> & { readonly sql: string });
  status: revgraph.ProvenStatus;
  switch: Omit<Run, 'direction'> & { readonly direction: 'switch' } & Pick<
      revgraph.ApplyResult,
      'losses' | 'kept'
    >;
  undo: Downgrade;
  upgrade: (Run & Pick<revgraph.UpgradeResult, 'proof'>) | Script;
  verify: revgraph.VerifyResult | revgraph.IdempotenceResult;
}
