import { isAbsolute, join } from 'node:path';
import type { Config } from './config.js';
import type { MatrixCheck, MatrixOptions, MatrixStart } from './matrix.js';

/** `matrix` in a configuration. Paths are relative to its file. */
export interface MatrixConfig {
  readonly starts?: Readonly<Record<string, MatrixStart>> | undefined;
  readonly targets?: readonly string[] | undefined;
  readonly checks?: readonly MatrixCheck[] | undefined;
  readonly on?: string | undefined;
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
      sql: [start.sql].flat().map(place),
      rows: [start.rows ?? []].flat().map((rows) => (isFile(rows) ? place(rows) : rows)),
    },
  ]);
  return { ...matrix, starts: Object.fromEntries(starts) };
}

/**
 * The options of `runMatrix` that a configuration means.
 * @param revisions the folder, where the configuration doesn't say it
 */
export function matrixOptions(config: Config, revisions = './revisions'): MatrixOptions {
  const { releases: releaseStarts, ...matrix } = config.matrix ?? {};
  return {
    ...matrix,
    releaseStarts,
    revisions: config.revisions ?? revisions,
    releases: config.releases,
    versionTable: config.versionTable,
    schema: config.schema,
    connectTimeoutMs: config.connectTimeoutMs,
  };
}
