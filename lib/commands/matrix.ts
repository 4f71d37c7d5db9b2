import type { Fact } from '../fingerprint/fact.js';
import type { Identification } from '../fingerprint/identify.js';
import type { FoundState } from './status.js';

/** A database that people still have, and what is expected of it. */
export interface MatrixStart {
  /** SQL files, run one after the other in a database of their own. */
  readonly sql?: string | readonly string[] | undefined;
  /** Instead of them, or before them: a file of facts, as `revgraph facts` prints them, that a schema is made of. */
  readonly facts?: string | undefined;
  /** Rows planted on top: a file (its name ends in `.sql`), or the SQL itself; or several of them. */
  readonly rows?: string | readonly string[] | undefined;
  /** A stamp by word instead of by evidence. */
  readonly stamp?: { readonly revision: string; readonly reason: string } | undefined;
  readonly expect?: MatrixExpectation | undefined;
  /** Whether what a false version table left out is run before the upgrade. Default false: such a start is refused. */
  readonly repair?: boolean | undefined;
  /** Whether it goes down again, below what was run, and up. Default true. */
  readonly downgrade?: boolean | undefined;
}

/** What must be found; what isn't said may be anything. */
export interface MatrixExpectation {
  readonly state?: FoundState | undefined;
  readonly stamp?: string | readonly string[] | undefined;
  /** How many revisions are run, for every target or by target. */
  readonly run?: number | Readonly<Record<string, number>> | undefined;
  /** It must be refused, by any refusal or by the one with this code, and nothing may be written. */
  readonly refused?: true | string | undefined;
}

/** A question about the data at the end of a path: the first value of its first row is compared as text. */
export interface MatrixCheck {
  readonly title: string;
  readonly sql: string;
  readonly expect: string | number | boolean | null;
  /** Only after these starts. Default: all. */
  readonly starts?: readonly string[] | undefined;
  /** Only at these targets. Default: all. */
  readonly targets?: readonly string[] | undefined;
}

export interface MatrixOptions {
  /** The folder of the revisions, with its catalogue. */
  readonly revisions: string;
  /** Starts by name. `fresh` and `release VERSION` are names that are taken. */
  readonly starts?: Readonly<Record<string, MatrixStart>> | undefined;
  /** Version → its revisions. */
  readonly releases?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Whether an empty database is a start. Default true. */
  readonly fresh?: boolean | undefined;
  /** Whether every release, made by a fresh upgrade to its revisions, is a start. Default true. */
  readonly releaseStarts?: boolean | undefined;
  /** Only these starts. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** Targets of `upgrade`, or releases. Default `heads`. */
  readonly targets?: readonly string[] | undefined;
  readonly checks?: readonly MatrixCheck[] | undefined;
  /** URL of a server whose role may create databases. Default: PGlite in memory. */
  readonly on?: string | undefined;
  /** How many paths are walked side by side. Default 2 on PGlite, 4 on a server. */
  readonly concurrency?: number | undefined;
  readonly versionTable?: string | undefined;
  readonly schema?: string | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly onEvent?: ((event: MatrixEvent) => void) | undefined;
  /** Honoured between the stages of a path and between revisions. Whatever was made is dropped. */
  readonly signal?: AbortSignal | undefined;
}

export type MatrixEvent =
  | { readonly type: 'path-started'; readonly start: string; readonly target: string; readonly total: number }
  | { readonly type: 'path-finished'; readonly path: MatrixPath; readonly total: number };

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
  readonly refused: { readonly code: string; readonly message: string } | null;
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

/**
 * Walks every upgrade path: restores each start, finds out what it is, stamps it by evidence, upgrades it to each target, asks
 * the checks, compares the schema with a fresh install's, runs again, and goes down and up again. A path that fails is in the
 * result, and the others go on.
 *
 * @throws before anything is made: `usage` for a start that isn't there, a file that is missing or no start at all, what
 * is wrong with the revisions and their catalogue, SQL that can't be parsed; `aborted`
 */
export async function runMatrix(options: MatrixOptions): Promise<MatrixResult> {
  const { walkAll } = await import('./matrix-walking.js');
  return walkAll(options);
}
