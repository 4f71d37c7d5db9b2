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
      sql: [start.sql ?? []].flat().map(place),
      facts: start.facts === undefined ? undefined : place(start.facts),
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

/** The same with other targets: how many revisions are run is only expected of those that the configuration meant. */
export function withTargets(options: MatrixOptions, targets: readonly string[] | undefined): MatrixOptions {
  if (targets === undefined) return options;
  const starts = Object.entries(options.starts ?? {}).map(([name, start]) => {
    if (typeof start.expect?.run !== 'number') return [name, start] as const;
    const { run: _, ...expect } = start.expect;
    return [name, { ...start, expect }] as const;
  });
  return { ...options, targets, starts: Object.fromEntries(starts) };
}
