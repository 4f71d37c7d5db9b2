import type { DatabaseSource } from '../database/session.js';
import type { CheckDefinition } from '../revision/define.js';
import type { StepOptions } from '../run/options.js';
import type { RevisionSource } from './project.js';

/** Versions of the product that owns the revisions → the revisions that each ends in. */
export type Releases = Readonly<Record<string, string | readonly string[]>>;

/** Where the revisions are. */
export interface ProjectOptions {
  /** A folder, revisions as objects, or what `loadProject` gave. */
  readonly revisions: RevisionSource;
  /** Releases by version: results name them, and targets may be releases. Default: none. */
  readonly releases?: Releases | undefined;
  /** The oldest release whose databases are still upgraded; one of `releases`. Default: none. */
  readonly minimum?: string | undefined;
}

/** Where the database is and how it is read. */
export interface DatabaseOptions extends ProjectOptions {
  /** A URL, a pool, a connected client or a PGlite instance. There is no default. */
  readonly database: DatabaseSource;
  /** Name of the version table. Default `revgraph_version`; an `alembic_version` that the graph knows is used in place. */
  readonly versionTable?: string | undefined;
  /** Schema of the version table, and first of the search path of every step. Default: the connection's own. */
  readonly schema?: string | undefined;
  /** How long to wait for a server to answer, in ms. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** What an id in the version table means that the graph doesn't have. Default `refuse`. */
  readonly unknownRows?: 'refuse' | 'warn' | 'allow' | undefined;
  /** What has to hold besides the `@verify` checks of applied revisions. Default: nothing. */
  readonly checks?: readonly CheckDefinition[] | undefined;
  readonly onEvent?: StepOptions['onEvent'];
  readonly signal?: AbortSignal | undefined;
}

/** How a run is kept from meeting another. */
export interface RunOptions extends DatabaseOptions, StepOptions {
  /** `advisory` (default): an advisory lock of PostgreSQL. `off`: for engines that have none (pg-mem), at your own risk. */
  readonly lock?: 'advisory' | 'off' | undefined;
  /** How long to wait for another run, in ms. Default 300,000. */
  readonly lockWaitMs?: number | undefined;
  /**
   * `after` (default): when an upgrade has run something, the checks of all applied revisions, and `checks` if nothing is
   * pending, are asked; `verify_failed` if one fails. `off`: they are not.
   */
  readonly verify?: 'after' | 'off' | undefined;
  /** Plan only: nothing is locked, nothing is written. Default false. */
  readonly dryRun?: boolean | undefined;
}
