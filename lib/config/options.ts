import type { DatabaseSource } from '../database/connection/session.js';
import type { RevisionSource } from '../project/project.js';
import type { Releases } from '../project/releases.js';
import type { CheckDefinition } from '../revision/object-body.js';
import type { StepOptions } from '../run/options.js';

/** Where the revisions are. */
export interface ProjectOptions {
  /** A folder, a list of revisions, or the result of `loadProject`. */
  readonly revisions: RevisionSource;
  /** Releases by version: results name them, and targets may be releases. Default: none. */
  readonly releases?: Releases | undefined;
  /** The oldest release whose databases are still upgraded; one of `releases`. Default: none. */
  readonly minimum?: string | undefined;
}

/** Where the database is and how it is read. */
export interface DatabaseOptions extends ProjectOptions {
  /** A URL, a pool, a connected client or a PGlite instance. No default. */
  readonly database: DatabaseSource;
  /** Name of the version table. Default `revgraph_version`, or an existing `alembic_version` whose rows are in the graph. */
  readonly versionTable?: string | undefined;
  /** Schema of the version table, and first in the search path of every step. Default: that of the connection. */
  readonly schema?: string | undefined;
  /** How long to wait for a server to answer, in ms. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** What to do if the version table has ids that are not in the graph. Default `refuse`. */
  readonly unknownRows?: 'refuse' | 'warn' | 'allow' | undefined;
  /** Checks besides the `@verify` checks of applied revisions. Default: none. */
  readonly checks?: readonly CheckDefinition[] | undefined;
  readonly onEvent?: StepOptions['onEvent'];
  readonly signal?: AbortSignal | undefined;
}

/** The expected database. All given keys must match; of a list, one value must match. */
export interface Expect {
  /** The name of the database. */
  readonly database?: string | readonly string[] | undefined;
  /** The host of the URL or the connection, or the address at which the server answers. The embedded database has none. */
  readonly host?: string | readonly string[] | undefined;
  /** `SELECT system_identifier FROM pg_control_system()`. A server and its physical replicas share it. */
  readonly systemIdentifier?: string | readonly string[] | undefined;
  /** The setting `revgraph.label`, as set by `ALTER DATABASE name SET revgraph.label = 'production'`. */
  readonly label?: string | readonly string[] | undefined;
}

/** Options of a run: the lock, and the checks before and after it. */
export interface RunOptions extends DatabaseOptions, StepOptions {
  /** `advisory` (default): take an advisory lock. `off`: for engines without advisory locks (pg-mem), at your own risk. */
  readonly lock?: 'advisory' | 'off' | undefined;
  /** How long to wait for another run, in ms. Default 300,000. */
  readonly lockWaitMs?: number | undefined;
  /**
   * `after` (default): when an upgrade has run something, run the checks of all applied revisions, and `checks` if nothing is
   * pending; `verify_failed` if one fails. `off`: skip them.
   */
  readonly verify?: 'after' | 'off' | undefined;
  /** Only make the plan: nothing is locked or written. Default false. */
  readonly dryRun?: boolean | undefined;
  /** The expected database. Any other is refused before anything is read (`wrong_database`). Default: none. */
  readonly expect?: Expect | undefined;
  /** A backup that must exist. Default: none. */
  readonly backup?: Backup | undefined;
  /** `check` (default): run the preflight before step one (`preflight_refused`). `off`: skip it. */
  readonly preflight?: 'check' | 'off' | undefined;
  readonly limits?: Limits | undefined;
}

/** A backup that must exist before anything runs: a file, a command that finds it, or both. */
export interface Backup {
  /** A file or a folder. With `*` and `?`, the newest match. */
  readonly file?: string | undefined;
  /** A shell command. Exit value 0 means that the backup exists. The ledger stores the first 1 KB of its output. */
  readonly command?: string | undefined;
  /** Maximum age of the file, in hours. Default 24. */
  readonly maxAgeHours?: number | undefined;
  /** Minimum size of the file, in bytes. Default 1. */
  readonly minBytes?: number | undefined;
  /** Time limit of the command, in seconds. Default 60. */
  readonly timeoutSeconds?: number | undefined;
}

/** Thresholds of the preflight. */
export interface Limits {
  /** Number of rows from which a table is big. Default 100,000. */
  readonly bigTableRows?: number | undefined;
  /** Age in seconds from which a transaction of another session is long. Default 60. */
  readonly longTransactionSeconds?: number | undefined;
}
