import type { DatabaseSource } from '../database/connection/session.js';
import type { OptionsOf } from '../options/option.js';
import type { DATABASE, PROJECT, RUN } from '../options/table.js';
import type { RevisionSource } from '../project/project.js';
import type { Releases } from '../project/releases.js';
import type { CheckDefinition } from '../revision/object-body.js';
import type { RunHooks } from '../run/code/hooks.js';
import type { EventListener, Logger } from '../run/events.js';

/** Where the revisions are. Every option is in the table, `lib/options/table.ts`. */
export interface ProjectOptions extends OptionsOf<typeof PROJECT> {
  /** A folder, a list of revisions, or the result of `loadProject`. */
  readonly revisions: RevisionSource;
  /** Releases by version: results name them, and targets may be releases. Default: none. */
  readonly releases?: Releases | undefined;
  /** What releases run on: version → comparators, `>=REV` (is applied) and `<REV` (is not). Default: where their revisions ran. */
  readonly runsOn?: Readonly<Record<string, string>> | undefined;
}

/** Where the database is and how it is read. */
export interface DatabaseOptions extends ProjectOptions, OptionsOf<typeof DATABASE> {
  /** A URL, a pool, a connected client or a PGlite instance. No default. */
  readonly database: DatabaseSource;
  /** Checks besides the `@verify` checks of applied revisions. Default: none. */
  readonly checks?: readonly CheckDefinition[] | undefined;
  readonly onEvent?: EventListener | undefined;
  /** One line per event. Default: none. */
  readonly logger?: Logger | undefined;
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
export interface RunOptions extends DatabaseOptions, OptionsOf<typeof RUN> {
  /** The expected database. Any other is refused before anything is read (`wrong_database`). Default: none. */
  readonly expect?: Expect | undefined;
  /** Functions around a run. Default: none. */
  readonly hooks?: RunHooks | undefined;
  /** A backup that must exist. Default: none. */
  readonly backup?: Backup | undefined;
  /** What is big and what is long for the preflight. */
  readonly limits?: PreflightLimits | undefined;
}

/** A target that overrules the evidence. The ledger stores the reason and the evidence. */
export interface Override {
  readonly revision: string | readonly string[];
  readonly reason: string;
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

/** What is big and what is long for the preflight. */
export interface PreflightLimits {
  /** From how many rows on a table is big. Default 100,000. */
  readonly bigTableRows?: number | undefined;
  /** Age in seconds from which a transaction of another session is long. Default 60. */
  readonly longTransactionSeconds?: number | undefined;
}
