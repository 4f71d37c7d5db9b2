import type { DatabaseSource } from '../database/connection/session.js';
import type { OptionsOf } from '../options/option.js';
import type { DATABASE, PROJECT, RUN } from '../options/table.js';
import type { RevisionSource } from '../project/project.js';
import type { Releases } from '../project/releases.js';
import type { CheckDefinition } from '../revision/object-body.js';
import type { EventListener } from '../run/events.js';

/** Where the revisions are. Every option is in the table, `lib/options/table.ts`. */
export interface ProjectOptions extends OptionsOf<typeof PROJECT> {
  /** A folder, revisions as objects, or what `loadProject` gave. */
  readonly revisions: RevisionSource;
  /** Releases by version: results name them, and targets may be releases. Default: none. */
  readonly releases?: Releases | undefined;
}

/** Where the database is and how it is read. */
export interface DatabaseOptions extends ProjectOptions, OptionsOf<typeof DATABASE> {
  /** A URL, a pool, a connected client or a PGlite instance. There is no default. */
  readonly database: DatabaseSource;
  /** What has to hold besides the `@verify` checks of applied revisions. Default: nothing. */
  readonly checks?: readonly CheckDefinition[] | undefined;
  readonly onEvent?: EventListener | undefined;
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
export interface RunOptions extends DatabaseOptions, OptionsOf<typeof RUN> {
  /** The database that is meant; any other is refused before anything is read (`wrong_database`). Default: none. */
  readonly expect?: Expect | undefined;
  /** A backup that must be there. Default: none. */
  readonly backup?: Backup | undefined;
  /** What is big and what is long for the preflight. */
  readonly limits?: PreflightLimits | undefined;
}

/** The user's word over the evidence; the ledger keeps the reason and the evidence. */
export interface Override {
  readonly revision: string | readonly string[];
  readonly reason: string;
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
export interface PreflightLimits {
  /** From how many rows on a table is big. Default 100,000. */
  readonly bigTableRows?: number | undefined;
  /** From how many seconds on another session's transaction is long. Default 60. */
  readonly longTransactionSeconds?: number | undefined;
}
