import { isAbsolute, join } from 'node:path';
import type { OptionsOf } from '../options/option.js';
import type { DATABASE } from '../options/table.js';
import type { Releases } from '../project/releases.js';

/** `matrix` in a configuration. Paths are relative to its file. */
export interface MatrixConfig {
  /** Starts by name. `fresh` and `release VERSION` are names that are taken. */
  readonly starts?: Readonly<Record<string, MatrixStart>> | undefined;
  /** Targets of `upgrade`, or releases. Default `heads`. */
  readonly targets?: readonly string[] | undefined;
  readonly checks?: readonly MatrixCheck[] | undefined;
  /** URL of a server whose role may create databases. Default: PGlite in memory. */
  readonly on?: string | undefined;
  /** How many paths are walked side by side. Default 2 on PGlite, 4 on a server. */
  readonly concurrency?: number | undefined;
  /** Whether an empty database is a start. Default true. */
  readonly fresh?: boolean | undefined;
  /** Whether every release is a start. Default true. */
  readonly releases?: boolean | undefined;
}

/** What planted rows are told by: a file, or SQL. */
export const isFile = (rows: string): boolean => rows.endsWith('.sql');

/** The same, with paths from the working directory. */
export function matrixIn(folder: string, matrix: MatrixConfig): MatrixConfig {
  if (matrix.starts === undefined) return matrix;
  const place = (file: string): string => (isAbsolute(file) ? file : join(folder, file));
  const starts = Object.entries(matrix.starts).map(([name, start]) => [
    name,
    {
      ...start,
      sql: [start.sql ?? []].flat().map(place),
      facts: start.facts === undefined ? undefined : place(start.facts),
      rows: [start.rows ?? []].flat().map((rows) => (isFile(rows) ? place(rows) : rows)),
    },
  ]);
  return { ...matrix, starts: Object.fromEntries(starts) };
}

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

/** States that `identify` tells. */
export const EXPECTED_STATES = [
  'empty',
  'legacy',
  'behind',
  'current',
  'ahead',
  'missed',
  'lost',
  'below',
  'halfway',
  'contradicted',
  'unidentified',
] as const;

/** What must be found; what isn't said may be anything. */
export interface MatrixExpectation {
  readonly state?: (typeof EXPECTED_STATES)[number] | undefined;
  readonly stamp?: string | readonly string[] | undefined;
  /** How many revisions are run, for every target or by target. */
  readonly run?: number | Readonly<Record<string, number>> | undefined;
  /** It must be refused, by any refusal or by the one with this code, and nothing may be written. */
  readonly refused?: true | string | undefined;
  /** Objects that differ (`index public.item_price`): exactly these, which are accepted and left as they are. */
  readonly drift?: readonly string[] | undefined;
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

/** What a matrix walks, as a configuration says it. */
export interface MatrixSettings
  extends Omit<MatrixConfig, 'releases'>,
    OptionsOf<Pick<typeof DATABASE, 'versionTable' | 'schema' | 'connectTimeoutMs'>> {
  /** The folder of the revisions, with its catalogue. */
  readonly revisions: string;
  /** Version → its revisions. */
  readonly releases?: Releases | undefined;
  /** Whether every release, made by a fresh upgrade to its revisions, is a start. Default true. */
  readonly releaseStarts?: boolean | undefined;
}
