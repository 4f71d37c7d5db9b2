import type { MatrixSettings } from '../config/matrix.js';
import type { FoundState } from '../evidence/examine.js';
import type { Fact } from '../fingerprint/fact.js';
import type { Identification } from '../fingerprint/identify.js';
import type { Logger, WithLevel } from '../run/events.js';

export interface MatrixOptions extends MatrixSettings {
  /** Only these starts. Default: all. */
  readonly only?: readonly string[] | undefined;
  readonly onEvent?: ((event: MatrixEvent) => void) | undefined;
  readonly logger?: Logger | undefined;
  /** Honoured between the stages of a path and between revisions. Whatever was made is dropped. */
  readonly signal?: AbortSignal | undefined;
}

/** As it is emitted: without its level. */
export type MatrixEventBody =
  | { readonly type: 'path-started'; readonly start: string; readonly target: string; readonly total: number }
  | { readonly type: 'path-finished'; readonly path: MatrixPath; readonly total: number };

/** The events of a matrix, told apart by `type`. */
export type MatrixEvent = WithLevel<MatrixEventBody>;

export const MATRIX_STAGES = [
  'restore',
  'identify',
  'stamp',
  'upgrade',
  'checks',
  'schema',
  'second run',
  'down and up',
] as const;

export type MatrixStage = (typeof MATRIX_STAGES)[number];

/** What went wrong, and where on the path. */
export interface MatrixFailure {
  readonly stage: MatrixStage;
  /** Code of the error; null where nothing was thrown, but something else was found than expected. */
  readonly code: string | null;
  readonly message: string;
  readonly hint: string | null;
}

export interface MatrixAnswer {
  readonly title: string;
  readonly expected: string;
  readonly found: string;
  readonly ok: boolean;
}

/** One start brought to one target. What wasn't reached is null. */
export interface MatrixPath {
  readonly start: string;
  readonly target: string;
  readonly ok: boolean;
  readonly state: FoundState | null;
  readonly match: Identification['match'] | null;
  /** Release that the evidence shows. */
  readonly release: string | null;
  /** Objects that differed from that, and were accepted as they are: the end is compared without them. */
  readonly drift: readonly string[];
  /** Rows that were stamped; null if nothing was. */
  readonly stamp: readonly string[] | null;
  /** Revisions that were run. */
  readonly run: readonly string[] | null;
  readonly checks: readonly MatrixAnswer[] | null;
  /** Facts of known objects, comments apart, against those of a fresh install at the same revisions. */
  readonly schema: {
    readonly equal: boolean;
    readonly missing: readonly Fact[];
    readonly unexpected: readonly Fact[];
    /** Objects that no revision touches. */
    readonly foreign: number;
  } | null;
  /** Revisions that a second run ran: none, if all is well. */
  readonly secondRun: readonly string[] | null;
  readonly downAndUp: {
    /** Why it wasn't tried; null if it was. */
    readonly skipped: string | null;
    /** Revisions that were taken away, and came again. */
    readonly revisions: number;
  } | null;
  /** The refusal that was expected, and came; nothing was written. */
  readonly refused: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
  readonly failures: readonly MatrixFailure[];
  /** Milliseconds per stage, and of all of it. */
  readonly times: { readonly [S in MatrixStage]?: number };
  readonly ms: number;
}

export interface MatrixResult {
  /** Whether every path is as it should be. */
  readonly ok: boolean;
  /** Where the databases were made. */
  readonly on: string;
  readonly ms: number;
  readonly paths: readonly MatrixPath[];
}
