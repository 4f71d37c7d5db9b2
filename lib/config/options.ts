import type { DatabaseSource } from '../database/connection/session.js';
import type { RevisionSource } from '../project/project.js';
import type { Releases } from '../project/releases.js';
import type { CheckDefinition } from '../revision/object-body.js';
import type { StepOptions } from '../run/options.js';

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

/** The database that is meant. What is named must be so; of a list, one of it. */
export interface Expect {
  /** Its name. */
  readonly database?: string | readonly string[] | undefined;
  /** The host of the URL or the connection, or the address at which the server answers. The embedded database has none. */
  readonly host?: string | readonly string[] | undefined;
  /** `SELECT system_identifier FROM pg_control_system()`: the same for a server and its physical replicas. */
  readonly systemIdentifier?: string | readonly string[] | undefined;
  /** What `ALTER DATABASE name SET revgraph.label = 'production'` says. */
  readonly label?: string | readonly string[] | undefined;
}

/** How a run is kept from meeting another, and from what can be known before it begins. */
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
  /** The database that is meant; any other is refused before anything is read (`wrong_database`). Default: none. */
  readonly expect?: Expect | undefined;
  /** A backup that must be there. Default: none. */
  readonly backup?: Backup | undefined;
  /** `check` (default): what would fail is looked for before step one (`preflight_refused`). `off`: it is not. */
  readonly preflight?: 'check' | 'off' | undefined;
  readonly limits?: Limits | undefined;
}

/** A backup that must be there before anything runs: a file, a command that finds it, or both. */
export interface Backup {
  /** A file or a folder; with `*` and `?` the newest that fits. */
  readonly file?: string | undefined;
  /** For the shell; exit value 0 says that the backup is there. What it prints is kept in the ledger, 1 KB of it. */
  readonly command?: string | undefined;
  /** How old the file may be. Default 24. */
  readonly maxAgeHours?: number | undefined;
  /** How small the file may be. Default 1. */
  readonly minBytes?: number | undefined;
  /** How long the command may take. Default 60. */
  readonly timeoutSeconds?: number | undefined;
}

/** What is big and what is long for the preflight. */
export interface Limits {
  /** From how many rows on a table is big. Default 100,000. */
  readonly bigTableRows?: number | undefined;
  /** From how many seconds on another session's transaction is long. Default 60. */
  readonly longTransactionSeconds?: number | undefined;
}
